import { STAGES, type Stage } from '../../shared/lead.ts'
import type { WeekFigures, WeeklyMessage } from '../../shared/messages.ts'
import type { StateReader } from '../store/reader.ts'
import type { Site } from '../store/store.ts'
import type { Zone } from '../zone.ts'

/** Lines of each list. */
const TOP = 5
const DAY_MS = 86_400_000

export type Week = Omit<WeeklyMessage['data'], 'site'>

const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10)

/** The Monday of the calendar's week that holds a day; days are whole ones since 1970, which began on a Thursday. */
export const mondayOf = (day: number): number => day - ((day + 3) % 7)

/** A site's numbers of the week that begins on this day of its calendar, beside those of the week before. */
export function weekOf(state: StateReader, site: Site, zone: Zone, monday: number): Week {
  const span = { site: site.no, from: monday, to: monday + 6 }
  const stages = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>
  for (const { stage, n } of state.stages(site.no)) stages[stage] = n
  return {
    from: dateOf(monday),
    to: dateOf(monday + 6),
    week: figures(state, site, zone, monday),
    before: figures(state, site, zone, monday - 7),
    topPages: state.rollUps
      .top(span, 'page', ['views'], TOP)
      .map(({ value, views }) => ({ path: value, views })),
    topSources: state.rollUps
      .top(span, 'source', ['visits'], TOP)
      .map(({ value, visits }) => ({ source: value, visits })),
    stages,
  }
}

function figures(state: StateReader, site: Site, zone: Zone, monday: number): WeekFigures {
  const span = { site: site.no, from: monday, to: monday + 6 }
  const { visits, views, engagedMs } = state.rollUps.sums(span)
  const { lead, mql, sql, accepted, won, lost } = state.reached(
    site.no,
    zone.startOf(monday),
    zone.startOf(monday + 7) - 1,
  )
  return {
    visitors: state.rollUps.visitors(span).count,
    visits,
    pageViews: views,
    engagedMs,
    leads: lead,
    mqls: mql,
    sqls: sql,
    accepted,
    won,
    lost,
  }
}
