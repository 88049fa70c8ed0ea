/**
 * Milestones as reports scan them: those of 64 neighbours in one row, packed. A row a lead takes three times as long to read,
 * most of it to hand its values over one by one. Kept in the transaction that changes a milestone, from the rows themselves.
 */
import type { Database } from 'better-sqlite3'

/** Leads of a block, by their numbers: a change writes one anew, and of fewer each costs more to read. */
const BLOCK = 64

/** Times, ms; NaN where a lead never came there. */
export const STEPS = ['lead', 'mql', 'sql', 'accepted', 'won'] as const
/** How many of the block came how far. */
export const COUNTED = ['lead', 'mql', 'sql', 'accepted', 'rejected', 'opportunity', 'won', 'lost'] as const
/** Numbers of texts. */
const TOUCHES = ['source', 'entry', 'campaign'] as const

/** How a hand-over ended, as `ends` counts it: lost, won, or not yet. */
export const ENDS = [false, true, null] as const

/** What a file that was downloaded led to: the bits of `content`, of which the first is set of every lead. */
export const CONTENT_STEPS = [
  ...(['lead', 'mql', 'sql', 'accepted', 'won'] as const),
  ...(['mqlFirst', 'mqlToSql', 'sqlToAccepted', 'acceptedToWon'] as const),
] as const

/**
 * What a column beside the steps holds of each lead (`content`: of each file that one of them downloaded), list behind list, in as
 * few bytes as it takes: what is read is garbage at once, and megabytes of it cost more than to count them. Numbers of texts have
 * 4 bytes, 0 for none.
 */
const LISTS = {
  /** The texts of `TOUCHES`, and how far the lead came, as `steps.ts` adds it up. */
  touches: [4, 4, 4, 1],
  /** Text of the rules that stood, and the place in `ENDS`. */
  ends: [4, 1],
  /** Path, a bit each of `CONTENT_STEPS`, and whose it is: the place in the block. */
  content: [4, 2, 1],
} as const
export type Column = keyof typeof LISTS

type List = Uint32Array | Uint16Array | Uint8Array

