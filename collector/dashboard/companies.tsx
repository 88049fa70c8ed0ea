import type { CompanyListItem, Page } from '../../shared/api.ts'
import { companyUrl, domainOf } from './company.tsx'
import { formatCount, formatDuration } from './format.ts'
import type { Frame } from './layout.tsx'
import { Layout, siteUrl } from './layout.tsx'
import { Ago, StageBadge } from './parts.tsx'
import { IdentifyCall } from './setup.tsx'

/** Rows of a page of the list: a screen and a half. */
export const COMPANIES_A_PAGE = 50

export interface CompaniesProps {
  frame: Frame & { site: string }
  companies: Page<CompanyListItem>
  /** Whether these are the first ones of the list. */
  first: boolean
  origin: string
  now: number
}

function Row({ company, now }: { company: CompanyListItem; now: number }) {
  const domain = domainOf(company)
  return (
    <tr>
      <th scope="row">
        <a href={companyUrl(company.site, company.key)}>
          <bdi>{company.name}</bdi>
        </a>
        {domain ? (
          <span class="quiet">
            <bdi>{domain}</bdi>
          </span>
        ) : null}
        {/* On a narrow screen there is no room for a column of it. */}
        <span class="quiet only-narrow">
          seen <Ago at={company.lastSeenAt} now={now} />
        </span>
      </th>
      <td>
        <StageBadge stage={company.stage} />
      </td>
      <td class="number">{formatCount(company.peopleCount)}</td>
      <td class="number roomy">{formatCount(company.visits)}</td>
      <td class="number wide">{formatCount(company.pageViews)}</td>
      <td class="number nowrap wide">{formatDuration(company.engagedMs)}</td>
      <td class="nowrap wide">
        <Ago at={company.lastSeenAt} now={now} />
      </td>
    </tr>
  )
}

function Table({ companies, now }: { companies: CompanyListItem[]; now: number }) {
  return (
    <table class="leads">
      <thead>
        <tr>
          <th scope="col">Company</th>
          <th scope="col">Stage</th>
          <th scope="col" class="number">
            People
          </th>
          <th scope="col" class="number roomy">
            Visits
          </th>
          <th scope="col" class="number wide">
            Page views
          </th>
          <th scope="col" class="number wide">
            Engaged
          </th>
          <th scope="col" class="wide">
            Last seen
          </th>
        </tr>
      </thead>
      <tbody>
        {companies.map((company) => (
          <Row company={company} now={now} />
        ))}
      </tbody>
    </table>
  )
}

function Empty({ frame, origin }: CompaniesProps) {
  return (
    <div class="empty">
      <h2>No companies yet</h2>
      <p>
        A company is here once somebody of it left a work e-mail, or a name of the company, in a form that
        your server passes on:
      </p>
      <IdentifyCall origin={origin} site={frame.site} />
    </div>
  )
}

function Pager({ frame, companies, first }: CompaniesProps) {
  if (first && companies.next === null) return null
  const list = siteUrl('/companies', frame.site)
  return (
    <nav class="pager" aria-label="Pages of the list">
      {first ? null : <a href={list}>Back to the first</a>}
      {companies.next === null ? null : (
        <a rel="next" href={`${list}&cursor=${encodeURIComponent(companies.next)}`}>
          More
        </a>
      )}
    </nav>
  )
}

/** Buying teams: who is closest to buying first. */
export function Companies(props: CompaniesProps) {
  const { companies, now } = props
  return (
    <Layout title="Companies" frame={props.frame}>
      <div class="head">
        <div>
          <h1>Companies</h1>
          <p class="quiet">People of one work-e-mail domain, or one company name, together.</p>
        </div>
      </div>
      <section class="card flush" aria-label="Companies">
        {companies.items.length === 0 ? (
          <Empty {...props} />
        ) : (
          <Table companies={companies.items} now={now} />
        )}
      </section>
      <Pager {...props} />
    </Layout>
  )
}
