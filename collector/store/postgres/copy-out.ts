/** Reads a whole state in PostgreSQL, as it stands at one moment: whoever writes goes on meanwhile. */
import type postgres from 'postgres'
import type { Decision } from '../../lead/state.ts'
import { connect } from '../../postgres-connection.ts'
import { type Kind, type Kinds, OWN_SETTINGS, plainSet, rowsAtOnce, type StateSource } from '../copy.ts'
import type { Edge, Totals } from '../store.ts'
import { NUMBERS, VisitorSet } from '../visitor-set.ts'
import { EVENT_COLUMNS, type EventRow, fromEventRow } from './event-row.ts'
import { GIVEN_OUT_SETTINGS, isGivenOut } from './given-out.ts'
import { fromVisitorRow, fromVisitRow, VISIT_COLUMNS, type VisitorRow, visitorColumns } from './visit-row.ts'

interface From<T> {
  query: string
  of(row: never): T
}

const same = <T>(row: T): T => ({ ...row })
/** Of a table whose `body` is the row. */
const bodies = (table: string): From<never> => ({
  query: `SELECT body FROM ${table}`,
  of: ({ body }: { body: string }) => JSON.parse(body) as never,
})

const SUMS = Object.entries({
  visits: 'visits',
  bounces: 'bounces',
  views: 'views',
  engaged_ms: 'engagedMs',
  downloads: 'downloads',
  cart_adds: 'cartAdds',
  cart_value: 'cartValue',
} satisfies Record<string, keyof Totals>)
/** Together what the partitions have summed up apart. */
const summed = SUMS.map(([column, name]) => `sum(${column})::bigint AS "${name}"`).join(', ')
const anySum = SUMS.map(([column]) => `sum(${column}) <> 0`).join(' OR ')

function totalsOf({ visits, bounces, views, engagedMs, downloads, cartAdds, cartValue }: Totals): Totals {
  return { visits, bounces, views, engagedMs, downloads, cartAdds, cartValue }
}

/** Sets lie by partition, in the order of their key: the rows of one set follow each other. */
interface SetRow {
  visitors: Uint8Array
}

/**
 * Under their numbers where one projector gave them out; those of several are numbered anew in the order in which they
 * were written down, which other engines take from the numbers.
 */
const NUMBERED = `SELECT *, CASE WHEN (SELECT max(no) FROM transitions) < ${NUMBERS} THEN no
  ELSE row_number() OVER (ORDER BY recorded_at, no) END AS place FROM transitions`

