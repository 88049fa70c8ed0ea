import type { Changes } from '../store.ts'
import { writePeople } from './change-people.ts'
import { writeSums } from './change-sums.ts'
import type { SiteOf } from './sites-of.ts'
import type { visitorSets } from './visitor-sets.ts'
import { writeTracked } from './write-tracked.ts'
import { json, list, type Read, type Statement, writerOf } from './writing.ts'

export interface ChangeOptions {
  /** Of the visitors that this projector projects. */
  part: number
  maxDeadLetterBytes: number
  sets: ReturnType<typeof visitorSets>
  siteOf: SiteOf
  /** Reads in the batch's transaction, and outside of it. */
  within: Read
  aside: Read
  /** What is looked for then conflicts with whoever writes beside it. */
  isSerializable: boolean
  /** Called once all is on its way. */
  sent: () => void
}

/** Writes all of a batch but its watermark. */
export async function writeChanges(
  run: Statement,
  changes: Changes,
  { part, maxDeadLetterBytes, sets, siteOf, within, aside, isSerializable, sent }: ChangeOptions,
): Promise<void> {
  const writer = writerOf(run)
  const { write, send, put, remove } = writer
  const c = changes

  put(
    'sites',
    c.sites.map((site) => ({ no: site.no, id: site.id, body: json(site) })),
  )
  put(
    'keys',
    c.keys.map((key) => ({
      id: key.id,
      created_at: key.createdAt,
      revoked_at: key.revokedAt,
      expires_at: key.expiresAt,
      used_at: key.usedAt,
      body: json(key),
    })),
  )
  for (const { id, at } of c.keysRevoked)
    send('UPDATE keys SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2', [at, id])
  for (const { id, expiresAt = null, usedAt = null } of c.keysSet)
    send(
      'UPDATE keys SET expires_at = least(expires_at, $1), used_at = greatest(used_at, $2) WHERE id = $3',
      [expiresAt, usedAt, id],
    )
  for (const one of c.staff)
    send(
      `INSERT INTO staff (id, removed_at, created_at, body) VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET removed_at = excluded.removed_at, body = excluded.body
       WHERE staff.removed_at IS NULL`,
      [one.id, one.removedAt, one.createdAt, json(one)],
    )
  const settings = [...new Map(c.settings)].map(([name, value]) => ({ name, value }))
  remove(
    'settings',
    settings.filter(({ value }) => value === null),
    ['name'],
  )
  put(
    'settings',
    settings.filter(({ value }) => value !== null),
  )
  put(
    'rules',
    c.rules.map((row) => ({
      site: row.site,
      version: row.version,
      applied_at: row.appliedAt,
      by: row.by,
      document: json(row.document),
    })),
  )
  writeTracked(writer, c, siteOf, !isSerializable)
  await forget()
  await writePeople(writer, c, part, siteOf)
  const sums = await writeSums(writer, c, part, sets, { within, aside })
  put(
    'counts',
    sumByName(c.counts).map(([name, n]) => ({ name, part, n })),
    'add',
  )
  for (const row of c.refusals) put('refusals', [{ ...row, part }], 'add')
  if (c.refusalsBefore > 0) send('DELETE FROM refusals WHERE day < $1', [c.refusalsBefore])
  letters()
  put(
    'outcomes',
    c.outcomes.map(({ ref, at, outcome }) => ({ ref, at, body: json(outcome) })),
  )
  if (c.outcomesBefore > 0) send('DELETE FROM outcomes WHERE at < $1', [c.outcomesBefore])
  put('suppressions', c.suppressed, 'ignore')
  remove(
    'suppressions',
    c.suppressionsLifted.map((hash) => ({ hash })),
  )
  // The first projector alone writes them, one entry after the other.
  if (c.audit.length > 0)
    send(
      `INSERT INTO audit (no, at, by, what, site, subject, detail)
       SELECT i + (SELECT coalesce(max(no), 0) FROM audit), at, by, what, site, subject, detail FROM json_to_recordset($1::text::json)
         AS rows (i bigint, at bigint, by text, what text, site text, subject text, detail text)`,
      [list(c.audit.map((row, i) => ({ i: i + 1, ...row, detail: json(row.detail) })))],
    )
  sent()
  await sums.written
  await writer.settle()

  async function forget(): Promise<void> {
    for (const { visitor, before, isWhole } of c.forgotten) {
      const of = [siteOf.visitor(visitor), visitor]
      send('DELETE FROM events WHERE site = $1 AND visitor = $2 AND at < $3', [...of, before])
      send('DELETE FROM visits WHERE site = $1 AND visitor = $2 AND start_at < $3', [...of, before])
      if (!isWhole) continue
      const gone = await write(
        `DELETE FROM visitors WHERE site = $1 AND no = $2
             AND NOT EXISTS (SELECT 1 FROM links WHERE site = $1 AND visitor = $2)
             AND NOT EXISTS (SELECT 1 FROM edges WHERE site = $1 AND visitor = $2)`,
        of,
      )
      if (gone > 0) send('DELETE FROM consents WHERE site = $1 AND visitor = $2', of)
    }
    put(
      'past_cells',
      c.pastCells.map((row) => ({
        site: siteOf.visitor(row.visitor),
        visitor: row.visitor,
        contact: row.contact,
        day: row.cell.day,
        signal: row.cell.signal,
        last_at: row.cell.lastAt,
        body: json(row),
      })),
    )
  }

  function letters(): void {
    remove(
      'dead_letters',
      c.deadLettersRemoved.map((seq) => ({ seq })),
    )
    // Megabytes each where they are large: not through JSON.
    for (const { seq, at, body, reason } of c.deadLetters)
      send('INSERT INTO dead_letters (seq, at, bytes, body, reason) VALUES ($1, $2, $3, $4, $5)', [
        seq,
        at,
        body.length,
        body,
        reason,
      ])
    if (c.deadLetters.length > 0)
      send(
        `DELETE FROM dead_letters WHERE seq <= (SELECT max(seq) FROM (SELECT seq, sum(bytes) OVER (ORDER BY seq DESC) AS bytes
           FROM dead_letters) AS kept WHERE bytes > $1)`,
        [maxDeadLetterBytes],
      )
    if (c.deadLettersBefore > 0) send('DELETE FROM dead_letters WHERE at < $1', [c.deadLettersBefore])
  }
}

function sumByName(counts: [name: string, n: number][]): [string, number][] {
  const sums = new Map<string, number>()
  for (const [name, n] of counts) sums.set(name, (sums.get(name) ?? 0) + n)
  return [...sums]
}
