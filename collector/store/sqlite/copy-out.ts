/** Reads a whole state in SQLite, in one read transaction: whoever writes goes on meanwhile. */
import type { Database } from 'better-sqlite3'
import type { Cell } from '../../lead/state.ts'
import { type Kind, type Kinds, OWN_SETTINGS, plainSet, rowsAtOnce, type StateSource } from '../copy.ts'
import { type DecisionRow, DIMENSIONS, type Edge, type Totals, type Touch } from '../store.ts'
import { VisitorSet } from '../visitor-set.ts'
import { EVENT_COLUMNS, type EventRow, fromRow } from './event-row.ts'
import { fromColumns } from './row.ts'
import { sqliteTexts, type Texts } from './texts.ts'
import { fromVisitRow, VISIT_COLUMNS, type VisitRow } from './visit-row.ts'
import { fromVisitorRow, VISITOR_COLUMNS, type VisitorRow } from './visitor-row.ts'

type Row = Record<string, unknown>

interface From<T> {
  table: string
  /** Columns by whose order it is read, all of them not null; they are among `columns`, under these names. */
  key: string[]
  columns: string
  where?: string
  of(row: never, texts: Texts): T
}

const SUMS = `visits, bounces, views, engaged_ms AS engagedMs, downloads, cart_adds AS cartAdds, cart_value AS cartValue`
const ANY_SUM =
  'visits <> 0 OR bounces <> 0 OR views <> 0 OR engaged_ms <> 0 OR downloads <> 0 OR cart_adds <> 0 OR cart_value <> 0'
const CELL = 'signal, day, count, ms, keys, last_at AS lastAt'
/** Without visitors it counts nobody. */
const HAS_VISITORS = 'length(visitors) > 1'

const same = <T>(row: T): T => row
const text = (no: unknown, texts: Texts): string | null => (no === null ? null : texts.text(no as number))
const set = (visitors: unknown): Buffer => plainSet(VisitorSet.decode(visitors as Uint8Array))

function totalsOf({ visits, bounces, views, engagedMs, downloads, cartAdds, cartValue }: Totals): Totals {
  return { visits, bounces, views, engagedMs, downloads, cartAdds, cartValue }
}

interface CellRow extends Omit<Cell, 'keys'> {
  contact: number
  keys: string | null
}

const cellOf = ({ signal, day, count, ms, keys, lastAt }: CellRow): Cell => ({
  signal,
  day,
  count,
  ms,
  keys: keys === null ? [] : JSON.parse(keys),
  lastAt,
})

const viewOf = ({ id_ms: ms, id_key: key }: Row) => ({ ms: ms as number, key: key as number })

