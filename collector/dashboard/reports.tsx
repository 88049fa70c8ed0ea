import type {
  ChannelsReport,
  CohortsReport,
  ContentReport,
  FunnelReport,
  RulesReport,
  SalesReport,
  StepCounts,
  VelocityReport,
} from '../../shared/reports.ts'
import { Cohorts } from './cohorts.tsx'
import { DAY, type Formats } from './format.ts'
import type { Frame } from './layout.tsx'
import { Layout, siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { Bar, Tile } from './parts.tsx'
import type { Strings } from './strings/en.ts'
import { type Column, Table, Tabs } from './table.tsx'

/** Days that the range picker offers: leads need weeks to months. */
export const REPORT_RANGES = [30, 91, 365]
export const DEFAULT_REPORT_RANGE = 91
/** Lines shown of each list; the API has more. */
const SHOWN = 10
/** Hand-overs that have ended from which a rule that never won is named as one: fewer are chance. */
const ENOUGH = 5

export interface Reports {
  funnel: FunnelReport
  velocity: VelocityReport
  cohorts: CohortsReport
  sales: SalesReport
  channels: ChannelsReport
  content: ContentReport
  rules: RulesReport
}

export interface ReportsProps {
  frame: Frame & { site: string }
  days: number
  reports: Reports
  now: number
}

const rate = (f: Formats, share: number | null): string => (share === null ? '\u2013' : f.percent(share))
const daysIn = (f: Formats, count: number | null): string => (count === null ? '\u2013' : f.count(count))

/** Reasons are those of a list; older ones may be none of them. */
const reasonName = (t: Strings, reason: string): string =>
  Object.hasOwn(t.reasons, reason) ? t.reasons[reason as keyof Strings['reasons']] : reason

type Step = FunnelReport['steps'][number]

function Funnel({ funnel: { steps }, velocity }: { funnel: FunnelReport; velocity: VelocityReport }) {
  const { t, f } = useLocale()
  const wayTo = ({ step }: Step) => velocity.steps.find(({ to }) => to === step)
  const most = Math.max(1, ...steps.filter(({ step }) => step !== 'visitor').map(({ count }) => count))
  const columns: Column<FunnelReport['steps'][number]>[] = [
    {
      title: t.reports.step,
      class: 'under',
      cell: ({ step, count }) => (
        <>
          {/* Visitors are so many that nothing could be seen of the others. */}
          {step === 'visitor' ? null : <Bar share={(100 * count) / most} kind="tint" />}
          <span class="path">{t.reports.steps[step]}</span>
        </>
      ),
    },
    { title: t.reports.people, number: true, cell: ({ count }) => f.count(count) },
    { title: t.reports.ofLeads, number: true, cell: ({ ofLeads }) => rate(f, ofLeads) },
    {
      title: t.reports.ofBefore,
      number: true,
      from: 'wide',
      cell: (step) => {
        const way = wayTo(step)
        return way ? f.share(way.arrived, way.people) : '\u2013'
      },
    },
    {
      title: t.reports.halfBy,
      number: true,
      from: 'wide',
      cell: (step) => daysIn(f, wayTo(step)?.days.p50 ?? null),
    },
  ]
  return (
    <section class="card" aria-labelledby="funnel">
      <h2 id="funnel">{t.reports.funnel}</h2>
      <Table look="bars" rows={steps} columns={columns} />
      <p class="quiet">{t.reports.funnelNote}</p>
    </section>
  )
}

function Velocity({ steps }: VelocityReport) {
  const { t, f } = useLocale()
  const columns: Column<VelocityReport['steps'][number]>[] = [
    {
      title: t.reports.step,
      names: true,
      cell: ({ from, to }) => t.reports.way(t.stages[from], t.reports.arriving[to]),
    },
    { title: t.reports.took, number: true, cell: ({ arrived, people }) => f.share(arrived, people) },
    { title: t.reports.halfByDay, number: true, cell: (step) => daysIn(f, step.days.p50) },
    { title: t.reports.mostByDay, number: true, cell: (step) => daysIn(f, step.days.p90) },
  ]
  return (
    <section class="card" aria-labelledby="velocity">
      <h2 id="velocity">{t.reports.velocity}</h2>
      <Table rows={steps} columns={columns} />
      <p class="quiet">{t.reports.velocityNote}</p>
    </section>
  )
}

function Sales({ sales }: { sales: SalesReport }) {
  const { t, f } = useLocale()
  const { sqls, accepted, breaches, minutesToAccept, won } = sales
  const wait = (minutes: number | null) => (minutes === null ? '\u2013' : f.duration(minutes * 60_000))
  return (
    <dl class="tiles">
      <Tile label="SQLs" value={f.count(sqls)} />
      <Tile
        label={t.reports.acceptedBySales}
        value={f.share(accepted, sqls)}
        note={sqls > 0 ? f.count(accepted) : undefined}
      />
      <Tile
        label={t.reports.timeToAccept}
        value={wait(minutesToAccept.p50)}
        note={minutesToAccept.p90 === null ? undefined : t.reports.mostWithin(wait(minutesToAccept.p90))}
      />
      <Tile label={t.reports.breaches} value={f.count(breaches)} />
      <Tile
        label={t.reports.steps.won}
        value={f.count(won)}
        note={sqls > 0 ? t.reports.ofSqls(f.share(won, sqls)) : undefined}
      />
    </dl>
  )
}

type Way = StepCounts & { name: string; kind?: string | null }

function Steps(props: {
  id: string
  title: string
  first: string
  rows: Way[]
  none: string
  note?: string
}) {
  const { t, f } = useLocale()
  const { id } = props
  const columns: Column<Way>[] = [
    {
      title: props.first,
      names: true,
      class: 'path',
      cell: ({ name, kind }) => (
        <>
          <bdi>{name}</bdi>
          {kind ? <span class="quiet"> {kind}</span> : null}
        </>
      ),
    },
    { title: t.reports.steps.lead, number: true, cell: ({ leads }) => f.count(leads) },
    { title: t.reports.steps.mql, number: true, cell: ({ mql }) => f.count(mql) },
    { title: t.reports.steps.sql, number: true, cell: ({ sql }) => f.count(sql) },
    {
      title: t.reports.steps.accepted,
      number: true,
      from: 'roomy',
      cell: ({ accepted }) => f.count(accepted),
    },
    { title: t.reports.steps.won, number: true, cell: ({ won }) => f.count(won) },
    { title: t.reports.mqlToSql, number: true, from: 'wide', cell: ({ rates }) => rate(f, rates.mqlToSql) },
  ]
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{props.title}</h2>
      {props.rows.length === 0 ? (
        <p class="quiet">{props.none}</p>
      ) : (
        <Table look="ways" rows={props.rows.slice(0, SHOWN)} columns={columns} />
      )}
      {props.note && props.rows.length > 0 ? <p class="quiet">{props.note}</p> : null}
    </section>
  )
}

