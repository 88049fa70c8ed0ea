import { STAGES } from '../../shared/lead.ts'
import { MAX_URL_LENGTH } from '../../shared/protocol.ts'
import type { Comparison, Period } from '../read/intervals.ts'
import type { NumbersAsked } from '../read/numbers.ts'

/** What the overview can be narrowed by, as its address names it. */
export const FILTERS = [
  'page',
  'entry',
  'source',
  'campaign',
  'country',
  'device',
  'browser',
  'system',
  'download',
  'product',
  'stage',
] as const
export type Filter = (typeof FILTERS)[number]

/** The ranges that the picker offers, and the key that chooses each while it is open. */
export const RANGES = { today: 'd', '7d': 'w', '28d': 'm', '91d': 'q', '12mo': 'y', all: 'a' } as const
export type Range = keyof typeof RANGES
/** Four whole weeks: what they are compared with began on the same day of the week. */
const DEFAULT_RANGE: Range = '28d'

export const METRICS = [
  'visitors',
  'visits',
  'pageViews',
  'engagedMs',
  'bounceRate',
  'downloads',
  'cartAdds',
] as const
export type Metric = (typeof METRICS)[number]

const COMPARED = { previous: 'previous', year: 'year', off: undefined } as const satisfies Record<
  string,
  Comparison | undefined
>
export type Compared = keyof typeof COMPARED

/** An overview as its address says it. */
export interface Asked {
  site: string
  /** 'custom': from `from` to `to`. */
  range: Range | 'custom'
  /** Days as 2026-11-18; '' unless the range is custom. */
  from: string
  to: string
  compare: Compared
  metric: Metric
  filters: Partial<Record<Filter, string>>
  /** Whether the address could not be understood as a whole: what could is kept. */
  isOdd: boolean
  query: NumbersAsked
}

const DAY = /^\d{4}-\d\d-\d\d$/
const DAY_MS = 86_400_000

const oneOf = <T extends string>(all: readonly T[], said: string | null, otherwise: T): T =>
  all.find((one) => one === said) ?? otherwise

/** Reads the address of an overview. What is not known of it is left out. */
export function askedOf(site: string, params: URLSearchParams, now: number): Asked {
  const range = oneOf(Object.keys(RANGES) as Range[], params.get('range'), DEFAULT_RANGE)
  const compare = oneOf(Object.keys(COMPARED) as Compared[], params.get('compare'), 'previous')
  const metric = oneOf(METRICS, params.get('metric'), 'visitors')
  const custom = customOf(params.get('from') ?? '', params.get('to') ?? '')
  const filters: Asked['filters'] = {}
  let isOdd = custom === 'odd'
  for (const name of FILTERS) {
    const value = params.get(name) ?? ''
    if (value === '') continue
    if (value.length <= MAX_URL_LENGTH && (name !== 'stage' || stagesIn(value).length > 0))
      filters[name] = value
    else isOdd = true
  }
  const { stage, ...rest } = filters
  const isAll = !custom && range === 'all'
  return {
    site,
    range: custom && custom !== 'odd' ? 'custom' : range,
    from: '',
    to: '',
    ...(custom && custom !== 'odd' && { from: custom.from, to: custom.to }),
    compare,
    metric,
    filters,
    isOdd,
    query: {
      ...spanOf(custom === 'odd' ? undefined : custom, range, now),
      filters: { ...rest, ...(stage !== undefined && { stage: stagesIn(stage) }) },
      // Nothing lies before all.
      ...(COMPARED[compare] && !isAll && { compare: COMPARED[compare] }),
    },
  }
}

const stagesIn = (list: string) => STAGES.filter((stage) => list.split(',').includes(stage))

/** Two days, the later one last; undefined where none is said, 'odd' where they are none. */
function customOf(from: string, to: string): { from: string; to: string } | 'odd' | undefined {
  if (from === '' && to === '') return undefined
  const days = [from || to, to || from].sort()
  return days.every(isDay) ? { from: days[0]!, to: days[1]! } : 'odd'
}

const isDay = (text: string): boolean => DAY.test(text) && !Number.isNaN(Date.parse(text))

function spanOf(
  custom: { from: string; to: string } | undefined,
  range: Range,
  now: number,
): Pick<NumbersAsked, 'from' | 'to' | 'period'> {
  const day = (text: string) => ({ day: Date.parse(text) / DAY_MS })
  if (custom) return { from: day(custom.from), to: day(custom.to) }
  if (range === 'today') return { from: now, to: now }
  return { to: now, period: range satisfies Period }
}

type Change = Partial<Record<Filter | 'range' | 'from' | 'to' | 'compare' | 'metric', string | undefined>>

/** The address of the overview with something changed: undefined takes it away. */
export function overviewUrl(asked: Asked, change: Change = {}): string {
  const { site, range, from, to, compare, metric, filters } = asked
  const all: Change = {
    ...(range === 'custom' ? { from, to } : range !== DEFAULT_RANGE && { range }),
    ...(compare !== 'previous' && { compare }),
    ...(metric !== 'visitors' && { metric }),
    ...filters,
    ...change,
  }
  const url = new URLSearchParams({ site })
  for (const [name, value] of Object.entries(all)) if (value !== undefined) url.set(name, value)
  return `/?${url}`
}

/** The address without any filter. */
export const unfilteredUrl = (asked: Asked): string => overviewUrl({ ...asked, filters: {} })
