/** Removes a person from every table, by what `tables.ts` says: a column `contact` or `visitor` holds rows of people. */
import type postgres from 'postgres'
import type { EventKey } from '../../lead/state.ts'
import type { Named, NamePlace, Person } from '../store.ts'
import { FORGET_KNOWN } from './known-visitors.ts'
import { isBySite, removingSome, TABLES, type TableName } from './tables.ts'

/** Tables whose texts may hold people's names. */
export const NAMED_IN: TableName[] = ['dead_letters', 'outcomes']
export const tablesWith = (column: 'contact' | 'visitor'): TableName[] =>
  (Object.keys(TABLES) as TableName[]).filter(
    (name) => Object.hasOwn(TABLES[name].columns, column) && name !== 'visitors',
  )

/** Removes up to `limit` rows; resolves with how many. */
export async function erasePerson(
  sql: postgres.TransactionSql,
  person: Person,
  limit: number,
): Promise<number> {
  const { site } = person
  let left = limit
  const remove = async (table: TableName, where: string, args: (string | number)[]): Promise<void> => {
    if (left <= 0) return
    const { count } = await sql.unsafe(removingSome(table, where, left), args)
    left -= count
  }
  const removeOf = (table: TableName, column: string, no: number) =>
    isBySite(table)
      ? remove(table, `site = $1 AND ${column} = $2`, [site, no])
      : remove(table, `${column} = $1`, [no])
  for (const table of tablesWith('visitor'))
    for (const no of person.visitors) await removeOf(table, 'visitor', no)
  // They bear numbers of transitions, so they go before these.
  for (const no of person.contacts)
    await sql.unsafe(
      `DELETE FROM superseded WHERE site = $1
         AND transition IN (SELECT no FROM transitions WHERE site = $1 AND contact = $2)`,
      [site, no],
    )
  for (const table of tablesWith('contact'))
    for (const no of person.contacts) await removeOf(table, 'contact', no)
  for (const no of person.visitors) {
    await sql.unsafe(FORGET_KNOWN, [site, no])
    await removeOf('visitors', 'no', no)
  }
  for (const no of person.contacts) await removeOf('contacts', 'no', no)
  // A name as JSON spells it, without the quotes around it.
  for (const table of NAMED_IN)
    for (const name of person.names)
      await remove(table, 'position($1 IN body) > 0', [JSON.stringify(name).slice(1, -1)])
  return limit - left
}

export async function eraseEvents(
  sql: postgres.TransactionSql,
  site: number,
  visitor: number,
  ids: readonly EventKey[],
): Promise<void> {
  for (const { ms, key } of ids)
    await sql`DELETE FROM events WHERE site = ${site} AND visitor = ${visitor} AND id_ms = ${ms} AND id_key = ${key}`
}

/** What a visitor said and viewed while it was somebody's; from `from`, before `to`, ms. */
export async function erasePart(
  sql: postgres.TransactionSql,
  site: number,
  { visitor, from, to }: Person['parts'][number],
): Promise<void> {
  for (const table of ['consents', 'measured_views'])
    await sql`
      DELETE FROM ${sql(table)}
      WHERE site = ${site} AND visitor = ${visitor} AND at >= ${from} AND at < ${to ?? Number.MAX_SAFE_INTEGER}`
}

/** Names in their order: those of contacts, then the keys of visitors. */
export async function namesAfter(
  sql: postgres.Sql,
  after: NamePlace | null,
  limit: number,
): Promise<{ names: Named[]; place: NamePlace | null }> {
  const [of, ...place] = after === null ? ['identities', 0, '', ''] : JSON.parse(after)
  const found =
    of === 'identities'
      ? await sql<Named[]>`
          SELECT site, kind, value, contact AS no FROM identities
          WHERE (site, kind, value) > (${place[0]}, ${place[1]}, ${place[2]}) ORDER BY site, kind, value LIMIT ${limit}`
      : await sql<Named[]>`
          SELECT site, 'visitor' AS kind, key AS value, no FROM visitors
          WHERE (site, no) > (${place[0]}, ${place[1]}) ORDER BY site, no LIMIT ${limit}`
  const names = found.map((row) => ({ ...row }))
  const last = names.at(-1)
  if (last && names.length === limit) {
    const next = of === 'identities' ? [of, last.site, last.kind, last.value] : [of, last.site, last.no]
    return { names, place: JSON.stringify(next) }
  }
  return { names, place: of === 'identities' ? JSON.stringify(['visitors', 0, 0]) : null }
}
