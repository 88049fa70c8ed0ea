/** Fills a new state in PostgreSQL with the rows of another. */
import { connect } from '../../postgres-connection.ts'
import { changesOf, GIVEN_OUT, type Kind, type Kinds, type StateSink } from '../copy.ts'
import type { StateStore, Watermark } from '../store.ts'
import { NUMBERS, partOf, VisitorSet } from '../visitor-set.ts'
import { list, type Row, type Statement, type Writer, writerOf } from './writing.ts'

/** Kinds that no batch carries. */
const INSERTS: { [K in Kind]?: (writer: Writer, rows: Kinds[K][]) => void } = {
  titles: ({ send }, rows) =>
    send(
      `INSERT INTO titles (site, path_hash, path, title) SELECT site, md5(path), path, title
       FROM json_to_recordset($1::text::json) AS rows (site bigint, path text, title text)
       ON CONFLICT (site, path_hash) DO UPDATE SET title = excluded.title`,
      [list(rows)],
    ),
  superseded: ({ send }, rows) =>
    send(
      `INSERT INTO superseded (site, transition, by_transition)
       SELECT t.site, rows.transition, rows.by FROM json_to_recordset($1::text::json) AS rows (transition bigint, by bigint)
         CROSS JOIN sites JOIN transitions AS t ON t.site = sites.no AND t.no = rows.transition`,
      [list(rows)],
    ),
  stageDays: ({ put }, rows) =>
    put(
      'stage_days',
      rows.map((row) => ({ ...row, part: 0 })),
      'fail',
    ),
  deliveries: ({ put }, rows) =>
    put(
      'deliveries',
      rows.map(({ createdAt, dueAt, tries, ...row }) => ({
        ...row,
        created_at: createdAt,
        due_at: dueAt,
        tries: JSON.stringify(tries),
      })),
      'fail',
    ),
  quarterVisitors: ({ put }, rows) => put('quarter_visitors', rows.flatMap(byPart), 'fail'),
  sliceVisitors: ({ send }, rows) =>
    send(
      `INSERT INTO slice_visitors (site, dimension, value_hash, day, part, visitors, version)
       SELECT site, dimension, md5(value), day, part, visitors, version FROM json_to_recordset($1::text::json)
         AS rows (site bigint, dimension text, value text, day bigint, part bigint, visitors bytea, version bigint)`,
      [list(rows.flatMap(byPart))],
    ),
}

/** `store` is the first projector's; `watermark` says what the copied state is of. */
export function postgresSink(
  url: string,
  store: StateStore,
  watermark: Watermark,
): StateSink & { close(): Promise<void> } {
  const sql = connect(url, { max: 1, connection: { synchronous_commit: 'on' } })
  const run: Statement = async (query, args) => (await sql.unsafe(query, args, { prepare: true })).count

  return {
    async put(kind, rows) {
      const own = kind === 'settings' ? (rows as Kinds['settings'][]).map(ownNumbers) : rows
      const changes = changesOf(kind, own as typeof rows, watermark)
      if (changes) await store.commit(changes)
      // Where each stage stood is copied as it was counted: those who were erased are in it, too.
      if (kind === 'transitions') await run('DELETE FROM stage_days', [])
      if (changes) return
      const writer = writerOf(run)
      ;(INSERTS[kind] as (writer: Writer, rows: unknown[]) => void)(writer, rows)
      await writer.settle()
    },
    close: () => sql.end({ timeout: 1 }),
  }
}

/** A set by whose numbers they are; a sketch, which tells nobody's, is the first projector's. */
function byPart<T extends { visitors: Buffer }>({ visitors, ...key }: T): Row[] {
  const members = VisitorSet.decode(visitors).members()
  const row = (part: number, bytes: Buffer): Row => ({
    ...key,
    part,
    visitors: `\\x${bytes.toString('hex')}`,
    version: 1,
  })
  if (!members) return [row(0, visitors)]
  return [...Map.groupBy(members, partOf)].map(([part, numbers]) => {
    const set = new VisitorSet()
    for (const no of numbers) set.add(no)
    return row(part, set.encode())
  })
}

/** A state that came from several projectors goes on with the numbers of the last: they are not the first one's. */
function ownNumbers({ name, value }: Kinds['settings']): Kinds['settings'] {
  if (name !== GIVEN_OUT) return { name, value }
  const own = Object.entries(JSON.parse(value)).map(([of, no]) => [of, (no as number) < NUMBERS ? no : 0])
  return { name, value: JSON.stringify(Object.fromEntries(own)) }
}