/** Writes anew, once, each block of which a row has changed. `write` runs in the transaction that changed them. */
export function milestoneBlocks(db: Database): { write(): void } {
  // Of this connection: whichever statement changes a row is seen, that of an erasure too, and what is rolled back is not.
  db.exec(
    'CREATE TEMP TABLE IF NOT EXISTS changed_blocks (site, block, PRIMARY KEY (site, block)) WITHOUT ROWID',
  )
  const kinds = [
    ['INSERT', 'new'],
    ['UPDATE', 'new'],
    ['DELETE', 'old'],
  ] as const
  for (const [what, row] of kinds) {
    const sites = {
      milestones: `${row}.site`,
      seen_content: `(SELECT site FROM milestones WHERE contact = ${row}.contact)`,
    }
    for (const [table, site] of Object.entries(sites))
      db.exec(
        `CREATE TEMP TRIGGER IF NOT EXISTS ${what}_${table} AFTER ${what} ON main.${table} BEGIN
           INSERT INTO changed_blocks SELECT * FROM (SELECT ${site} AS site, ${row}.contact / ${BLOCK})
             WHERE site IS NOT NULL ON CONFLICT DO NOTHING;
         END`,
      )
  }
  const OF = 'contact BETWEEN ? AND ? AND site = ? ORDER BY contact'
  const changed = db.prepare('SELECT site, block FROM changed_blocks').raw()
  const done = db.prepare('DELETE FROM changed_blocks')
  const NAMES = [...STEPS, ...TOUCHES, 'standing', 'is_won']
  const leads = db.prepare(`SELECT contact, ${NAMES.join(', ')} FROM milestones WHERE ${OF}`).raw()
  const counts = db
    .prepare(`SELECT ${COUNTED.map((step) => `count("${step}")`).join(', ')} FROM milestones WHERE ${OF}`)
    .raw()
  const content = db
    .prepare(`SELECT contact, path, at FROM milestones JOIN seen_content USING (contact) WHERE ${OF}`)
    .raw()
  const drop = db.prepare('DELETE FROM milestone_blocks WHERE site = ? AND block = ?')
  const put = db.prepare(
    `INSERT OR REPLACE INTO milestone_blocks (site, block, first, last, ${COUNTED.map((step) => `"${step}"`).join(', ')},
       steps, touches, ends, content) VALUES (${Array(8 + COUNTED.length)
         .fill('?')
         .join(', ')})`,
  )

  function write(site: number, block: number): void {
    const of = [block * BLOCK, block * BLOCK + BLOCK - 1, site]
    const found = leads.all(...of) as Values[]
    if (found.length === 0) {
      drop.run(site, block)
      return
    }
    const places = new Map(found.map(([contact], i) => [contact, i]))
    const files = (content.all(...of) as [contact: number, path: number, at: number][]).map(
      ([contact, path, at]) => ({ path, at, of: places.get(contact)! }),
    )
    const column = (name: (typeof NAMES)[number]) => {
      const k = NAMES.indexOf(name) + 1
      return found.map((lead) => lead[k]!)
    }
    const times = column('lead') as number[]
    const steps = STEPS.map(column)
    const ways = found.map((_, i) => wayOf(steps.map((step) => step[i]!)))
    const ended = column('is_won').map((isWon) => (isWon === null ? 2 : isWon))
    put.run(
      ...[site, block, Math.min(...times), Math.max(...times)],
      ...(counts.get(...of) as number[]),
      Buffer.from(Float64Array.from(steps.flat(), (at) => at ?? Number.NaN).buffer),
      packed(LISTS.touches, [...TOUCHES.map(column), ways]),
      packed(LISTS.ends, [column('standing'), ended]),
      packed(LISTS.content, [
        files.map(({ path }) => path),
        files.map(({ at, of }) =>
          bitsOf(
            at,
            steps.map((step) => step[of]!),
          ),
        ),
        files.map(({ of }) => of),
      ]),
    )
  }

  return {
    write() {
      const blocks = changed.all() as [site: number, block: number][]
      if (blocks.length === 0) return
      for (const [site, block] of blocks) write(site, block)
      done.run()
    },
  }
}

type Values = (number | null)[]

/** How far somebody came: see `WAYS`. */
function wayOf([, mql, sql, accepted, won]: Values): number {
  return (
    (mql == null ? 0 : 1) +
    (sql == null ? 0 : 2) +
    (accepted == null ? 0 : 4) +
    (won == null ? 0 : 8) +
    (mql != null && sql != null && sql >= mql ? 16 : 0)
  )
}

/** What followed a download, ms; steps that were taken before it are not counted. */
function bitsOf(at: number, [, mql, sql, accepted, won]: Values): number {
  const is = (step: number | null | undefined, from: number) => step != null && step >= from
  const steps: Record<(typeof CONTENT_STEPS)[number], boolean> = {
    lead: true,
    mql: is(mql, at),
    sql: is(sql, at),
    accepted: is(accepted, at),
    won: is(won, at),
    // Of one who was an SQL before the other order counts.
    mqlFirst: is(mql, at) && !(sql != null && sql < mql!),
    mqlToSql: is(mql, at) && is(sql, mql!),
    sqlToAccepted: is(sql, at) && is(accepted, at),
    acceptedToWon: is(accepted, at) && is(won, at),
  }
  return CONTENT_STEPS.reduce((bits, step, i) => (steps[step] ? bits | (1 << i) : bits), 0)
}

/** Lists of so many bytes a value, one behind the other, the widest first: each lies where its values may. */
function packed(widths: readonly (1 | 2 | 4)[], lists: readonly Values[]): Buffer {
  const size = lists[0]!.length
  const bytes = new Uint8Array(size * widths.reduce<number>((sum, width) => sum + width, 0))
  for (const [k, list] of listsIn(bytes.buffer, size, widths).entries())
    list.set(lists[k]!.map((no) => no ?? 0))
  return Buffer.from(bytes.buffer)
}

