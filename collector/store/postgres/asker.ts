import type { Bridge, Query, Value } from './bridge.ts'
import { knownSites, NO_SITE, type Numbered, sitesQuery } from './sites-of.ts'

/** What is asked for one answer, of a state that stands still meanwhile. */
export interface Asker {
  all<T>(text: string, ...args: Value[]): T[]
  one<T>(text: string, ...args: Value[]): T | undefined
  /** Several in one round: the rows of each. */
  round(queries: readonly Query[]): Record<string, unknown>[][]
  /** Asked once an answer, by its name. */
  once<T>(name: string, ask: () => T): T
  /** The site of a visitor or contact; `NO_SITE` where no row has the number. */
  siteOf(of: Numbered, no: number): number
  /** What is asked of several visitors or contacts, by their sites: nearly always one. `numbers` are as `numberList` gives them. */
  bySite<T>(of: Numbered, numbers: readonly number[], ask: (site: number, numbers: string) => T[]): T[]
  /** Of whom it was read, so that it is not asked again. */
  learn(of: Numbered, no: number, site: number): void
}

export function askerOf(bridge: Bridge): Asker & { end(): void } {
  const known = new Map<string, unknown>()
  const sites = knownSites()
  const round: Asker['round'] = (queries) => bridge.ask(queries)
  const all = <T>(text: string, ...args: Value[]) => round([[text, ...args]])[0] as T[]
  return {
    round,
    all,
    one: <T>(text: string, ...args: Value[]) => all<T>(text, ...args)[0],
    once<T>(name: string, ask: () => T): T {
      if (!known.has(name)) known.set(name, ask())
      return known.get(name) as T
    },
    siteOf: (of, no) => sitesIn(of, [no]).keys().next().value ?? NO_SITE,
    bySite: (of, numbers, ask) =>
      [...sitesIn(of, numbers)].flatMap(([site, some]) => ask(site, numberList(some))),
    learn: sites.learn,
    end() {
      known.clear()
      bridge.end()
    },
  }

  function sitesIn(of: Numbered, numbers: readonly number[]): Map<number, number[]> {
    const unknown = numbers.filter((no) => sites.of(of, no) === undefined)
    if (unknown.length > 0)
      for (const { no, site } of all<{ no: number; site: number }>(sitesQuery(of), numberList(unknown)))
        sites.learn(of, no, site)
    const found = Map.groupBy(numbers, (no) => sites.of(of, no) ?? NO_SITE)
    found.delete(NO_SITE)
    return found
  }
}

/** As `= ANY ($1::text::bigint[])` takes them. */
export const numberList = (numbers: Iterable<number>): string => `{${[...numbers].join(',')}}`

/** As `= ANY (${textsIn('$1')})` takes them: a JSON list. (Of a list the engine knows that it is short; of a query it guesses.) */
export const textsIn = (parameter: string): string =>
  `ARRAY(SELECT json_array_elements_text(${parameter}::text::json))`

/** Members of a group that are asked about in one round. */
const AT_ONCE = 500

/**
 * Asks for the next members of a group, too, what is asked of one of them: a list reads the same of each of its lines, one
 * after the other, and each would be a journey.
 */
export function byGroup<T>(load: (members: number[]) => Map<number, T>, none: T, atOnce = AT_ONCE) {
  let group: number[] = []
  let places = new Map<number, number>()
  let found = new Map<number, T>()
  return {
    /** Who will be asked about next, about in this order. */
    expect(members: readonly number[]): void {
      group = [...new Set(members)]
      places = new Map(group.map((member, i) => [member, i]))
      found = new Map()
    },
    of(member: number): T {
      if (found.has(member)) return found.get(member)!
      const place = places.get(member)
      if (place === undefined) return load([member]).get(member) ?? none
      const members = group.slice(place, place + atOnce)
      const loaded = load(members)
      found = new Map(members.map((one) => [one, loaded.get(one) ?? none]))
      return found.get(member)!
    },
  }
}

/** Rows by the value of a column. */
export function groupedBy<R, T>(
  rows: readonly R[],
  key: (row: R) => number,
  value: (row: R) => T,
): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group) group.push(value(row))
    else groups.set(key(row), [value(row)])
  }
  return groups
}