const SOURCES: { [K in Kind]: From<K extends 'edges' ? Edge : Kinds[K]> } = {
  settings: {
    query: `SELECT name, value FROM settings WHERE name NOT IN (${OWN_SETTINGS.map((name) => `'${name}'`)})
      AND NOT ${isGivenOut('name')} UNION ALL (${GIVEN_OUT_SETTINGS})`,
    of: same,
  },
  sites: bodies('sites'),
  keys: {
    query:
      'SELECT body, created_at AS "createdAt", revoked_at AS "revokedAt", expires_at AS "expiresAt", used_at AS "usedAt" FROM keys',
    of: ({ body, ...times }: { body: string }) => ({ ...JSON.parse(body), ...times }),
  },
  staff: {
    query: 'SELECT body, created_at AS "createdAt" FROM staff',
    of: ({ body, createdAt }: { body: string; createdAt: number }) => ({ ...JSON.parse(body), createdAt }),
  },
  rules: {
    query: 'SELECT site, version, document, applied_at AS "appliedAt", by FROM rules',
    of: (row: Kinds['rules']) => ({ ...row, document: JSON.parse(row.document as string) }),
  },
  visitors: {
    query: `SELECT ${visitorColumns()} FROM visitors`,
    of: (row: VisitorRow) => fromVisitorRow(row),
  },
  events: {
    query: `SELECT site, visitor, ${EVENT_COLUMNS} FROM events`,
    of: ({ visitor, site, ...row }: EventRow & { visitor: number; site: number }) => ({
      visitor,
      site,
      event: fromEventRow(row),
    }),
  },
  titles: { query: 'SELECT site, path, title FROM titles', of: same },
  visits: {
    query: `SELECT visitor, ${VISIT_COLUMNS} FROM visits`,
    of: ({ visitor, ...visit }: Parameters<typeof fromVisitRow>[0] & { visitor: number }) => ({
      visitor,
      visit: fromVisitRow(visit),
    }),
  },
  contacts: bodies('contacts'),
  identities: { query: 'SELECT site, kind, value, contact FROM identities', of: same },
  links: { query: 'SELECT visitor, at, contact, view_at AS "viewAt" FROM links', of: same },
  consents: { query: 'SELECT visitor, at, state, source FROM consents', of: same },
  measuredViews: {
    query: 'SELECT visitor, id_ms AS ms, id_key AS key, at FROM measured_views',
    of: ({ visitor, ms, key, at }: Record<string, number>) =>
      ({ visitor, id: { ms, key }, at }) as Kinds['measuredViews'],
  },
  awaitedViews: {
    query: 'SELECT site, id_ms AS ms, id_key AS key, contact, at FROM awaited_views',
    of: ({ site, ms, key, contact, at }: Record<string, number>) =>
      ({ site, id: { ms, key }, contact, at }) as Kinds['awaitedViews'],
  },
  edges: {
    query:
      'SELECT contact, visitor, from_at AS "from", to_at AS "to" FROM edges ORDER BY visitor, contact, from_at',
    of: same,
  },
  leads: bodies('leads'),
  journeys: {
    query:
      'SELECT contact, touch_at AS at, source, entry, campaign, standing, is_won AS "isWon" FROM milestones',
    of: ({ contact, at, source, entry, campaign, standing, isWon }: never) => ({
      contact,
      touch: at === null ? null : { at, source, entry, campaign },
      rules: standing === null ? null : JSON.parse(standing),
      isWon,
    }),
  },
  cells: {
    query: 'SELECT contact, body FROM cells',
    of: ({ contact, body }: never) => ({ contact, cell: JSON.parse(body) }),
  },
  pastCells: bodies('past_cells'),
  contentSeen: { query: 'SELECT contact, path, at FROM seen_content', of: same },
  decisions: {
    query: 'SELECT body FROM decisions',
    of: ({ body }: { body: string }) => JSON.parse(body) as Kinds['decisions'] & { decision: Decision },
  },
  notes: bodies('notes'),
  breaches: {
    query: 'SELECT contact, since, site, due_at AS "dueAt", recorded_at AS "recordedAt" FROM breaches',
    of: same,
  },
  transitions: {
    query: `SELECT place AS no, contact, from_stage AS "from", to_stage AS "to", effective_at AS "effectiveAt",
      recorded_at AS "recordedAt", by, why FROM (${NUMBERED}) AS t ORDER BY place`,
    of: (row: Kinds['transitions']) => ({ ...row, supersedes: [] }),
  },
  superseded: {
    query: `WITH t AS (${NUMBERED}) SELECT t.place AS "transition", other.place AS by FROM superseded AS s
      JOIN t ON t.site = s.site AND t.no = s.transition JOIN t AS other ON other.site = s.site AND other.no = s.by_transition`,
    of: same,
  },
  stageDays: {
    query:
      'SELECT site, day, stage, sum(n)::bigint AS n FROM stage_days GROUP BY site, day, stage HAVING sum(n) <> 0',
    of: same,
  },
  webhooks: bodies('webhooks'),
  outbox: bodies('outbox'),
  deliveries: {
    query:
      'SELECT webhook, message, contact, seq, serial, created_at AS "createdAt", state, due_at AS "dueAt", tries FROM deliveries',
    of: (row: Kinds['deliveries']) => ({ ...row, tries: JSON.parse(row.tries as unknown as string) }),
  },
  quarters: {
    query: `SELECT site, quarter, ${summed} FROM quarters GROUP BY site, quarter HAVING ${anySum}`,
    of: (row: Totals & { site: number; quarter: number }) => ({
      site: row.site,
      quarter: row.quarter,
      totals: totalsOf(row),
    }),
  },
  quarterVisitors: {
    query: 'SELECT site, quarter, visitors FROM quarter_visitors ORDER BY site, quarter, part',
    of: same as never,
  },
  slices: {
    query: `SELECT site, dimension, day, min(value) AS value, ${summed} FROM slices
      GROUP BY site, dimension, day, value_hash HAVING ${anySum}`,
    of: (row: Totals & Kinds['slices']) => ({
      site: row.site,
      dimension: row.dimension,
      day: row.day,
      value: row.value,
      totals: totalsOf(row),
    }),
  },
  // Of a value of which nothing was ever summed up nobody knows the name.
  sliceVisitors: {
    query: `SELECT s.site, s.dimension, s.day, v.value, s.visitors FROM slice_visitors AS s
      JOIN (SELECT site, dimension, value_hash, min(value) AS value FROM slices GROUP BY site, dimension, value_hash) AS v
        USING (site, dimension, value_hash)
      ORDER BY s.site, s.dimension, s.day, s.value_hash, s.part`,
    of: same as never,
  },
  counts: { query: 'SELECT name, sum(n)::bigint AS n FROM counts GROUP BY name', of: same },
  refusals: {
    query: 'SELECT day, site, reason, sum(n)::bigint AS n FROM refusals GROUP BY day, site, reason',
    of: same,
  },
  deadLetters: { query: 'SELECT seq, at, body, reason FROM dead_letters', of: same },
  outcomes: {
    query: 'SELECT ref, at, body FROM outcomes',
    of: ({ ref, at, body }: never) => ({ ref, at, outcome: JSON.parse(body) }),
  },
  suppressions: { query: 'SELECT hash, at FROM suppressions', of: same },
  audit: {
    query: 'SELECT at, by, what, site, subject, detail FROM audit ORDER BY no',
    of: (row: Kinds['audit']) => ({ ...row, detail: JSON.parse(row.detail as unknown as string) }),
  },
}

