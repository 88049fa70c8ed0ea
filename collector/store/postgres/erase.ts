/** Removes a person from every table, by what `tables.ts` says: a column `contact` or `visitor` holds rows of people. */
import type postgres from 'postgres'
import type { EventKey } from '../../lead/state.ts'
import type { Named, NamePlace, Person } from '../store.ts'
import { removingSome, TABLES, type TableName } from './tables.ts'

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
  let left = limit
  const remove = async (table: TableName, where: string, args: (string | number)[]): Promise<void> => {
    if (left <= 0) return
    const { count } = await sql.unsafe(removingSome(table, where, left), args)
    left -= count
  }
  for (const table of tablesWith('visitor'))
    for (const no of person.visitors) await remove(table, 'visitor = $1', [no])
  // They bear numbers of transitions, so they go before these.
  for (const no of person.contacts)
    await sql.unsafe(
      'DELETE FROM superseded WHERE transition IN (SELECT no FROM transitions WHERE contact = $1)',
      [no],
    )
  for (const table of tablesWith('contact'))
    for (const no of person.contacts) await remove(table, 'contact = $1', [no])
  for (const no of person.visitors) await remove('visitors', 'no = $1', [no])
  for (const no of person.contacts) await remove('contacts', 'no = $1', [no])
  // A name as JSON spells it, without the quotes around it.
  for (const table of NAMED_IN)
    for (const name of person.names)
      await remove(table, 'position($1 IN body) > 0', [JSON.stringify(name).slice(1, -1)])
  return limit - left
}

export async function eraseEvents(
  sql: postgres.TransactionSql,
  visitor: number,
  ids: readonly EventKey[],
): Promise<void> {
  for (const { ms, key } of ids)
    await sql`DELETE FROM events WHERE visitor = ${visitor} AND id_ms = ${ms} AND id_key = ${key}`
}

/** What a visitor said and viewed while it was somebody's; from `from`, before `to`, ms. */
export async function erasePart(
  sql: postgres.TransactionSql,
  { visitor, from, to }: Person['parts'][number],
): Promise<void> {
  for (const table of ['consents', 'measured_views'])
    await sql`
      DELETE FROM ${sql(table)} WHERE visitor = ${visitor} AND at >= ${from} AND at < ${to ?? Number.MAX_SAFE_INTEGER}`
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
          WHERE no > ${place[0]} ORDER BY no LIMIT ${limit}`
  const names = found.map((row) => ({ ...row }))
  const last = names.at(-1)
  if (last && names.length === limit) {
    const next = of === 'identities' ? [of, last.site, last.kind, last.value] : [of, last.no]
    return { names, place: JSON.stringify(next) }
  }
  return { names, place: of === 'identities' ? JSON.stringify(['visitors', 0]) : null }
}