export const SOURCES: { [K in Kind]: From<K extends 'edges' ? Edge : Kinds[K]> } = {
  settings: {
    table: 'settings',
    key: ['name'],
    columns: 'name, value',
    where: `name NOT IN (${OWN_SETTINGS.map((name) => `'${name}'`)})`,
    of: same,
  },
  sites: { table: 'sites', key: ['no'], columns: '*', of: (row) => fromColumns('sites', row) as never },
  keys: { table: 'keys', key: ['id'], columns: '*', of: (row) => fromColumns('keys', row) as never },
  staff: {
    table: 'staff',
    key: ['id'],
    columns: 'id, name, role, hash, site, created_at AS createdAt, removed_at AS removedAt',
    of: same,
  },
  rules: {
    table: 'rules',
    key: ['site', 'version'],
    columns: '*',
    of: (row) => fromColumns('rules', row) as never,
  },
  visitors: {
    table: 'visitors',
    key: ['no'],
    columns: VISITOR_COLUMNS,
    of: (row: VisitorRow, texts) => fromVisitorRow(row, texts),
  },
  events: {
    table: 'events',
    key: ['visitor', 'id_ms', 'id_key'],
    columns: `visitor, id_ms, id_key, ${EVENT_COLUMNS}, (SELECT site FROM visitors WHERE no = visitor) AS site`,
    of: (row: EventRow & { visitor: number; site: number }, texts) => ({
      visitor: row.visitor,
      site: row.site,
      event: fromRow(row, texts),
    }),
  },
  titles: {
    table: 'titles',
    key: ['site', 'path'],
    columns: 'site, path, title',
    of: ({ site, path, title }: { site: number; path: number; title: string }, texts) => ({
      site,
      path: texts.text(path),
      title,
    }),
  },
  visits: {
    table: 'visits',
    key: ['visitor', 'start_at'],
    columns: `visitor, start_at, ${VISIT_COLUMNS}`,
    of: (row: VisitRow & { visitor: number }, texts) => ({
      visitor: row.visitor,
      visit: fromVisitRow(row, texts),
    }),
  },
  contacts: {
    table: 'contacts',
    key: ['no'],
    columns: '*',
    of: (row) => fromColumns('contacts', row) as never,
  },
  identities: {
    table: 'identities',
    key: ['site', 'kind', 'value'],
    columns: 'site, kind, value, contact',
    of: same,
  },
  links: {
    table: 'links',
    key: ['visitor', 'at', 'contact'],
    columns: 'visitor, at, contact, view_at AS viewAt',
    of: same,
  },
  consents: {
    table: 'consents',
    key: ['visitor', 'at'],
    columns: 'visitor, at, state, source',
    of: same,
  },
  measuredViews: {
    table: 'measured_views',
    key: ['day', 'id_ms', 'id_key', 'visitor'],
    columns: 'day, id_ms, id_key, visitor, at',
    of: (row: Row) => ({ visitor: row.visitor as number, id: viewOf(row), at: row.at as number }),
  },
  awaitedViews: {
    table: 'awaited_views',
    key: ['day', 'id_ms', 'id_key', 'site', 'contact'],
    columns: 'day, id_ms, id_key, site, contact, at',
    of: (row: Row) => ({
      site: row.site as number,
      id: viewOf(row),
      contact: row.contact as number,
      at: row.at as number,
    }),
  },
  edges: {
    table: 'edges',
    key: ['visitor', 'contact', 'from_at'],
    columns: 'contact, visitor, from_at, to_at',
    of: ({ contact, visitor, from_at: from, to_at: to }: Record<string, number>) => ({
      contact: contact!,
      visitor: visitor!,
      from: from!,
      to: to!,
    }),
  },
  leads: {
    table: 'leads',
    key: ['contact'],
    columns:
      'contact, site, engagement, fit, rules_version AS rulesVersion, due_at AS dueAt, visits, views, engaged_ms AS engagedMs, lead',
    of: (row: Kinds['leads']) => ({ ...row, lead: JSON.parse(row.lead as unknown as string) }),
  },
  journeys: {
    table: 'milestones',
    key: ['contact'],
    columns: 'contact, touch_at, source, entry, campaign, standing, is_won',
    of: (row: Row, texts) => ({
      contact: row.contact as number,
      touch:
        row.touch_at === null
          ? null
          : ({
              at: row.touch_at,
              source: text(row.source, texts),
              entry: text(row.entry, texts),
              campaign: text(row.campaign, texts),
            } as Touch),
      rules: text(row.standing, texts)?.split(' ').filter(Boolean) ?? null,
      isWon: row.is_won === null ? null : row.is_won === 1,
    }),
  },
  cells: {
    table: 'cells',
    key: ['contact', 'day', 'signal'],
    columns: `contact, ${CELL}`,
    of: (row: CellRow) => ({ contact: row.contact, cell: cellOf(row) }),
  },
  pastCells: {
    table: 'past_cells',
    key: ['visitor', 'contact', 'day', 'signal'],
    columns: `visitor, contact, ${CELL}`,
    of: (row: CellRow & { visitor: number }) => ({
      visitor: row.visitor,
      contact: row.contact,
      cell: cellOf(row),
    }),
  },
  contentSeen: {
    table: 'seen_content',
    key: ['contact', 'path'],
    columns: 'contact, path, at',
    of: ({ contact, path, at }: Record<string, number>, texts) => ({
      contact: contact!,
      path: texts.text(path!),
      at: at!,
    }),
  },
  decisions: {
    table: 'decisions',
    key: ['contact', 'at', 'id_ms', 'id_key'],
    columns:
      'contact, site, at, id_ms, id_key, decision, by, reason, until, value, recorded_at AS recordedAt',
    of: ({ contact, site, recordedAt, id_ms: ms, id_key: key, ...decision }: Row) =>
      ({ contact, site, recordedAt, decision: { id: { ms, key }, ...decision } }) as DecisionRow,
  },
  notes: {
    table: 'notes',
    key: ['contact', 'at', 'id'],
    columns: 'contact, at, id, site, about, text, by',
    of: same,
  },
  breaches: {
    table: 'breaches',
    key: ['contact', 'since'],
    columns: 'contact, since, site, due_at AS dueAt, recorded_at AS recordedAt',
    of: same,
  },
  transitions: {
    table: 'transitions',
    key: ['no'],
    columns: '*',
    of: (row) => ({ ...(fromColumns('transitions', row) as Kinds['transitions']), supersedes: [] }),
  },
  superseded: {
    table: 'superseded',
    key: ['transition'],
    columns: '"transition", by_transition AS by',
    of: same,
  },
  stageDays: {
    table: 'stage_days',
    key: ['site', 'day', 'stage'],
    columns: 'site, day, stage, n',
    where: 'n <> 0',
    of: same,
  },
  webhooks: {
    table: 'webhooks',
    key: ['id'],
    columns: 'id, body',
    of: ({ body }: { body: string }) => JSON.parse(body),
  },
  outbox: {
    table: 'outbox',
    key: ['id'],
    columns: 'id, site, contact, seq, serial, created_at AS createdAt, is_brief AS isBrief, payload',
    of: (row: Row) => ({
      ...(row as unknown as Kinds['outbox']),
      isBrief: row.isBrief === 1,
      payload: JSON.parse(row.payload as string),
    }),
  },
  deliveries: {
    table: 'deliveries',
    key: ['webhook', 'message'],
    columns: 'webhook, message, contact, seq, serial, created_at AS createdAt, state, due_at AS dueAt, tries',
    of: (row: Row) => ({
      ...(row as unknown as Kinds['deliveries']),
      tries: JSON.parse(row.tries as string),
    }),
  },
  quarters: {
    table: 'quarters',
    key: ['site', 'quarter'],
    columns: `site, quarter, ${SUMS}`,
    where: ANY_SUM,
    of: (row: Totals & { site: number; quarter: number }) => ({
      site: row.site,
      quarter: row.quarter,
      totals: totalsOf(row),
    }),
  },
  quarterVisitors: {
    table: 'quarters',
    key: ['site', 'quarter'],
    columns: 'site, quarter, visitors',
    where: HAS_VISITORS,
    of: ({ visitors, ...row }: Kinds['quarterVisitors']) => ({ ...row, visitors: set(visitors) }),
  },
  slices: {
    table: 'slices',
    key: ['site', 'dimension', 'day', 'value'],
    columns: `site, dimension, day, value, ${SUMS}`,
    where: ANY_SUM,
    of: (row: Totals & Record<'site' | 'dimension' | 'day' | 'value', number>, texts) => ({
      site: row.site,
      dimension: DIMENSIONS[row.dimension]!,
      day: row.day,
      value: texts.text(row.value),
      totals: totalsOf(row),
    }),
  },
  sliceVisitors: {
    table: 'slice_visitors',
    key: ['site', 'dimension', 'day', 'value'],
    columns: 'site, dimension, day, value, visitors',
    where: HAS_VISITORS,
    of: (row: Record<'site' | 'dimension' | 'day' | 'value', number> & { visitors: Buffer }, texts) => ({
      site: row.site,
      dimension: DIMENSIONS[row.dimension]!,
      day: row.day,
      value: texts.text(row.value),
      visitors: set(row.visitors),
    }),
  },
  counts: { table: 'counts', key: ['name'], columns: 'name, n', of: same },
  refusals: {
    table: 'refusals',
    key: ['day', 'site', 'reason'],
    columns: 'day, site, reason, n',
    of: same,
  },
  deadLetters: { table: 'dead_letters', key: ['seq'], columns: 'seq, at, body, reason', of: same },
  outcomes: {
    table: 'outcomes',
    key: ['ref'],
    columns: 'ref, at, outcome',
    of: ({ ref, at, outcome }: { ref: string; at: number; outcome: string }) => ({
      ref,
      at,
      outcome: JSON.parse(outcome),
    }),
  },
  suppressions: { table: 'suppressions', key: ['hash'], columns: 'hash, at', of: same },
  audit: {
    table: 'audit',
    key: ['no'],
    columns: 'no, at, "by", what, site, subject, detail',
    of: ({ no: _, detail, ...row }: Kinds['audit'] & { no: number }) => ({
      ...row,
      detail: JSON.parse(detail as unknown as string),
    }),
  },
}

