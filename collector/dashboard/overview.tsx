import type { LeadListItem, StatsAnswer } from '../../shared/api.ts'
import { STAGES } from '../../shared/lead.ts'
import type { Frame } from './layout.tsx'
import { Layout, siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { Ago, Engagement, nameOf, StageBadge, Tile } from './parts.tsx'
import { IdentifyCall, SetUp, type SetUpProps } from './setup.tsx'
import { Tabs } from './table.tsx'
import { TopPages } from './top-pages.tsx'
import { TopValues } from './top-values.tsx'

/** Days that the range picker offers; 91 are thirteen whole weeks. */
export const RANGES = [7, 30, 91]
export const DEFAULT_RANGE = 30

export interface OverviewProps {
  frame: Frame & { site: string }
  name: string
  days: number
  origin: string
  setUp: SetUpProps
  now: number
  stats: StatsAnswer
  hottest: { sql: LeadListItem[]; mql: LeadListItem[] }
}

function Ranges({ site, days }: { site: string; days: number }) {
  const { t } = useLocale()
  const tabs = RANGES.map((range) => ({
    name: t.list.days(range),
    href: `${siteUrl('/', site)}&days=${range}`,
    here: range === days,
  }))
  return <Tabs pills label={t.list.range} tabs={tabs} />
}

function Tiles({ stats }: { stats: StatsAnswer }) {
  const { f } = useLocale()
  const perVisit = stats.visits > 0 ? stats.pageViews / stats.visits : 0
  return (
    <dl class="tiles">
      <Tile
        label="Visitors"
        value={f.count(stats.visitors)}
        {...(stats.visitorsError > 0 && { note: `± ${f.percent(stats.visitorsError)}` })}
      />
      <Tile label="Visits" value={f.count(stats.visits)} />
      <Tile label="Page views" value={f.count(stats.pageViews)} note={`${f.score(perVisit)} a visit`} />
      <Tile
        label="Engaged time"
        value={f.duration(stats.engagedMs)}
        note={`${f.duration(stats.visits > 0 ? stats.engagedMs / stats.visits : 0)} a visit`}
      />
      <Tile
        label="Bounce rate"
        value={f.share(stats.bounces, stats.visits)}
        note={`${f.count(stats.bounces)} of one page`}
      />
      <Tile label="Downloads" value={f.count(stats.downloads)} />
      <Tile label="Cart adds" value={f.count(stats.cartAdds)} />
    </dl>
  )
}

function Stages({ stats }: { stats: StatsAnswer }) {
  const { f } = useLocale()
  return (
    <section class="card" aria-labelledby="stages">
      <h2 id="stages">Stages</h2>
      <ol class="funnel">
        {STAGES.map((stage) => {
          const count = <span class="count">{f.count(stats.stages[stage])}</span>
          const badge = <StageBadge stage={stage} />
          return (
            <li>
              {/* Anonymous visitors have no list: there is nobody to show. */}
              {stage === 'visitor' ? (
                <span class="step">
                  {count}
                  {badge}
                </span>
              ) : (
                <a class="step" href={`${siteUrl('/leads', stats.site)}&stage=${stage}`}>
                  {count}
                  {badge}
                </a>
              )}
            </li>
          )
        })}
      </ol>
      <p class="quiet">Visitors are the anonymous ones of this range; the others stand there now.</p>
    </section>
  )
}

function Hottest(props: {
  stage: 'sql' | 'mql'
  leads: LeadListItem[]
  site: string
  now: number
  hint: string
}) {
  const { t } = useLocale()
  const id = `hottest-${props.stage}`
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>Hottest {t.stages[props.stage]}s</h2>
      {props.leads.length === 0 ? (
        <p class="quiet">{props.hint}</p>
      ) : (
        <ul class="people">
          {props.leads.map((lead) => (
            <li>
              <a href={`/leads/${encodeURIComponent(lead.id)}`}>
                <bdi>{nameOf(lead)}</bdi>
              </a>
              <Engagement points={lead.engagement} />
              <span class="quiet">
                {lead.company ? <bdi>{lead.company}</bdi> : null}
                {lead.company ? ' · ' : null}
                <Ago at={lead.stageSince} now={props.now} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {props.leads.length > 0 ? (
        <p>
          <a href={`${siteUrl('/leads', props.site)}&stage=${props.stage}`}>All {t.stages[props.stage]}s</a>
        </p>
      ) : null}
    </section>
  )
}

function Nobody({ origin, site }: { origin: string; site: string }) {
  return (
    <section class="card">
      <h2>Nobody is identified yet</h2>
      <p>
        Visits come in. A visitor becomes a lead when your form handler says who it is, with everything that
        was read before:
      </p>
      <IdentifyCall origin={origin} site={site} />
    </section>
  )
}

const identified = (stats: StatsAnswer): number =>
  STAGES.reduce((sum, stage) => sum + (stage === 'visitor' ? 0 : stats.stages[stage]), 0)

function Figures({ frame, stats, hottest, origin, now }: OverviewProps) {
  const { f } = useLocale()
  return (
    <>
      <Tiles stats={stats} />
      <Stages stats={stats} />
      <div class="columns">
        <TopPages pages={stats.topPages} none="No page was viewed in this range." />
        {identified(stats) === 0 ? (
          <Nobody origin={origin} site={frame.site} />
        ) : (
          <div class="stack">
            <Hottest
              stage="sql"
              leads={hottest.sql}
              site={frame.site}
              now={now}
              hint="Nobody is ready for sales yet. Who asks for a demo or a quote, or comes often and reads about services and prices, appears here."
            />
            <Hottest
              stage="mql"
              leads={hottest.mql}
              site={frame.site}
              now={now}
              hint="Nobody yet. An identified lead who keeps reading appears here."
            />
          </div>
        )}
      </div>
      <div class="columns">
        <div class="stack">
          <TopValues title="Sources" values={stats.sources} of={stats.visits} />
          <TopValues title="Campaigns" values={stats.campaigns} of={stats.visits} />
        </div>
        <div class="stack">
          <TopValues title="Devices" values={stats.devices} of={stats.visits} />
          <TopValues
            title="Countries"
            values={stats.countries.map((row) => ({ ...row, name: f.country(row.name) }))}
            of={stats.visits}
          />
        </div>
      </div>
    </>
  )
}

export function Overview(props: OverviewProps) {
  const { stats, frame, days } = props
  const { f } = useLocale()
  const silent = stats.visits === 0 && stats.pageViews === 0
  return (
    <Layout title={props.name} frame={frame}>
      <div class="head">
        <div>
          <h1>
            <bdi>{props.name}</bdi>
          </h1>
          <p class="quiet">
            {f.day(stats.from, props.now)} to {f.day(stats.to, props.now)}
          </p>
        </div>
        <Ranges site={frame.site} days={days} />
      </div>
      {silent ? (
        <section class="card">
          <h2>Nothing was recorded in these {days} days</h2>
          <SetUp {...props.setUp} />
        </section>
      ) : null}
      {silent && identified(stats) === 0 ? null : <Figures {...props} />}
    </Layout>
  )
}