function Rules({ rules }: { rules: RulesReport }) {
  const { t, f } = useLocale()
  const losing = rules.rules.filter(({ won, lost }) => won === 0 && lost >= ENOUGH)
  const columns: Column<RulesReport['rules'][number]>[] = [
    { title: t.reports.rule, names: true, cell: ({ label }) => <bdi>{label}</bdi> },
    {
      title: t.reports.handedOver,
      number: true,
      from: 'roomy',
      cell: ({ handedOver }) => f.count(handedOver),
    },
    { title: t.reports.steps.won, number: true, cell: ({ won }) => f.count(won) },
    { title: t.reports.lost, number: true, cell: ({ lost }) => f.count(lost) },
    { title: t.reports.winRate, number: true, cell: ({ winRate }) => rate(f, winRate) },
    {
      title: t.reports.rejectedFor,
      from: 'wide',
      cell: ({ rejections: [most] }) =>
        most ? `${reasonName(t, most.reason)} (${f.count(most.count)})` : '\u2013',
    },
  ]
  return (
    <section class="card" aria-labelledby="rules">
      <h2 id="rules">{t.reports.rules}</h2>
      {rules.rules.length === 0 ? (
        <p class="quiet">{t.reports.noHandOvers}</p>
      ) : (
        <>
          {losing.length > 0 ? (
            <p class="doubt">{t.reports.neverWon(losing.map(({ label }) => label).join(', '))}</p>
          ) : null}
          <Table look="ways" rows={rules.rules.slice(0, 2 * SHOWN)} columns={columns} />
          <p class="quiet">{t.reports.rulesNote(f.share(rules.won, rules.won + rules.lost))}</p>
        </>
      )}
    </section>
  )
}

