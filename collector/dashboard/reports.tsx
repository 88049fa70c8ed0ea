import type {
  ChannelsReport,
  ContentReport,
  FunnelReport,
  RulesReport,
  SalesReport,
  StepCounts,
  VelocityReport,
} from '../../shared/api.ts'
import { DAY, formatCount, formatDay, formatDuration, formatPercent, formatShare } from './format.ts'
import type { Frame } from './layout.tsx'
import { Layout, siteUrl } from './layout.tsx'
import { Bar, Tile } from './parts.tsx'

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

const rate = (share: number | null): string => (share === null ? '\u2013' : formatPercent(share))
const words = (name: string): string => name.replaceAll('_', ' ')

function Funnel({ steps }: FunnelReport) {
  const most = Math.max(1, ...steps.filter(({ step }) => step !== 'visitor').map(({ count }) => count))
  return (
    <section class="card" aria-labelledby="funnel">
      <h2 id="funnel">Funnel</h2>
      <table class="bars">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" class="number">
              People
            </th>
            <th scope="col" class="number">
              Of leads
            </th>
          </tr>
        </thead>
        <tbody>
          {steps.map(({ step, count, ofLeads }) => (
            <tr>
              <td class="under">
                {/* Visitors are so many that nothing could be seen of the others. */}
                {step === 'visitor' ? null : <Bar share={(100 * count) / most} kind="tint" />}
                <span class="path">{STEP_NAMES[step]}</span>
              </td>
              <td class="number">{formatCount(count)}</td>
              <td class="number">{rate(ofLeads)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        Leads that became known in this range, by how far they have come. An SQL need not have been an MQL.
      </p>
    </section>
  )
}

const days = (count: number | null): string => (count === null ? '\u2013' : formatCount(count))

function Velocity({ steps }: VelocityReport) {
  return (
    <section class="card" aria-labelledby="velocity">
      <h2 id="velocity">Velocity</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" class="number">
              Took it
            </th>
            <th scope="col" class="number">
              Half by day
            </th>
            <th scope="col" class="number">
              90% by day
            </th>
          </tr>
        </thead>
        <tbody>
          {steps.map(({ from, to, people, arrived, days: by }) => (
            <tr>
              <th scope="row">
                {from === 'lead' ? 'Lead' : STEP_NAMES[from]} to{' '}
                {to === 'won' ? 'won' : to === 'accepted' ? 'accepted' : STEP_NAMES[to]}
              </th>
              <td class="number">{formatShare(arrived, people)}</td>
              <td class="number">{days(by.p50)}</td>
              <td class="number">{days(by.p90)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        Who is still under way counts with the time so far; a dash where so many never have.
      </p>
    </section>
  )
}

function Sales({ sales }: { sales: SalesReport }) {
  const { sqls, accepted, breaches, minutesToAccept, won } = sales
  const wait = (minutes: number | null) => (minutes === null ? '\u2013' : formatDuration(minutes * 60_000))
  return (
    <dl class="tiles">
      <Tile label="SQLs" value={formatCount(sqls)} />
      <Tile label="Accepted by sales" value={formatShare(accepted, sqls)} note={formatCount(accepted)} />
      <Tile
        label="Time to accept, half"
        value={wait(minutesToAccept.p50)}
        note={`9 of 10 within ${wait(minutesToAccept.p90)}`}
      />
      <Tile label="Not answered in time" value={formatCount(breaches)} />
      <Tile label="Won" value={formatCount(won)} note={`${formatShare(won, sqls)} of SQLs`} />
    </dl>
  )
}

function Steps(props: {
  title: string
  first: string
  rows: (StepCounts & { name: string; kind?: string | null })[]
  none: string
  note?: string
}) {
  const id = `by-${props.title.toLowerCase().replaceAll(' ', '-')}`
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{props.title}</h2>
      {props.rows.length === 0 ? (
        <p class="quiet">{props.none}</p>
      ) : (
        <table class="ways">
          <thead>
            <tr>
              <th scope="col">{props.first}</th>
              <th scope="col" class="number">
                Leads
              </th>
              <th scope="col" class="number">
                MQL
              </th>
              <th scope="col" class="number">
                SQL
              </th>
              <th scope="col" class="number roomy">
                Accepted
              </th>
              <th scope="col" class="number">
                Won
              </th>
              <th scope="col" class="number wide">
                MQL to SQL
              </th>
            </tr>
          </thead>
          <tbody>
            {props.rows.slice(0, SHOWN).map((row) => (
              <tr>
                <th scope="row" class="path">
                  <bdi>{row.name}</bdi>
                  {row.kind ? <span class="quiet"> {row.kind}</span> : null}
                </th>
                <td class="number">{formatCount(row.leads)}</td>
                <td class="number">{formatCount(row.mql)}</td>
                <td class="number">{formatCount(row.sql)}</td>
                <td class="number roomy">{formatCount(row.accepted)}</td>
                <td class="number">{formatCount(row.won)}</td>
                <td class="number wide">{rate(row.rates.mqlToSql)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {props.note ? <p class="quiet">{props.note}</p> : null}
    </section>
  )
}

function Rules({ rules }: { rules: RulesReport }) {
  const losing = rules.rules.filter(({ won, lost }) => won === 0 && lost >= ENOUGH)
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
          <table class="ways">
            <thead>
              <tr>
                <th scope="col">Rule</th>
                <th scope="col" class="number roomy">
                  Handed over
                </th>
                <th scope="col" class="number">
                  Won
                </th>
                <th scope="col" class="number">
                  Lost
                </th>
                <th scope="col" class="number">
                  Win rate
                </th>
                <th scope="col" class="wide">
                  Rejected most for
                </th>
              </tr>
            </thead>
            <tbody>
              {rules.rules
                .slice(0, 2 * SHOWN)
                .map(({ label, handedOver, won, lost, winRate, rejections }) => (
                  <tr>
                    <th scope="row">
                      <bdi>{label}</bdi>
                    </th>
                    <td class="number roomy">{formatCount(handedOver)}</td>
                    <td class="number">{formatCount(won)}</td>
                    <td class="number">{formatCount(lost)}</td>
                    <td class="number">{rate(winRate)}</td>
                    <td class="wide">
                      {rejections[0] ? `${words(rejections[0].reason)} (${rejections[0].count})` : '\u2013'}
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
          <p class="quiet">
            By the rules whose points stood when sales took the lead in hand. Of all,{' '}
            {formatShare(rules.won, rules.won + rules.lost)} were won.
          </p>
        </>
      )}
    </section>
  )
}

function Rejections({ reasons, rejected }: SalesReport) {
  const all = reasons.reduce((sum, { count }) => sum + count, 0)
  return (
    <section class="card" aria-labelledby="rejections">
      <h2 id="rejections">Rejection reasons</h2>
      {reasons.length === 0 ? (
        <p class="quiet">Sales has rejected nobody in this range.</p>
      ) : (
        <table class="bars">
          <thead>
            <tr>
              <th scope="col">Reason</th>
              <th scope="col" class="number">
                Times
              </th>
              <th scope="col" class="number">
                Share
              </th>
            </tr>
          </thead>
          <tbody>
            {reasons.map(({ reason, count }) => (
              <tr>
                <td class="under">
                  <Bar share={(100 * count) / all} kind="tint" />
                  <span class="path">{words(reason)}</span>
                </td>
                <td class="number">{formatCount(count)}</td>
                <td class="number">{formatShare(count, all)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p class="quiet">{formatCount(rejected)} leads of this range have been rejected at some time.</p>
    </section>
  )
}

/** How leads become customers, by which ways, and what sales makes of them. */
export function ReportsPage({ frame, days: range, reports, now }: ReportsProps) {
  const { funnel, velocity, sales, channels, content, rules } = reports
  return (
    <Layout title="Reports" frame={frame}>
      <div class="head">
        <div>
          <h1>Reports</h1>
          <p class="quiet">
            Leads that became known from {formatDay(funnel.from, now)} to {formatDay(funnel.to, now)}, as they
            stand now
          </p>
        </div>
        <nav class="pills" aria-label="Range">
          {REPORT_RANGES.map((one) => (
            <a
              href={`${siteUrl('/reports', frame.site)}&days=${one}`}
              aria-current={one === range ? 'true' : undefined}
            >
              {one} days
            </a>
          ))}
        </nav>
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
