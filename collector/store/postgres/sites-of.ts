/**
 * Of which site a visitor or a contact is. Rows lie by site, and much is asked by a row number alone. A number keeps its site
 * for good and is given out once, so that what is known of it stays true; what is not is looked for in each site.
 */
import type { Changes } from '../store.ts'
import type { Read } from './writing.ts'

/** What has row numbers. */
export type Numbered = 'visitors' | 'contacts'

/** Numbers that are remembered of each kind, at most twice as many: those that were asked for lately. */
const REMEMBERED = 50_000
/** Of a number that no row has. */
export const NO_SITE = 0

/** Asks for the sites of numbers: `$1` is their list. */
export const sitesQuery = (of: Numbered): string =>
  `SELECT t.no, t.site FROM sites JOIN ${of} AS t ON t.site = sites.no WHERE t.no = ANY ($1::text::bigint[])`

export interface SiteOf {
  visitor(no: number): number
  contact(no: number): number
}

/** Numbers that are known. */
export function knownSites() {
  const young = { visitors: new Map<number, number>(), contacts: new Map<number, number>() }
  const old = { visitors: new Map<number, number>(), contacts: new Map<number, number>() }

  function learn(of: Numbered, no: number, site: number): void {
    if (young[of].has(no)) return
    young[of].set(no, site)
    if (young[of].size < REMEMBERED) return
    old[of] = young[of]
    young[of] = new Map()
  }

  /** Undefined of one that is not known. */
  function of(what: Numbered, no: number): number | undefined {
    const known = young[what].get(no)
    if (known !== undefined) return known
    const before = old[what].get(no)
    if (before !== undefined) learn(what, no, before)
    return before
  }

  return { learn, of }
}

/** The same where what is not known is read. */
export function sitesOf() {
  const known = knownSites()

  async function missing(of: Numbered, numbers: Iterable<number>, read: Read): Promise<Map<number, number>> {
    const unknown = new Set<number>()
    for (const no of numbers) if (known.of(of, no) === undefined) unknown.add(no)
    if (unknown.size === 0) return new Map()
    const rows = await read<{ no: number; site: number }>(sitesQuery(of), [`{${[...unknown].join()}}`])
    for (const { no, site } of rows) known.learn(of, no, site)
    return new Map(rows.map(({ no, site }) => [no, site]))
  }

  return {
    learn: known.learn,
    /** `NO_SITE` where no row has the number. */
    async of(what: Numbered, no: number, read: Read): Promise<number> {
      return known.of(what, no) ?? (await missing(what, [no], read)).get(no) ?? NO_SITE
    },
    /** Of all whom a batch names. What it makes itself is known of it alone, until `learnFrom`: it may yet come to nothing. */
    async ofBatch(changes: Changes, read: Read): Promise<SiteOf> {
      const made = madeBy(changes)
      const { visitors, contacts } = namedBy(changes)
      const found = {
        visitors: await missing('visitors', without(made.visitors, visitors), read),
        contacts: await missing('contacts', without(made.contacts, contacts), read),
      }
      const siteOf = (of: Numbered) => (no: number) =>
        made[of].get(no) ?? known.of(of, no) ?? found[of].get(no) ?? NO_SITE
      return { visitor: siteOf('visitors'), contact: siteOf('contacts') }
    },
    /** Of a batch that was committed. */
    learnFrom({ visitors, contacts }: Changes): void {
      for (const { no, site } of visitors) known.learn('visitors', no, site)
      for (const { no, site } of contacts) known.learn('contacts', no, site)
    },
  }
}

/** Whose site a batch says itself. */
function madeBy(c: Changes): Record<Numbered, Map<number, number>> {
  const visitors = new Map(c.visitors.map(({ no, site }) => [no, site]))
  for (const { visitor, site } of c.events) if (!visitors.has(visitor)) visitors.set(visitor, site)
  const contacts = new Map(c.contacts.map(({ no, site }) => [no, site]))
  for (const { contact, site } of [...c.leads, ...c.identities, ...c.decisions, ...c.breaches])
    contacts.set(contact, site)
  return { visitors, contacts }
}

function* without(
  made: ReadonlyMap<number, number>,
  named: readonly (readonly number[])[],
): Generator<number> {
  for (const numbers of named) for (const no of numbers) if (!made.has(no)) yield no
}

/** Of whom a batch writes rows without saying whose site. */
function namedBy(c: Changes): Record<Numbered, number[][]> {
  const visitors = [
    c.eventsRemoved,
    c.visits,
    c.visitsRemoved,
    c.links,
    c.linksRemoved,
    c.consents,
    c.measuredViews,
    c.edgesReplaced,
    c.forgotten,
    c.pastCells,
  ].map((rows) => rows.map(({ visitor }) => visitor))
  const contacts = [
    c.cellsReplaced,
    c.cells,
    c.cellsRemoved,
    c.transitions,
    c.touches,
    c.handOvers,
    c.contentSeen,
  ].map((rows) => rows.map(({ contact }) => contact))
  return { visitors, contacts: [...contacts, c.leadsRemoved] }
}
