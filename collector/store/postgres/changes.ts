import type { Changes, LeadRow, Totals } from '../store.ts'
import { writeDeliveries } from './deliveries.ts'
import { dayOf, NUMBERS, removing, SUM_COLUMNS, TABLES, type TableName, writing } from './tables.ts'

/** Runs a statement; resolves with how many rows it touched. */
export type Statement = (query: string, args: (string | number | null)[]) => Promise<number>

type Row = Record<string, unknown>

/** Writes all of a batch but its watermark: a few statements whatever its size, each with its rows as one JSON list. */
export async function writeChanges(
  write: Statement,
  changes: Changes,
  part: number,
  maxDeadLetterBytes: number,
): Promise<void> {
  async function put(table: TableName, rows: Row[], there: Parameters<typeof writing>[1] = 'replace') {
    if (rows.length === 0) return
    const last = there === 'replace' ? lastByKey(table, rows) : rows
    await write(writing(table, there), [list(last)])
  }
  async function remove(table: TableName, rows: Row[], by?: string[]) {
    if (rows.length > 0) await write(removing(table, by), [list(rows)])
  }
  const c = changes

  await put(
    'sites',
    c.sites.map((site) => ({ no: site.no, id: site.id, body: json(site) })),
  )
  await put(
    'keys',
    c.keys.map((key) => ({
      id: key.id,
      revoked_at: key.revokedAt,
      expires_at: key.expiresAt,
      used_at: key.usedAt,
      body: json(key),
    })),
  )
  for (const { id, at } of c.keysRevoked)
    await write('UPDATE keys SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2', [at, id])
  for (const { id, expiresAt = null, usedAt = null } of c.keysSet)
    await write(
      'UPDATE keys SET expires_at = least(expires_at, $1), used_at = greatest(used_at, $2) WHERE id = $3',
      [expiresAt, usedAt, id],
    )
  for (const one of c.staff)
    await write(
      `INSERT INTO staff (id, removed_at, created_at, body) VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET removed_at = excluded.removed_at, body = excluded.body`,
      [one.id, one.removedAt, one.createdAt, json(one)],
    )
  const settings = [...new Map(c.settings)].map(([name, value]) => ({ name, value }))
  await remove(
    'settings',
    settings.filter(({ value }) => value === null),
    ['name'],
  )
  await put(
    'settings',
    settings.filter(({ value }) => value !== null),
  )
  await put(
    'rules',
    c.rules.map((row) => ({ site: row.site, version: row.version, body: json(row) })),
  )
  await put(
    'visitors',
    c.visitors.map((visitor) => ({
      no: visitor.no,
      site: visitor.site,
      key: visitor.key,
      first_at: visitor.firstAt,
      body: json(visitor),
    })),
  )
  await remove(
    'events',
    c.eventsRemoved.map(({ visitor, id }) => ({ visitor, id_ms: id.ms, id_key: id.key })),
  )
  await put(
    'events',
    c.events.map(({ visitor, event }) => ({
      visitor,
      id_ms: event.id.ms,
      id_key: event.id.key,
      at: event.at,
      body: json('title' in event ? { ...event, title: undefined } : event),
    })),
    'fail',
  )
  await putTitles()
  await remove(
    'visits',
    c.visitsRemoved.map(({ visitor, startAt }) => ({ visitor, start_at: startAt })),
  )
  await put(
    'visits',
    c.visits.map(({ visitor, visit }) => ({ visitor, start_at: visit.startAt, body: json(visit) })),
  )
  await forget()
  await people()
  await sums()
  await put(
    'counts',
    sumByName(c.counts).map(([name, n]) => ({ name, part, n })),
    'add',
  )
  for (const row of c.refusals) await put('refusals', [{ ...row, part }], 'add')
  if (c.refusalsBefore > 0) await write('DELETE FROM refusals WHERE day < $1', [c.refusalsBefore])
  await letters()
  await put(
    'outcomes',
    c.outcomes.map(({ ref, at, outcome }) => ({ ref, at, body: json(outcome) })),
  )
  if (c.outcomesBefore > 0) await write('DELETE FROM outcomes WHERE at < $1', [c.outcomesBefore])
  await put('suppressions', c.suppressed, 'ignore')
  await remove(
    'suppressions',
    c.suppressionsLifted.map((hash) => ({ hash })),
  )
  await put(
    'audit',
    c.audit.map((row) => ({ at: row.at, subject: row.subject, what: row.what, by: row.by, body: json(row) })),
  )

  async function putTitles(): Promise<void> {
    const titled = c.events.flatMap(({ site, event }) =>
      event.kind === 'page' && event.title ? [{ site, path: event.path, title: event.title }] : [],
    )
    const latest = new Map(titled.map((row) => [`${row.site} ${row.path}`, row]))
    if (latest.size === 0) return
    await write(
      `INSERT INTO titles (site, path_hash, path, title)
       SELECT site, md5(path), path, title FROM json_to_recordset($1::text::json) AS rows (site bigint, path text, title text)
       ON CONFLICT (site, path_hash) DO UPDATE SET title = excluded.title`,
      [list([...latest.values()])],
    )
  }

  async function forget(): Promise<void> {
    for (const { visitor, before, isWhole } of c.forgotten) {
      await write('DELETE FROM events WHERE visitor = $1 AND at < $2', [visitor, before])
      await write('DELETE FROM visits WHERE visitor = $1 AND start_at < $2', [visitor, before])
      // The greatest number of a partition stays, or its next visitor would be given it and be taken for this one.
      if (!isWhole) continue
      const gone = await write(
        `DELETE FROM visitors WHERE no = $1
             AND no < (SELECT max(no) FROM visitors WHERE no < ($1::bigint / $2::bigint + 1) * $2::bigint)
             AND NOT EXISTS (SELECT 1 FROM links WHERE visitor = $1) AND NOT EXISTS (SELECT 1 FROM edges WHERE visitor = $1)`,
        [visitor, NUMBERS],
      )
      if (gone > 0) await write('DELETE FROM consents WHERE visitor = $1', [visitor])
    }
    await put(
      'past_cells',
      c.pastCells.map((row) => ({
        visitor: row.visitor,
        contact: row.contact,
        day: row.cell.day,
        signal: row.cell.signal,
        body: json(row),
      })),
    )
  }

  /** Writes rows of leads that are there; those of others are left out. */
  async function putOfLeads(table: TableName, rows: Row[], set: string): Promise<void> {
    if (rows.length === 0) return
    const { columns, key } = TABLES[table]
    const names = Object.keys(columns)
    await write(
      `INSERT INTO ${table} (${names}) SELECT ${names}
       FROM json_to_recordset($1::text::json) AS rows (${Object.entries(columns).map(([name, type]) => `${name} ${type}`)})
       WHERE EXISTS (SELECT 1 FROM leads WHERE leads.contact = rows.contact)
       ON CONFLICT (${key}) DO UPDATE SET ${set}`,
      [list(lastByKey(table, rows))],
    )
  }

  async function journeys(): Promise<void> {
    await putOfLeads(
      'touches',
      c.touches.map(({ contact, touch }) => ({ contact, at: touch?.at ?? null, body: json(touch) })),
      'at = excluded.at, body = excluded.body',
    )
    for (const { contact, rules, isWon } of c.handOvers)
      await putOfLeads(
        'hand_overs',
        [{ contact, rules: json(rules ?? null), is_won: isWon }],
        `is_won = excluded.is_won${rules === undefined ? '' : ', rules = excluded.rules'}`,
      )
    for (const { contact, from, files } of c.contentSeen) {
      if (from !== null)
        await write('DELETE FROM content_seen WHERE contact = $1 AND at >= $2', [contact, from])
      if (files.length > 0)
        await write(
          `INSERT INTO content_seen (contact, path_hash, path, at)
           SELECT contact, md5(path), path, min(at) FROM json_to_recordset($1::text::json) AS rows (contact bigint, path text, at bigint)
           WHERE EXISTS (SELECT 1 FROM leads WHERE leads.contact = rows.contact) GROUP BY contact, path
           ON CONFLICT (contact, path_hash) DO UPDATE SET at = least(content_seen.at, excluded.at)`,
          [list(files.map(([path, at]) => ({ contact, path, at })))],
        )
    }
  }

  async function people(): Promise<void> {
    await put(
      'contacts',
      c.contacts.map((contact) => ({
        no: contact.no,
        id: contact.id,
        merged_into: contact.mergedInto,
        body: json(contact),
      })),
    )
    await remove('identities', c.identitiesRemoved)
    await put('identities', c.identities)
    await remove(
      'links',
      c.linksRemoved.map(({ visitor, at, contact }) => ({ visitor, at, contact })),
    )
    await put(
      'links',
      c.links.map(({ visitor, at, contact, viewAt }) => ({ visitor, at, contact, view_at: viewAt })),
      'ignore',
    )
    await put(
      'consents',
      c.consents.map((row) => ({ ...row })),
    )
    await put(
      'measured_views',
      c.measuredViews.map(({ visitor, id, at }) => ({
        day: dayOf(at),
        id_ms: id.ms,
        id_key: id.key,
        visitor,
        at,
      })),
      'ignore',
    )
    await put(
      'awaited_views',
      c.awaitedViews.map(({ site, id, contact, at }) => ({
        day: dayOf(at),
        id_ms: id.ms,
        id_key: id.key,
        site,
        contact,
        at,
      })),
      'ignore',
    )
    if (c.measuredViewsBefore > 0)
      for (const views of ['measured_views', 'awaited_views'])
        await write(`DELETE FROM ${views} WHERE day < $1`, [c.measuredViewsBefore])
    await remove(
      'edges',
      c.edgesReplaced.map(({ visitor }) => ({ visitor })),
      ['visitor'],
    )
    await put(
      'edges',
      c.edgesReplaced.flatMap(({ edges }) =>
        edges.map(({ contact, visitor, from, to }) => ({ contact, visitor, from_at: from, to_at: to })),
      ),
    )
    const gone = c.leadsRemoved.map((contact) => ({ contact }))
    await remove('leads', gone)
    await remove('cells', gone, ['contact'])
    for (const table of ['touches', 'hand_overs', 'content_seen'] as const)
      await remove(table, gone, ['contact'])
    await put('leads', c.leads.map(leadColumns))
    await journeys()
    await remove(
      'cells',
      c.cellsReplaced.map(({ contact }) => ({ contact })),
      ['contact'],
    )
    const putCells = (cells: Changes['cells']) =>
      put(
        'cells',
        cells.map(({ contact, cell }) => ({ contact, day: cell.day, signal: cell.signal, body: json(cell) })),
      )
    await putCells(c.cellsReplaced.flatMap(({ contact, cells }) => cells.map((cell) => ({ contact, cell }))))
    await remove(
      'cells',
      c.cellsRemoved.map((row) => ({ ...row })),
    )
    await putCells(c.cells)
    await put(
      'decisions',
      c.decisions.map((row) => ({
        contact: row.contact,
        at: row.decision.at,
        id_ms: row.decision.id.ms,
        id_key: row.decision.id.key,
        body: json(row),
      })),
      'fail',
    )
    await put(
      'notes',
      c.notes.map((row) => ({ contact: row.contact, at: row.at, id: row.id, body: json(row) })),
      'fail',
    )
    await put(
      'breaches',
      c.breaches.map((row) => ({ contact: row.contact, since: row.since, body: json(row) })),
      'ignore',
    )
    await put(
      'transitions',
      c.transitions.map((row) => ({ no: row.no, contact: row.contact, body: json(row) })),
      'fail',
    )
    await put(
      'superseded',
      c.transitions.flatMap(({ no, supersedes }) =>
        supersedes.map((transition) => ({ transition, by_transition: no })),
      ),
      'fail',
    )
    await writeDeliveries(write, c)
  }

  async function sums(): Promise<void> {
    if (c.rollUpsDropped) {
      const { site, quarter, day, limit } = c.rollUpsDropped
      for (const [table, unit, since] of [
        ['quarters', 'quarter', quarter],
        ['quarter_visitors', 'quarter', quarter],
        ['slices', 'day', day],
        ['slice_visitors', 'day', day],
      ] as const)
        await write(
          `DELETE FROM ${table} WHERE ctid IN (SELECT ctid FROM ${table} WHERE site = $1 AND ${unit} >= $2 LIMIT $3)`,
          [site, since, limit],
        )
    }
    await put(
      'quarters',
      c.quarters.map(({ site, quarter, totals }) => ({ site, quarter, part, ...sumColumns(totals) })),
      'add',
    )
    await remove(
      'quarter_visitors',
      c.quarters.flatMap(({ site, quarter, wentOut }) =>
        [...wentOut].map((visitor) => ({ site, quarter, visitor })),
      ),
    )
    await put(
      'quarter_visitors',
      c.quarters.flatMap(({ site, quarter, cameIn }) =>
        [...cameIn].map((visitor) => ({ site, quarter, visitor })),
      ),
      'ignore',
    )
    const touched = c.slices
      .map((slice) => ({ ...slice, sums: sumColumns(slice.totals) }))
      .filter(({ sums }) => Object.values(sums).some((n) => n !== 0))
    if (touched.length > 0) {
      const names = ['site', 'dimension', 'day', 'value', ...SUM_COLUMNS]
      const types = names.map((name) => `${name} ${(TABLES.slices.columns as Record<string, string>)[name]}`)
      await write(
        `INSERT INTO slices (${names}, value_hash, part)
         SELECT ${names}, md5(value), $2 FROM json_to_recordset($1::text::json) AS rows (${types})
         ON CONFLICT (site, dimension, day, value_hash, part) DO UPDATE SET ${SUM_COLUMNS.map((sum) => `${sum} = slices.${sum} + excluded.${sum}`)}`,
        [
          list(
            touched.map(({ site, dimension, day, value, sums }) => ({
              site,
              dimension,
              day,
              value,
              ...sums,
            })),
          ),
          part,
        ],
      )
      if (touched.some(({ sums }) => Object.values(sums).some((n) => n < 0)))
        await write(
          `DELETE FROM slices USING json_to_recordset($1::text::json) AS gone (site bigint, dimension text, day bigint, value text)
           WHERE slices.site = gone.site AND slices.dimension = gone.dimension AND slices.day = gone.day
             AND value_hash = md5(gone.value) AND part = $2 AND ${SUM_COLUMNS.map((sum) => `${sum} = 0`).join(' AND ')}`,
          [list(touched.map(({ site, dimension, day, value }) => ({ site, dimension, day, value }))), part],
        )
    }
    const members = (of: 'cameIn' | 'wentOut') =>
      c.slices.flatMap(({ site, dimension, day, value, [of]: some }) =>
        [...some].map((visitor) => ({ site, dimension, day, value, visitor })),
      )
    const MEMBER = '(site bigint, dimension text, day bigint, value text, visitor bigint)'
    const [out, into] = [members('wentOut'), members('cameIn')]
    if (out.length > 0)
      await write(
        `DELETE FROM slice_visitors AS s USING json_to_recordset($1::text::json) AS gone ${MEMBER}
         WHERE s.site = gone.site AND s.dimension = gone.dimension AND s.day = gone.day
           AND s.value_hash = md5(gone.value) AND s.visitor = gone.visitor`,
        [list(out)],
      )
    if (into.length > 0)
      await write(
        `INSERT INTO slice_visitors (site, dimension, day, value_hash, visitor)
         SELECT site, dimension, day, md5(value), visitor FROM json_to_recordset($1::text::json) AS rows ${MEMBER}
         ON CONFLICT DO NOTHING`,
        [list(into)],
      )
  }

  async function letters(): Promise<void> {
    await remove(
      'dead_letters',
      c.deadLettersRemoved.map((seq) => ({ seq })),
    )
    // Megabytes each where they are large: not through JSON.
    for (const { seq, at, body, reason } of c.deadLetters)
      await write('INSERT INTO dead_letters (seq, at, bytes, body, reason) VALUES ($1, $2, $3, $4, $5)', [
        seq,
        at,
        body.length,
        body,
        reason,
      ])
    if (c.deadLetters.length > 0)
      await write(
        `DELETE FROM dead_letters WHERE seq <= (SELECT max(seq) FROM (SELECT seq, sum(bytes) OVER (ORDER BY seq DESC) AS bytes
           FROM dead_letters) AS kept WHERE bytes > $1)`,
        [maxDeadLetterBytes],
      )
    if (c.deadLettersBefore > 0) await write('DELETE FROM dead_letters WHERE at < $1', [c.deadLettersBefore])
  }
}