/** As the state stands now. Rejects while the database is away. */
export async function postgresSource(url: string, partitions: number): Promise<StateSource> {
  const sql = connect(url, { max: 1, idle_timeout: 0, max_lifetime: null })
  const begun = Promise.withResolvers<postgres.TransactionSql>()
  const ending = Promise.withResolvers<void>()
  const ended = sql.begin('isolation level repeatable read read only', (sql) => {
    begun.resolve(sql as never)
    return ending.promise
  })
  ended.catch(begun.reject)
  const close = async () => {
    ending.resolve()
    await ended.catch(() => {})
    await sql.end({ timeout: 1 })
  }
  try {
    const within = await begun.promise
    return { ...(await sourceOf(within, partitions)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function sourceOf(
  sql: postgres.TransactionSql,
  partitions: number,
): Promise<Omit<StateSource, 'close'>> {
  const marks = await sql<{ part: number; logId: string; seq: number; now: number }[]>`
    SELECT part, log_id AS "logId", seq, now FROM watermarks ORDER BY seq`
  const seqs = Array.from({ length: partitions }, (_, i) => marks.find(({ part }) => part === i)?.seq ?? 0)
  const isWhole = marks.length === partitions
  return {
    watermarks: {
      logId: marks.find(({ logId }) => logId !== null)?.logId ?? null,
      seqs,
      now: isWhole ? marks[0]!.now : 0,
    },
    async *rows<K extends Kind>(kind: K): AsyncGenerator<Kinds[K][]> {
      const { query, of } = SOURCES[kind] as unknown as From<Kinds[K]>
      const pages = sql.unsafe(query, [], { simple: false } as never).cursor(rowsAtOnce(kind))
      const join = JOINED[kind as keyof typeof JOINED] as unknown as Joining<Kinds[K]> | undefined
      let waiting: Kinds[K][] = []
      for await (const page of pages) {
        const rows = page.map((row) => of(row as never))
        if (!join) {
          yield rows
          continue
        }
        // What belongs to the last one may go on in the next page.
        const all = waiting.concat(rows)
        const last = join.name(all.at(-1)!)
        const at = all.findIndex((row) => join.name(row) === last)
        waiting = all.slice(at)
        if (at > 0) yield joined(join, all.slice(0, at))
      }
      if (join && waiting.length > 0) yield joined(join, waiting)
    },
    async count(kind) {
      const [row] = await sql.unsafe<{ n: number }[]>(`SELECT count(*) AS n FROM ${kind}`)
      return row!.n
    },
  }
}

/** How the rows of several partitions, which follow each other, become one. */
interface Joining<T> {
  /** The same of rows that are to be one. */
  name(row: T): string
  of(rows: T[]): T[]
}

const setOf = <T extends SetRow>(rows: T[]): T[] => {
  const set = new VisitorSet()
  for (const { visitors } of rows) set.join(VisitorSet.decode(visitors))
  return set.isEmpty ? [] : [{ ...rows[0]!, visitors: plainSet(set) }]
}

const JOINED = {
  edges: {
    name: ({ visitor }: Edge) => String(visitor),
    of: (edges: Edge[]) => [{ visitor: edges[0]!.visitor, edges }],
  },
  quarterVisitors: {
    name: ({ site, quarter }: Kinds['quarterVisitors']) => `${site} ${quarter}`,
    of: setOf,
  },
  sliceVisitors: {
    name: ({ site, dimension, day, value }: Kinds['sliceVisitors']) => `${site} ${dimension} ${day} ${value}`,
    of: setOf,
  },
}

const joined = <T>({ name, of }: Joining<T>, rows: T[]): T[] =>
  [...Map.groupBy(rows, name).values()].flatMap(of)
