/** Leads by the week or month in which they became known, and how many came how far within how many days. */
import type { CohortsReport } from '../../shared/reports.ts'
import { DAY_MS, dayOf } from '../lead/day.ts'
import type { LeadTimes } from '../store/reader.ts'
import { bucketOf } from './intervals.ts'

/** What each column tells: who came to a step within so many days. */
export const REACHED = [
  { step: 'mql', days: 30 },
  { step: 'sql', days: 30 },
  { step: 'sql', days: 60 },
  { step: 'sql', days: 90 },
  { step: 'won', days: 90 },
] as const

/** Ranges of more days are told by month. */
const MOST_WEEK_DAYS = 120

/** All cohorts that begin in whole UTC days from..to, the oldest first, those without anybody too. */
export function cohortsOf(
  leads: Iterable<LeadTimes>,
  { from, to, now }: { from: number; to: number; now: number },
): Pick<CohortsReport, 'interval' | 'cohorts'> {
  const [first, last] = [dayOf(from), dayOf(Math.min(to, now))]
  const interval = last - first >= MOST_WEEK_DAYS ? 'month' : 'week'
  const counted = new Map<number, { leads: number; reached: number[] }>()
  // By day: which month one belongs to takes longer to find than all else of a lead.
  const ofDays: { leads: number; reached: number[] }[] = []
  const starts: number[] = []
  for (let day = first; day <= last; day++) {
    const start = bucketOf(day, interval)
    let cohort = counted.get(start)
    if (!cohort) {
      cohort = { leads: 0, reached: REACHED.map(() => 0) }
      counted.set(start, cohort)
      starts.push(start)
    }
    ofDays.push(cohort)
  }
  for (const times of leads) {
    const cohort = ofDays[dayOf(times.lead) - first] ?? counted.get(bucketOf(dayOf(times.lead), interval))
    if (!cohort) continue
    cohort.leads++
    REACHED.forEach(({ step, days }, i) => {
      const at = times[step]
      if (at !== null && at - times.lead <= days * DAY_MS) cohort.reached[i]!++
    })
  }
  return {
    interval,
    cohorts: starts.map((start, i) => {
      // The youngest of a cohort decides: only when its time is over nothing can change.
      const end = Math.min((starts[i + 1] ?? nextOf(start, interval)) * DAY_MS, to + 1)
      const { leads, reached } = counted.get(start)!
      return {
        at: new Date(Math.max(start, first) * DAY_MS).toISOString(),
        leads,
        reached: REACHED.map(({ step, days }, column) => ({
          step,
          days,
          count: reached[column]!,
          isOpen: now < end + days * DAY_MS,
        })),
      }
    }),
  }
}

function nextOf(start: number, interval: 'week' | 'month'): number {
  if (interval === 'week') return start + 7
  const date = new Date(start * DAY_MS)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / DAY_MS
}
