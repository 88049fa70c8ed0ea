import type { CompanyAnswer, CompanyListItem, CompanyPerson } from '../../shared/api.ts'
import { Due } from './due.tsx'
import type { Frame } from './layout.tsx'
import { Layout, siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { Ago, Engagement, nameOf, StageBadge, Tile, Trend, Under } from './parts.tsx'
import { type Column, Table } from './table.tsx'
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
  const { t } = useLocale()
  const domain = domainOf(company)
  return (
    <div class="head">
      <div class="who">
        <p class="quiet">
          <StageBadge stage={company.stage} /> {t.company.strongest} · {t.list.lastSeen}{' '}
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

function People({ company, now }: { company: CompanyAnswer; now: number }) {
  const { t, f } = useLocale()
  const more = company.peopleCount - company.people.length
  const columns: Column<CompanyPerson>[] = [
    {
      title: t.list.who,
      names: true,
      cell: (person) => (
        <>
          <a href={`/leads/${encodeURIComponent(person.id)}`}>
            <bdi>{nameOf(person)}</bdi>
          </a>
          <StageBadge stage={person.stage} narrow />
          <Under
            parts={[person.role, person.name ? person.email : null, person.owner]}
            seen={person.lastSeenAt}
            now={now}
          />
        </>
      ),
    },
    {
      title: t.list.stage,
      from: 'wide',
      cell: ({ stage, dueAt }) => (
        <>
          <StageBadge stage={stage} />
          <Due at={dueAt} now={now} />
        </>
      ),
    },
    { title: t.list.engagement, cell: ({ engagement }) => <Engagement points={engagement} /> },
    { title: t.list.trend, from: 'wide', cell: ({ trend }) => <Trend trend={trend} /> },
    { title: t.list.visits, number: true, from: 'roomy', cell: ({ visits }) => f.count(visits) },
    {
      title: t.list.seen,
      nowrap: true,
      from: 'wide',
      cell: ({ lastSeenAt }) => <Ago at={lastSeenAt} now={now} />,
    },
  ]
  return (
    <section class="card flush" aria-label={t.companies.people}>
      <Table look="list" rows={company.people} columns={columns} />
      {more > 0 ? <p class="rest quiet">{t.company.more(f.count(more))}</p> : null}
    </section>
  )
}

/** How its people moved, so that one sees the team come closer. */
function Moves({ company, now }: { company: CompanyAnswer; now: number }) {
  const { t, f } = useLocale()
  const names = new Map(company.people.map((person) => [person.id, nameOf(person)]))
  return (
    <section class="card" aria-labelledby="moves">
      <h2 id="moves">{t.lead.stages}</h2>
      {company.moves.length === 0 ? <p class="quiet">{t.lead.noStages}</p> : null}
      <ol class="moves">
        {company.moves.map((move) => (
          <li>
            <p>
              <StageBadge stage={move.from} /> <span aria-hidden="true">→</span>
              <span class="unseen">{t.lead.to}</span> <StageBadge stage={move.to} />{' '}
              <a href={`/leads/${encodeURIComponent(move.lead)}`}>
                <bdi>{names.get(move.lead) ?? move.lead}</bdi>
              </a>
            </p>
            <p class="quiet">
              <time datetime={move.effectiveAt}>{f.day(move.effectiveAt, now)}</time> ·{' '}
              <bdi>{t.sentence(move.why)}</bdi>
            </p>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** One company: who of it is here, how close to buying, and what they read. */
export function Company({ frame, company, now }: CompanyProps) {
  const { t, f } = useLocale()
  return (
    <Layout title={company.name} frame={frame}>
      <p class="crumbs">
        <a href={siteUrl('/companies', frame.site)}>{t.nav.companies}</a>
      </p>
      <Head company={company} now={now} />
      <dl class="tiles">
        <Tile label={t.companies.people} value={f.count(company.peopleCount)} />
        <Tile label={t.list.visits} value={f.count(company.visits)} />
        <Tile label={t.list.views} value={f.count(company.pageViews)} />
        <Tile label={t.list.engagedTime} value={f.duration(company.engagedMs)} />
      </dl>
      <People company={company} now={now} />
      <div class="columns">
        <TopPages pages={company.topPages} none={t.company.noPages} />
        <Moves company={company} now={now} />
      </div>
    </Layout>
  )
}
