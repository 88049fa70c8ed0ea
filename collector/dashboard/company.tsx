import type { CompanyAnswer, CompanyListItem, CompanyPerson } from '../../shared/api.ts'
import { formatCount, formatDuration } from './format.ts'
import type { Frame } from './layout.tsx'
import { Layout, siteUrl } from './layout.tsx'
import { Ago, Engagement, nameOf, StageBadge, Tile, Trend } from './parts.tsx'
import { TopPages } from './top-pages.tsx'

export interface CompanyProps {
  frame: Frame & { site: string }
  company: CompanyAnswer
  now: number
}

/** Where the page of a company is. Keys hold what a path cannot: `name:acme`. */
export const companyUrl = (site: string, key: string): string =>
  siteUrl(`/companies/${encodeURIComponent(key)}`, site)

/** The key, where it is a domain that the name does not say already. */
export const domainOf = ({ key, name }: Pick<CompanyListItem, 'key' | 'name'>): string | null =>
  key.startsWith('name:') || key === name ? null : key

function Head({ company, now }: { company: CompanyAnswer; now: number }) {
  const domain = domainOf(company)
  return (
    <div class="head">
      <div class="who">
        <p class="quiet">
          <StageBadge stage={company.stage} /> the strongest of its people · last seen{' '}
          <Ago at={company.lastSeenAt} now={now} />
        </p>
        <h1>
          <bdi>{company.name}</bdi>
        </h1>
        {domain ? (
          <p>
            <bdi>{domain}</bdi>
          </p>
        ) : null}
      </div>
    </div>
  )
}

function Row({ person, now }: { person: CompanyPerson; now: number }) {
  const under = [person.role, person.name ? person.email : null].filter(Boolean)
  return (
    <tr>
      <th scope="row">
        <a href={`/leads/${encodeURIComponent(person.id)}`}>
          <bdi>{nameOf(person)}</bdi>
        </a>
        {under.length > 0 ? (
          <span class="quiet">
            <bdi>{under.join(' · ')}</bdi>
          </span>
        ) : null}
        {/* On a narrow screen there is no room for a column of it. */}
        <span class="quiet only-narrow">
          seen <Ago at={person.lastSeenAt} now={now} />
        </span>
      </th>
      <td>
        <StageBadge stage={person.stage} />
      </td>
      <td>
        <Engagement points={person.engagement} />
      </td>
      <td class="wide">
        <Trend trend={person.trend} />
      </td>
      <td class="number roomy">{formatCount(person.visits)}</td>
      <td class="nowrap wide">
        <Ago at={person.lastSeenAt} now={now} />
      </td>
    </tr>
  )
}

function People({ company, now }: { company: CompanyAnswer; now: number }) {
  const more = company.peopleCount - company.people.length
  return (
    <section class="card flush" aria-label="People">
      <table class="leads">
        <thead>
          <tr>
            <th scope="col">Who</th>
            <th scope="col">Stage</th>
            <th scope="col">Engagement</th>
            <th scope="col" class="wide">
              Trend
            </th>
            <th scope="col" class="number roomy">
              Visits
            </th>
            <th scope="col" class="wide">
              Last seen
            </th>
          </tr>
        </thead>
        <tbody>
          {company.people.map((person) => (
            <Row person={person} now={now} />
          ))}
        </tbody>
      </table>
      {more > 0 ? <p class="rest quiet">And {formatCount(more)} more, all weaker than these.</p> : null}
    </section>
  )
}

/** One company: who of it is here, how close to buying, and what they read. */
export function Company({ frame, company, now }: CompanyProps) {
  return (
    <Layout title={company.name} frame={frame}>
      <p class="crumbs">
        <a href={siteUrl('/companies', frame.site)}>Companies</a>
      </p>
      <Head company={company} now={now} />
      <dl class="tiles">
        <Tile label="People" value={formatCount(company.peopleCount)} />
        <Tile label="Visits" value={formatCount(company.visits)} />
        <Tile label="Page views" value={formatCount(company.pageViews)} />
        <Tile label="Engaged time" value={formatDuration(company.engagedMs)} />
      </dl>
      <People company={company} now={now} />
      <TopPages pages={company.topPages} none="No page that its people viewed is known." />
    </Layout>
  )
}
