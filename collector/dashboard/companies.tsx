import type { CompanyListItem, Page } from '../../shared/api.ts'
import { companyUrl, domainOf } from './company.tsx'
import type { Frame } from './layout.tsx'
import { Layout, siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { Ago, StageBadge, Under } from './parts.tsx'
import { IdentifyCall } from './setup.tsx'
import { type Column, List, Pager } from './table.tsx'

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

/** Buying teams: who is closest to buying first. */
export function Companies({ frame, companies, first, origin, now }: CompaniesProps) {
  const { t, f } = useLocale()
  const columns: Column<CompanyListItem>[] = [
    {
      title: t.companies.company,
      names: true,
      cell: (company) => (
        <>
          <a href={companyUrl(company.site, company.key)}>
            <bdi>{company.name}</bdi>
          </a>
          <Under parts={[domainOf(company)]} seen={company.lastSeenAt} now={now} />
        </>
      ),
    },
    { title: t.list.stage, cell: ({ stage }) => <StageBadge stage={stage} /> },
    { title: t.companies.people, number: true, cell: ({ peopleCount }) => f.count(peopleCount) },
    { title: t.list.visits, number: true, from: 'roomy', cell: ({ visits }) => f.count(visits) },
    { title: t.list.views, number: true, from: 'wide', cell: ({ pageViews }) => f.count(pageViews) },
    {
      title: t.list.engaged,
      number: true,
      nowrap: true,
      from: 'wide',
      cell: ({ engagedMs }) => f.duration(engagedMs),
    },
    {
      title: t.list.seen,
      nowrap: true,
      from: 'wide',
      cell: ({ lastSeenAt }) => <Ago at={lastSeenAt} now={now} />,
    },
  ]
  return (
    <Layout title={t.nav.companies} frame={frame}>
      <div class="head">
        <div>
          <h1>{t.nav.companies}</h1>
          <p class="quiet">{t.companies.what}</p>
        </div>
      </div>
      <List
        label={t.nav.companies}
        rows={companies.items}
        columns={columns}
        empty={
          <>
            <h2>{t.companies.none}</h2>
            <p>{t.companies.how}</p>
            <IdentifyCall origin={origin} site={frame.site} />
          </>
        }
      />
      <Pager url={siteUrl('/companies', frame.site)} first={first} next={companies.next} />
    </Layout>
  )
}