function listsIn(buffer: ArrayBuffer, size: number, widths: readonly (1 | 2 | 4)[]): List[] {
  let at = 0
  return widths.map((width) => {
    const list = new WIDTHS[width](buffer, at, size)
    at += width * size
    return list
  })
}

const WIDTHS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as const

export interface BlockReader {
  /** How far those came who became leads in [from, to], ms. */
  counts(site: number, from: number, to: number): Record<(typeof COUNTED)[number], number>
  /** Of the blocks that hold somebody who became a lead in [from, to], ms, the steps; others of them did before or later. */
  steps(site: number, from: number, to: number): Generator<Block>
  /** Of the same blocks a column; with the times at which its leads became known where they are not all of the range. */
  lists(site: number, from: number, to: number, column: Column): Generator<Lists>
}

/** Leads of a block: value `i` of list `k` is at `k * size + i`. */
export interface Block {
  size: number
  /** `STEPS`, a list each. */
  steps: Float64Array
}

export interface Lists {
  /** Of the values: of leads, or of files. */
  size: number
  /** The lists of the column. */
  lists: readonly List[]
  /** When each lead became one, ms; undefined where all did in the range. */
  leads: Float64Array | undefined
}

export function blockReader(db: Database): BlockReader {
  const AMONG = 'site = @site AND first <= @to AND last >= @from'
  const WHOLE = 'first >= @from AND last <= @to'
  const steps = db.prepare(`SELECT steps FROM milestone_blocks WHERE ${AMONG}`).pluck()
  const columns = Object.fromEntries(
    Object.keys(LISTS).map((column) => [
      column,
      db
        .prepare(
          `SELECT ${column}, CASE WHEN ${WHOLE} THEN NULL ELSE steps END FROM milestone_blocks WHERE ${AMONG}`,
        )
        .raw(),
    ]),
  ) as Record<Column, typeof steps>
  const named = (of: string, sum: string) =>
    COUNTED.map((step) => `${sum}(${of}."${step}") AS "${step}"`).join(', ')
  const whole = db.prepare(
    `SELECT ${named('b', 'total')} FROM milestone_blocks AS b WHERE ${AMONG} AND ${WHOLE}`,
  )
  const parts = db.prepare(
    `SELECT ${named('m', 'count')} FROM milestone_blocks AS b
       CROSS JOIN milestones AS m ON m.contact BETWEEN b.block * ${BLOCK} AND b.block * ${BLOCK} + ${BLOCK - 1}
     WHERE b.site = @site AND first <= @to AND b.last >= @from AND NOT (${WHOLE})
       AND m.site = @site AND m.lead BETWEEN @from AND @to`,
  )
  return {
    counts(site, from, to) {
      const sums = whole.get({ site, from, to }) as Record<(typeof COUNTED)[number], number>
      const others = parts.get({ site, from, to }) as typeof sums
      for (const step of COUNTED) sums[step] += others[step]
      return sums
    },
    *steps(site, from, to) {
      for (const bytes of steps.iterate({ site, from, to }) as Iterable<Buffer<ArrayBuffer>>)
        yield { size: bytes.length / 8 / STEPS.length, steps: new Float64Array(bufferOf(bytes)) }
    },
    *lists(site, from, to, column) {
      const widths = LISTS[column]
      const width = widths.reduce<number>((sum, one) => sum + one, 0)
      const rows = columns[column].iterate({ site, from, to })
      for (const [bytes, steps] of rows as Iterable<[Buffer<ArrayBuffer>, Buffer<ArrayBuffer> | null]>) {
        const size = bytes.length / width
        yield {
          size,
          lists: listsIn(bufferOf(bytes), size, widths),
          leads: steps ? new Float64Array(bufferOf(steps)) : undefined,
        }
      }
    },
  }
}

/** Small ones may lie in memory that others share. */
function bufferOf(bytes: Buffer<ArrayBuffer>): ArrayBuffer {
  return bytes.byteOffset === 0 && bytes.buffer.byteLength === bytes.length
    ? bytes.buffer
    : Uint8Array.from(bytes).buffer
}
