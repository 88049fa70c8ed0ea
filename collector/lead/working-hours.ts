import type { Check } from './check.ts'
import { DAY_MS } from './day.ts'

/** When sales works, and how long an SQL may wait for it. Each key has a default. */
export interface SalesDocument {
  /** IANA name, such as `Europe/Berlin`. */
  zone?: string
  /** From and to by the clock of the zone, such as `09:00-17:30`; a day that is missing is free. */
  hours?: { [day in Weekday]?: string }
  /** Working hours within which an SQL is to be accepted or rejected: one who raised a hand, and any other. */
  slaHours?: { handRaise?: number; other?: number }
}

export interface Sales {
  /** The moment, ms, by which somebody who became an SQL at `at` is to be answered. */
  dueAt(at: number, raised: boolean): number
  /** The moment, ms, by which the same person is to be answered of whom sales heard only at `heard`; `due` is by `since`. */
  dueAfter(heard: number, since: number, due: number): number
}

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
type Weekday = (typeof WEEKDAYS)[number]

/** Minutes of the day, by weekday from Sunday; null is free. */
type Hours = readonly ([from: number, to: number] | null)[]

const OFFICE = '09:00-17:00'
const OFFICE_DAYS: SalesDocument['hours'] = {
  mon: OFFICE,
  tue: OFFICE,
  wed: OFFICE,
  thu: OFFICE,
  fri: OFFICE,
}
/** Working hours (issue: hand-raises are answered within half a day, others within three). */
const SLA_HOURS = { handRaise: 4, other: 24 }
const MAX_SLA_HOURS = 500
const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Days looked ahead. Whoever works an hour a week answers within a year or not at all. */
const MAX_DAYS = 366

/** Reads the working hours of a document; errors go to `check`. */
export function readSales(check: Check, value: unknown): Sales {
  const root = check.object('sales', value ?? {}, ['zone', 'hours', 'slaHours'])
  const zone = readZone(check, root.zone)
  const hours = readHours(check, root.hours ?? OFFICE_DAYS)
  const sla = check.object('sales.slaHours', root.slaHours ?? {}, ['handRaise', 'other'])
  const allowed = (name: 'handRaise' | 'other') =>
    Math.round(check.number(`sales.slaHours.${name}`, sla[name], 0, MAX_SLA_HOURS, SLA_HOURS[name]) * HOUR)
  const [raisedMs, otherMs] = [allowed('handRaise'), allowed('other')]
  const offset = offsets(zone)
  const dueAt: Sales['dueAt'] = (at, raised) => workedBy(at, raised ? raisedMs : otherMs, hours, offset)
  return { dueAt, dueAfter: (heard, since, due) => dueAt(Math.max(heard, since), dueAt(since, true) === due) }
}

function readZone(check: Check, value: unknown): string {
  const zone = check.text('sales.zone', value, 'UTC')
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return zone
  } catch {
    check.fail(
      'sales.zone',
      `expected the name of a time zone such as "Europe/Berlin", got "${zone.slice(0, 60)}"`,
    )
    return 'UTC'
  }
}

function readHours(check: Check, value: unknown): Hours {
  const said = check.object('sales.hours', value, WEEKDAYS)
  const hours = WEEKDAYS.map((day) => (said[day] === undefined ? null : readSpan(check, day, said[day])))
  if (hours.every((span) => span === null))
    check.fail('sales.hours', 'expected at least one day with hours, such as "mon": "09:00-17:00"')
  return hours
}

function readSpan(check: Check, day: Weekday, value: unknown): [number, number] | null {
  const path = `sales.hours.${day}`
  const text = check.text(path, value)
  if (text === '') return null
  const [, fromHour, fromMinute, toHour, toMinute] =
    /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? []
  const from = Number(fromHour) * 60 + Number(fromMinute)
  const to = Number(toHour) * 60 + Number(toMinute)
  if (from < to && to <= 24 * 60) return [from, to]
  check.fail(
    path,
    `expected hours such as "09:00-17:00", the first before the second, got "${text.slice(0, 60)}"`,
  )
  return null
}

/** By how much the clocks of a zone are ahead of UTC at a moment, ms. */
function offsets(zone: string): (at: number) => number {
  if (zone === 'UTC') return () => 0
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (at) => {
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(at)) part[type] = Number(value)
    const { year, month, day, hour, minute, second } = part as Record<string, number>
    return Date.UTC(year!, month! - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000
  }
}

/** When so much working time has passed since a moment: real time between opening and closing, whatever the clocks do. */
function workedBy(at: number, worked: number, hours: Hours, offset: (at: number) => number): number {
  const first = Math.floor((at + offset(at)) / DAY_MS)
  let left = worked
  for (let day = first; day <= first + MAX_DAYS; day++) {
    // 1970 began on a Thursday.
    const span = hours[(day + 4) % 7]
    if (!span) continue
    const from = Math.max(at, momentOf(day, span[0], offset))
    const to = momentOf(day, span[1], offset)
    if (to <= from) continue
    if (left <= to - from) return from + left
    left -= to - from
  }
  return at + MAX_DAYS * DAY_MS
}

/** The moment at which the clocks of a zone show a minute of a local day; the offset may change just before it. */
function momentOf(day: number, minute: number, offset: (at: number) => number): number {
  const shown = day * DAY_MS + minute * MINUTE
  return shown - offset(shown - offset(shown))
}
