import type { SourceKind } from '../../shared/api.ts'
import type { Stage } from '../../shared/lead.ts'
import type {
  ChannelsReport,
  CohortsReport,
  ContentReport,
  FunnelReport,
  RulesReport,
  SalesReport,
  StagesReport,
  StepCounts,
  VelocityReport,
} from '../../shared/reports.ts'
import { DAY_MS, dayOf } from '../lead/day.ts'
import type { DaysTaken, StateReader, ValueSteps } from '../store/reader.ts'
import type { Site } from '../store/store.ts'
import { cohortsOf } from './cohorts.ts'

export interface ReportAsked {
  /** ms. */
  from: number
  to: number
  now: number
  /** What the rules in force call a rule; undefined of one that is no more. */
  label: (rule: string) => string | undefined
}

export type ReportName =
  | 'cohorts'
  | 'funnel'
  | 'stages'
  | 'velocity'
  | 'sales'
  | 'channels'
  | 'content'
  | 'rules'

/** Lines of a list of values: what is behind them is rare. */
const LONGEST = 50

const iso = (at: number): string => new Date(at).toISOString()
const rangeOf = (site: Site, { from, to }: ReportAsked) => ({ site: site.id, from: iso(from), to: iso(to) })

function funnel(state: StateReader, site: Site, asked: ReportAsked): FunnelReport {
  const { from, to } = asked
  const counts = {
    visitor: state.rollUps.visitors({ site: site.no, from: dayOf(from), to: dayOf(to) }).count,
    ...state.funnel(site.no, from, to),
  }
  const steps = (['visitor', 'lead', 'mql', 'sql', 'accepted', 'opportunity', 'won'] as const).map(
    (step) => ({
      step,
      count: counts[step],
      ofLeads: counts.lead === 0 || step === 'visitor' ? null : counts[step] / counts.lead,
    }),
  )
  return { ...rangeOf(site, asked), steps }
}

function stages(state: StateReader, site: Site, asked: ReportAsked): StagesReport {
  const first = dayOf(asked.from)
  const last = dayOf(asked.to)
  const standing: Partial<Record<Stage, number>> = {}
  const rows = state.stageDays(site.no, last)
  const days: StagesReport['days'] = []
  let next = 0
  for (let day = first; day <= last; day++) {
    for (; next < rows.length && rows[next]!.day <= day; next++) {
      const { stage, n } = rows[next]!
      standing[stage] = (standing[stage] ?? 0) + n
    }
    days.push({ day: iso(day * DAY_MS).slice(0, 10), ...standing })
  }
  return { ...rangeOf(site, asked), days }
}

const STEPS = [
  ['lead', 'mql'],
  ['mql', 'sql'],
  ['sql', 'accepted'],
  ['sql', 'won'],
] as const

function velocity(state: StateReader, site: Site, asked: ReportAsked): VelocityReport {
  const taken = state.daysBetween(site.no, STEPS, asked)
  const steps = STEPS.map(([from, to], i) => {
    const rows = taken[i]!
    const count = (wanted: (arrived: number) => boolean) =>
      rows.filter(({ arrived }) => wanted(arrived)).reduce((sum, { n }) => sum + n, 0)
    const by = (share: number) => arrivedBy(rows, share)
    return {
      from,
      to,
      people: count(() => true),
      arrived: count((arrived) => arrived === 1),
      days: { p25: by(0.25), p50: by(0.5), p75: by(0.75), p90: by(0.9) },
    }
  })
  return { ...rangeOf(site, asked), steps }
}

/**
 * Days by which a share has arrived, after Kaplan and Meier, JASA 53 (1958) 457-481: who has not arrived yet is counted among
 * those who may for as long as they are known, so that a crowd of young leads makes nobody look slow.
 */
function arrivedBy(rows: readonly DaysTaken[], share: number): number | null {
  let left = rows.reduce((sum, { n }) => sum + n, 0)
  let waiting = 1
  for (const [days, ofDay] of Map.groupBy(rows, (row) => row.days)) {
    const arrived = ofDay.filter((row) => row.arrived === 1).reduce((sum, { n }) => sum + n, 0)
    waiting *= 1 - arrived / left
    // Products of shares are off by a rounding.
    if (1 - waiting >= share - 1e-12) return days
    left -= ofDay.reduce((sum, { n }) => sum + n, 0)
  }
  return null
}

