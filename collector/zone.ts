/** Days of a time zone. Every zone in use is a whole number of quarter hours away from UTC. */

export const QUARTER_MS = 900_000
const DAY_MS = 86_400_000
/** Quarter hours whose day is remembered: a year of them. */
const REMEMBERED = 36_000

export interface Zone {
  /** The day of a moment there: whole days since 1 January 1970 by its calendar. */
  dayOf(at: number): number
  /** The moment, ms, at which a day begins there. */
  startOf(day: number): number
}

export const isZone = (name: string): boolean =>
  name === 'UTC' || Intl.supportedValuesOf('timeZone').includes(name)

/** Zones by name, each made once. */
export function zonesByName(): (name: string) => Zone {
  const known = new Map<string, Zone>()
  return (name) => {
    const zone = known.get(name) ?? zoneOf(name)
    known.set(name, zone)
    return zone
  }
}

/** A zone by its IANA name, with a memory of its own. Throws a RangeError for a name that nobody knows. */
export function zoneOf(name: string): Zone {
  if (name === 'UTC') return { dayOf: (at) => Math.floor(at / DAY_MS), startOf: (day) => day * DAY_MS }
  // Asking costs some 2 us, a remembered answer 0.05.
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  })
  const known = new Map<number, number>()

  function dayOf(at: number): number {
    const quarter = Math.floor(at / QUARTER_MS)
    let day = known.get(quarter)
    if (day === undefined) {
      const parts = Object.fromEntries(
        format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
      )
      day = Date.UTC(parts.year!, parts.month! - 1, parts.day!) / DAY_MS
      if (known.size >= REMEMBERED) known.clear()
      known.set(quarter, day)
    }
    return day
  }

  /** The first quarter hour that is of the day or a later one: clocks that go forward at midnight leave no 00:00. */
  function startOf(day: number): number {
    let [before, after] = [
      (day * DAY_MS - 15 * 3_600_000) / QUARTER_MS,
      (day * DAY_MS + 15 * 3_600_000) / QUARTER_MS,
    ]
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (dayOf(middle * QUARTER_MS) >= day) after = middle
      else before = middle
    }
    return after * QUARTER_MS
  }

  return { dayOf, startOf }
}
