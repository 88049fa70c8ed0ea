import type {
  ChannelsReport,
  ContentReport,
  FunnelReport,
  RulesReport,
  SalesReport,
  StepCounts,
  VelocityReport,
} from '../../shared/api.ts'
import { DAY, type Formats } from './format.ts'
import type { Frame } from './layout.tsx'
import { Layout, siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { Bar, Tile } from './parts.tsx'
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

const STEP_NAMES: Record<FunnelReport['steps'][number]['step'], string> = {
  visitor: 'Visitors',
  lead: 'Leads',
  mql: 'MQL',
  sql: 'SQL',
  accepted: 'Accepted',
  opportunity: 'Opportunity',
  won: 'Won',
}

const rate = (f: Formats, share: number | null): string => (share === null ? '\u2013' : f.percent(share))
const words = (name: string): string => name.replaceAll('_', ' ')

function Funnel({ steps }: FunnelReport) {
  const { f } = useLocale()
  const most = Math.max(1, ...steps.filter(({ step }) => step !== 'visitor').map(({ count }) => count))
  const columns: Column<FunnelReport['steps'][number]>[] = [
    {
      title: 'Step',
      class: 'under',
      cell: ({ step, count }) => (
        <>
          {/* Visitors are so many that nothing could be seen of the others. */}
          {step === 'visitor' ? null : <Bar share={(100 * count) / most} kind="tint" />}
          <span class="path">{STEP_NAMES[step]}</span>
        </>
      ),
    },
    { title: 'People', number: true, cell: ({ count }) => f.count(count) },
    { title: 'Of leads', number: true, cell: ({ ofLeads }) => rate(f, ofLeads) },
  ]
  return (
    <section class="card" aria-labelledby="funnel">
      <h2 id="funnel">Funnel</h2>
      <Table look="bars" rows={steps} columns={columns} />
      <p class="quiet">
        Leads that became known in this range, by how far they have come. An SQL need not have been an MQL.
      </p>
    </section>
  )
}

function Velocity({ steps }: VelocityReport) {
  const { f } = useLocale()
  const days = (count: number | null): string => (count === null ? '\u2013' : f.count(count))
  const columns: Column<VelocityReport['steps'][number]>[] = [
    {
      title: 'Step',
      names: true,
      cell: ({ from, to }) =>
        `${from === 'lead' ? 'Lead' : STEP_NAMES[from]} to ${to === 'won' || to === 'accepted' ? to : STEP_NAMES[to]}`,
    },
    { title: 'Took it', number: true, cell: ({ arrived, people }) => f.share(arrived, people) },
    { title: 'Half by day', number: true, cell: (step) => days(step.days.p50) },
    { title: '90% by day', number: true, cell: (step) => days(step.days.p90) },
  ]
  return (
    <section class="card" aria-labelledby="velocity">
      <h2 id="velocity">Velocity</h2>
      <Table rows={steps} columns={columns} />
      <p class="quiet">
        Who is still under way counts with the time so far; a dash where so many never have.
      </p>
    </section>
  )
}

function Sales({ sales }: { sales: SalesReport }) {
  const { f } = useLocale()
  const { sqls, accepted, breaches, minutesToAccept, won } = sales
  const wait = (minutes: number | null) => (minutes === null ? '\u2013' : f.duration(minutes * 60_000))
  return (
    <dl class="tiles">
      <Tile label="SQLs" value={f.count(sqls)} />
      <Tile label="Accepted by sales" value={f.share(accepted, sqls)} note={f.count(accepted)} />
      <Tile
        label="Time to accept, half"
        value={wait(minutesToAccept.p50)}
        note={`9 of 10 within ${wait(minutesToAccept.p90)}`}
      />
      <Tile label="Not answered in time" value={f.count(breaches)} />
      <Tile label="Won" value={f.count(won)} note={`${f.share(won, sqls)} of SQLs`} />
    </dl>
  )
}

type Way = StepCounts & { name: string; kind?: string | null }

function Steps(props: { title: string; first: string; rows: Way[]; none: string; note?: string }) {
  const { f } = useLocale()
  const id = `by-${props.title.toLowerCase().replaceAll(' ', '-')}`
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
    { title: 'Leads', number: true, cell: ({ leads }) => f.count(leads) },
    { title: 'MQL', number: true, cell: ({ mql }) => f.count(mql) },
    { title: 'SQL', number: true, cell: ({ sql }) => f.count(sql) },
    { title: 'Accepted', number: true, from: 'roomy', cell: ({ accepted }) => f.count(accepted) },
    { title: 'Won', number: true, cell: ({ won }) => f.count(won) },
    { title: 'MQL to SQL', number: true, from: 'wide', cell: ({ rates }) => rate(f, rates.mqlToSql) },
  ]
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{props.title}</h2>
      {props.rows.length === 0 ? (
        <p class="quiet">{props.none}</p>
      ) : (
        <Table look="ways" rows={props.rows.slice(0, SHOWN)} columns={columns} />
      )}
      {props.note ? <p class="quiet">{props.note}</p> : null}
    </section>
  )
}