function cohorts(state: StateReader, site: Site, asked: ReportAsked): CohortsReport {
  const { from, to } = asked
  return { ...rangeOf(site, asked), ...cohortsOf(state.leadTimes(site.no, from, to), asked) }
}

function sales(state: StateReader, site: Site, asked: ReportAsked): SalesReport {
  const { from, to } = asked
  const { sql: sqls, accepted, rejected, won, lost } = state.funnel(site.no, from, to)
  const minutes = state.minutesToAccept(site.no, from, to)
  const at = (share: number) => minutes[Math.ceil(share * minutes.length) - 1] ?? null
  return {
    ...rangeOf(site, asked),
    sqls,
    accepted,
    rejected,
    won,
    lost,
    breaches: state.breachCount(site.no, from, to),
    minutesToAccept: { p50: at(0.5), p90: at(0.9) },
    reasons: state.rejections(site.no, from, to),
  }
}

function channels(state: StateReader, site: Site, asked: ReportAsked): ChannelsReport {
  const { from, to } = asked
  const { source, entry, campaign } = state.stepsByTouch(site.no, from, to, LONGEST)
  return {
    ...rangeOf(site, asked),
    channels: source.map((row) => ({ ...channelOf(row.value), ...counts(row) })),
    entryPages: entry.map((row) => ({ path: row.value, ...counts(row) })),
    campaigns: campaign.flatMap((row) => (row.value === null ? [] : [{ name: row.value, ...counts(row) }])),
  }
}

/** 'search Google' -> search, Google. */
function channelOf(source: string | null): { kind: SourceKind | null; name: string } {
  if (source === null) return { kind: null, name: '' }
  const [kind = ''] = source.split(' ', 1)
  return { kind: kind as SourceKind, name: source.slice(kind.length + 1) }
}

function content(state: StateReader, site: Site, asked: ReportAsked): ContentReport {
  const rows = state.stepsByContent(site.no, asked.from, asked.to, LONGEST)
  return { ...rangeOf(site, asked), files: rows.map((row) => ({ path: row.value!, ...counts(row) })) }
}

function counts({ lead, mql, sql, accepted, won, ...both }: ValueSteps): StepCounts {
  return {
    leads: lead,
    mql,
    sql,
    accepted,
    won,
    rates: {
      mqlToSql: share(both.mqlToSql, both.mqlFirst),
      sqlToAccepted: share(both.sqlToAccepted, sql),
      acceptedToWon: share(both.acceptedToWon, accepted),
    },
  }
}

const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null)

function rules(state: StateReader, site: Site, asked: ReportAsked): RulesReport {
  const { from, to, label } = asked
  const none = () => ({ handedOver: 0, won: 0, lost: 0 })
  const all = none()
  const byRule = new Map<string, typeof all>()
  const add = (sums: typeof all, isWon: boolean | null, count: number) => {
    sums.handedOver += count
    if (isWon === true) sums.won += count
    if (isWon === false) sums.lost += count
  }
  for (const { rules: standing, isWon, count } of state.handOvers(site.no, from, to)) {
    add(all, isWon, count)
    for (const id of standing) {
      let sums = byRule.get(id)
      if (!sums) {
        sums = none()
        byRule.set(id, sums)
      }
      add(sums, isWon, count)
    }
  }
  const rejected = new Map<string, Map<string, number>>()
  for (const { rules: standing, reason, count } of state.rejectionsByRules(site.no, from, to)) {
    for (const id of standing) {
      const reasons = rejected.get(id) ?? new Map<string, number>()
      rejected.set(id, reasons.set(reason, (reasons.get(reason) ?? 0) + count))
    }
  }
  const usual = share(all.won, all.won + all.lost)
  const lines = [...byRule].map(([rule, sums]) => {
    const winRate = share(sums.won, sums.won + sums.lost)
    return {
      rule,
      label: label(rule) ?? rule,
      ...sums,
      winRate,
      lift: winRate === null || !usual ? null : winRate / usual,
      rejections: [...(rejected.get(rule) ?? [])]
        .map(([reason, count]) => ({ reason, count }))
        .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
    }
  })
  return {
    ...rangeOf(site, asked),
    ...all,
    rules: lines.sort((a, b) => b.handedOver - a.handedOver || (a.rule < b.rule ? -1 : 1)),
  }
}

export const reports = {
  cohorts,
  funnel,
  stages,
  velocity,
  sales,
  channels,
  content,
  rules,
} satisfies Record<ReportName, (state: StateReader, site: Site, asked: ReportAsked) => unknown>