/** Tables that follow from others as they are written: the strings and the weeks. */
export const FOLLOWING = ['texts', 'week_slices', 'week_changes', 'milestone_blocks', 'known_visitors']

/** As the state stands now, over a connection of its own, which closing the source closes. */
export function sqliteSource(db: Database): StateSource {
  const texts = sqliteTexts(db)
  db.exec('BEGIN')
  const row = db.prepare("SELECT value FROM settings WHERE name = 'watermark'").pluck().get() as
    | string
    | undefined
  const { logId, seq, now } = row === undefined ? { logId: null, seq: 0, now: 0 } : JSON.parse(row)

  function* pages(kind: Kind, limit: number): Generator<Row[]> {
    const { table, key, columns, where = 'true' } = SOURCES[kind]
    const names = key.map((name) => `"${name}"`)
    const query = (after: string) =>
      db.prepare(
        `SELECT ${columns} FROM ${table} WHERE (${where}) AND ${after} ORDER BY ${names} LIMIT ${limit}`,
      )
    let rows = query('true').all() as Row[]
    const next = query(`(${names}) > (${key.map(() => '?')})`)
    while (rows.length > 0) {
      yield rows
      if (rows.length < limit) return
      rows = next.all(...key.map((name) => rows.at(-1)![name])) as Row[]
    }
  }

  return {
    watermarks: { logId, seqs: [seq], now },
    async *rows<K extends Kind>(kind: K): AsyncGenerator<Kinds[K][]> {
      const { of } = SOURCES[kind] as unknown as From<Kinds[K]>
      let waiting: Edge[] = []
      for (const page of pages(kind, rowsAtOnce(kind))) {
        const rows = page.map((row) => of(row as never, texts))
        if (kind !== 'edges') {
          yield rows
          continue
        }
        // The last visitor's may go on in the next page.
        const all = waiting.concat(rows as unknown as Edge[])
        const last = all.at(-1)!.visitor
        waiting = all.filter(({ visitor }) => visitor === last)
        const whole = byVisitor(all.filter(({ visitor }) => visitor !== last))
        if (whole.length > 0) yield whole as Kinds[K][]
      }
      if (waiting.length > 0) yield byVisitor(waiting) as Kinds[K][]
    },
    async count(kind) {
      return db.prepare(`SELECT count(*) FROM ${SOURCES[kind].table}`).pluck().get() as number
    },
    async close() {
      db.exec('COMMIT')
      db.close()
    },
  }
}

const byVisitor = (edges: Edge[]): Kinds['edges'][] =>
  [...Map.groupBy(edges, ({ visitor }) => visitor)].map(([visitor, edges]) => ({ visitor, edges }))