function leadColumns(row: LeadRow): Row {
  const { reviewDay, since } = row.lead
  const { contact, site, rulesVersion, dueAt } = row
  return {
    contact,
    site,
    review_day: reviewDay,
    rules_version: rulesVersion,
    due_at: dueAt,
    since,
    body: json(row),
  }
}

/** In the order of their columns. */
const sumColumns = (t: Totals): Record<string, number> => ({
  visits: t.visits,
  bounces: t.bounces,
  views: t.views,
  engaged_ms: t.engagedMs,
  downloads: t.downloads,
  cart_adds: t.cartAdds,
  cart_value: t.cartValue,
})

const json = (value: unknown): string => JSON.stringify(value)

/** NUL cannot be taken out of a JSON text on the server; see `plain` in `store.ts`. */
const list = (rows: Row[]): string =>
  JSON.stringify(rows, (_, value) => (typeof value === 'string' ? value.replaceAll('\0', '\u2400') : value))

/** A statement may not write a row twice: the last one holds. */
function lastByKey(table: TableName, rows: Row[]): Row[] {
  const { key } = TABLES[table]
  return [...new Map(rows.map((row) => [json(key.map((column) => row[column])), row])).values()]
}

function sumByName(counts: [name: string, n: number][]): [string, number][] {
  const sums = new Map<string, number>()
  for (const [name, n] of counts) sums.set(name, (sums.get(name) ?? 0) + n)
  return [...sums]
}