function Rejections({ reasons, rejected }: SalesReport) {
  const { t, f } = useLocale()
  const all = reasons.reduce((sum, { count }) => sum + count, 0)
  const columns: Column<SalesReport['reasons'][number]>[] = [
    {
      title: t.sales.reason,
      class: 'under',
      cell: ({ reason, count }) => (
        <>
          <Bar share={(100 * count) / all} kind="tint" />
          <span class="path">{reasonName(t, reason)}</span>
        </>
      ),
    },
    { title: t.overview.measures.downloads, number: true, cell: ({ count }) => f.count(count) },
    { title: t.list.share, number: true, cell: ({ count }) => f.share(count, all) },
  ]
  return (
    <section class="card" aria-labelledby="rejections">
      <h2 id="rejections">{t.reports.rejections}</h2>
      {reasons.length === 0 ? (
        <p class="quiet">{t.reports.noRejections}</p>
      ) : (
        <Table look="bars" rows={reasons} columns={columns} />
      )}
      {rejected > 0 ? <p class="quiet">{t.reports.rejected(f.count(rejected))}</p> : null}
    </section>
  )
}

/** How leads become customers, by which ways, and what sales makes of them. */
export function ReportsPage({ frame, days: range, reports, now }: ReportsProps) {
  const { t, f } = useLocale()
  const { funnel, velocity, cohorts, sales, channels, content, rules } = reports
  return (
    <Layout title={t.nav.reports} frame={frame}>
      <div class="head">
        <div>
          <h1>{t.nav.reports}</h1>
          <p class="quiet">{t.reports.about(f.day(funnel.from, now), f.day(funnel.to, now))}</p>
        </div>
        <Tabs
          pills
          label={t.list.range}
          tabs={REPORT_RANGES.map((one) => ({
            name: t.list.days(one),
            href: `${siteUrl('/reports', frame.site)}&days=${one}`,
            here: one === range,
          }))}
        />
      </div>
      <Sales sales={sales} />
      <div class="columns">
        <div class="stack">
          <Funnel funnel={funnel} velocity={velocity} />
          <Cohorts cohorts={cohorts} now={now} />
        </div>
        <div class="stack">
          <Velocity {...velocity} />
          <Rejections {...sales} />
        </div>
      </div>
      <div class="columns halves lists">
        <Steps
          id="by-channel"
          title={t.reports.channels}
          first={t.reports.firstCame}
          rows={channels.channels.map((row) => ({
            ...row,
            name: row.name || (row.kind ? t.sources[row.kind] : t.reports.noVisit),
            kind: row.name && row.kind ? t.sources[row.kind] : null,
          }))}
          none={t.reports.nobody}
        />
        <Steps
          id="by-entry"
          title={t.overview.tops.entry}
          first={t.reports.firstPage}
          rows={channels.entryPages.map((row) => ({ ...row, name: row.path ?? t.list.unknown }))}
          none={t.reports.nobody}
        />
      </div>
      <div class="columns halves lists">
        <Steps
          id="by-campaign"
          title={t.overview.tops.campaign}
          first={t.reports.firstCampaign}
          rows={channels.campaigns}
          none={t.reports.noCampaigns}
        />
        <Steps
          id="by-file"
          title={t.overview.tops.download}
          first={t.reports.file}
          rows={content.files.map((row) => ({ ...row, name: row.path }))}
          none={t.reports.noFiles}
          note={t.reports.filesNote}
        />
      </div>
      <Rules rules={rules} />
    </Layout>
  )
}

/** The first moment of a range that ends now: whole UTC days, today being one of them; the last is over then. */
export const reportRange = (count: number, at: number): [from: number, to: number] => {
  const today = Math.floor(at / DAY) * DAY
  return [today - (count - 1) * DAY, today + DAY - 1]
}