function Rules({ rules }: { rules: RulesReport }) {
  const { f } = useLocale()
  const losing = rules.rules.filter(({ won, lost }) => won === 0 && lost >= ENOUGH)
  const columns: Column<RulesReport['rules'][number]>[] = [
    { title: 'Rule', names: true, cell: ({ label }) => <bdi>{label}</bdi> },
    { title: 'Handed over', number: true, from: 'roomy', cell: ({ handedOver }) => f.count(handedOver) },
    { title: 'Won', number: true, cell: ({ won }) => f.count(won) },
    { title: 'Lost', number: true, cell: ({ lost }) => f.count(lost) },
    { title: 'Win rate', number: true, cell: ({ winRate }) => rate(f, winRate) },
    {
      title: 'Rejected most for',
      from: 'wide',
      cell: ({ rejections: [most] }) => (most ? `${words(most.reason)} (${most.count})` : '\u2013'),
    },
  ]
  return (
    <section class="card" aria-labelledby="rules">
      <h2 id="rules">Rules that win, and those that do not</h2>
      {rules.rules.length === 0 ? (
        <p class="quiet">Nobody of this range has been handed over to sales yet.</p>
      ) : (
        <>
          {losing.length > 0 ? (
            <p class="doubt">Never won: {losing.map(({ label }) => label).join(', ')}.</p>
          ) : null}
          <Table look="ways" rows={rules.rules.slice(0, 2 * SHOWN)} columns={columns} />
          <p class="quiet">
            By the rules whose points stood when sales took the lead in hand. Of all,{' '}
            {f.share(rules.won, rules.won + rules.lost)} were won.
          </p>
        </>
      )}
    </section>
  )
}

function Rejections({ reasons, rejected }: SalesReport) {
  const { f } = useLocale()
  const all = reasons.reduce((sum, { count }) => sum + count, 0)
  const columns: Column<SalesReport['reasons'][number]>[] = [
    {
      title: 'Reason',
      class: 'under',
      cell: ({ reason, count }) => (
        <>
          <Bar share={(100 * count) / all} kind="tint" />
          <span class="path">{words(reason)}</span>
        </>
      ),
    },
    { title: 'Times', number: true, cell: ({ count }) => f.count(count) },
    { title: 'Share', number: true, cell: ({ count }) => f.share(count, all) },
  ]
  return (
    <section class="card" aria-labelledby="rejections">
      <h2 id="rejections">Rejection reasons</h2>
      {reasons.length === 0 ? (
        <p class="quiet">Sales has rejected nobody in this range.</p>
      ) : (
        <Table look="bars" rows={reasons} columns={columns} />
      )}
      <p class="quiet">{f.count(rejected)} leads of this range have been rejected at some time.</p>
    </section>
  )
}

/** How leads become customers, by which ways, and what sales makes of them. */
export function ReportsPage({ frame, days: range, reports, now }: ReportsProps) {
  const { t, f } = useLocale()
  const { funnel, velocity, sales, channels, content, rules } = reports
  return (
    <Layout title="Reports" frame={frame}>
      <div class="head">
        <div>
          <h1>Reports</h1>
          <p class="quiet">
            Leads that became known from {f.day(funnel.from, now)} to {f.day(funnel.to, now)}, as they stand
            now
          </p>
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
          <Funnel {...funnel} />
        </div>
        <div class="stack">
          <Velocity {...velocity} />
        </div>
      </div>
      <Steps
        title="Channels"
        first="First came by"
        rows={channels.channels.map((row) => ({
          ...row,
          name: row.name || row.kind || 'no visit known',
          kind: row.name ? row.kind : null,
        }))}
        none="Nobody became known in this range."
      />
      <div class="columns">
        <div class="stack">
          <Rules rules={rules} />
        </div>
        <div class="stack">
          <Rejections {...sales} />
        </div>
      </div>
      <div class="columns halves">
        <Steps
          title="Entry pages"
          first="First page"
          rows={channels.entryPages.map((row) => ({ ...row, name: row.path ?? 'not known' }))}
          none="Nobody became known in this range."
        />
        <div class="stack">
          <Steps
            title="Downloads"
            first="File"
            rows={content.files.map((row) => ({ ...row, name: row.path }))}
            none="No lead of this range has downloaded anything."
            note="Steps count that came after the download."
          />
          <Steps
            title="Campaigns"
            first="First campaign"
            rows={channels.campaigns}
            none="No lead of this range came by a campaign."
          />
        </div>
      </div>
    </Layout>
  )
}

/** The first moment of a range that ends now: whole UTC days, today being one of them; the last is over then. */
export const reportRange = (count: number, at: number): [from: number, to: number] => {
  const today = Math.floor(at / DAY) * DAY
  return [today - (count - 1) * DAY, today + DAY - 1]
}
