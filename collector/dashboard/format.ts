/** Numbers, durations and moments in words. Times are UTC, as everywhere in the collector. */

const whole = new Intl.NumberFormat('en')
const oneDecimal = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 })
const fine = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const dayOfYear = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
})
const longDay = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
})
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' })

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
/** Past this many days 'ago' says less than the date does. */
const RELATIVE_DAYS = 30

export const formatCount = (count: number): string => whole.format(count)

/** A score, at most one decimal: 60.4. */
export const formatScore = (score: number): string => oneDecimal.format(score)

/** Points with their sign and both decimals, so that a column of them can be added up by eye. */
export function formatPoints(points: number): string {
  if (Math.abs(points) < 0.005) return '0.00'
  return `${points < 0 ? '\u2212' : '+'}${Math.abs(points).toFixed(2)}`
}

/** A share of a whole; a dash where there is no whole. */
export const formatShare = (part: number, of: number): string =>
  of > 0 ? percent.format(part / of) : '\u2013'

/** A small share, at most one decimal: 1.6%. */
export const formatPercent = (share: number): string => fine.format(share)

/** Two units at most: 45 s, 4 min 12 s, 13 h 5 min, 12 d 4 h. */
export function formatDuration(ms: number): string {
  const units: [size: number, name: string][] = [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'min'],
    [SECOND, 's'],
  ]
  const rounded = Math.round(ms / SECOND) * SECOND
  const first = units.findIndex(([size]) => rounded >= size)
  if (first === -1) return '0 s'
  const [size, name] = units[first]!
  const next = units[first + 1]
  const head = `${whole.format(Math.floor(rounded / size))} ${name}`
  const rest = next ? Math.floor((rounded % size) / next[0]) : 0
  return next && rest > 0 ? `${head} ${rest} ${next[1]}` : head
}

/** The date; with its year when that is not the year of `now`. */
export function formatDay(iso: string, now: number): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  return (at.getUTCFullYear() === new Date(now).getUTCFullYear() ? day : dayOfYear).format(at)
}

/** The date in a time zone: 21 Nov. */
export const formatZoned = (iso: string, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone }).format(new Date(iso))

/** Heading of a day in a timeline: Tuesday 18 November 2025. */
export function formatLongDay(iso: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? iso : longDay.format(at)
}

/** Time of day: 14:05. */
export function formatClock(iso: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? '' : clock.format(at)
}

/** How long ago: now, 5 minutes ago, yesterday; a date when it is long past. */
export function formatAgo(iso: string, now: number): string {
  const ago = now - Date.parse(iso)
  if (Number.isNaN(ago)) return iso
  if (ago < MINUTE) return 'just now'
  if (ago < HOUR) return relative.format(-Math.floor(ago / MINUTE), 'minute')
  if (ago < DAY) return relative.format(-Math.floor(ago / HOUR), 'hour')
  if (ago < RELATIVE_DAYS * DAY) return relative.format(-Math.floor(ago / DAY), 'day')
  return formatDay(iso, now)
}
