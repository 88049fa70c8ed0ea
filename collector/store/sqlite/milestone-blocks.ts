/**
 * Milestones as reports scan them: those of 64 neighbours in one row, packed. A row a lead takes three times as long to read,
 * most of it to hand its values over one by one. Kept in the transaction that changes a milestone, from the rows themselves.
 */
import type { Database } from 'better-sqlite3'

/** Leads of a block, by their numbers: a change writes one anew, and of fewer each costs more to read. */
const BLOCK = 64

/** Times, ms; NaN where a lead never came there. */
export const STEPS = ['lead', 'mql', 'sql', 'accepted', 'won'] as const
/** Numbers of texts; NaN where there is none. */
const TOUCHES = ['source', 'entry', 'campaign'] as const
/** Number of the text of the rules that stood, and whether it was won (0 or 1); NaN where nothing was handed over, or is open. */
const ENDS = ['standing', 'is_won'] as const
/** Files that were downloaded: whose (its place in the block), which path (a text), and when first, ms. */
const CONTENT = ['of', 'path', 'at'] as const

/** Lists of values, packed one behind the other into a column each. */
const LISTS = { touches: TOUCHES, ends: ENDS, content: CONTENT } as const
export type Column = keyof typeof LISTS

/** Leads of a block: value `i` of list `k` is at `k * size + i`. */
export interface Block {
  size: number
  /** `STEPS`, a list each. */
  steps: Float64Array
  /** The lists of a column, if one was asked for; those of `content` are as long as there are files. */
  more: Float64Array
}

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
  const leads = db
    .prepare(`SELECT contact, ${[...STEPS, ...TOUCHES, ...ENDS].join(', ')} FROM milestones WHERE ${OF}`)
    .raw()
  const content = db
    .prepare(`SELECT contact, path, at FROM milestones JOIN seen_content USING (contact) WHERE ${OF}`)
    .raw()
  const drop = db.prepare('DELETE FROM milestone_blocks WHERE site = ? AND block = ?')
  const put = db.prepare(
    `INSERT OR REPLACE INTO milestone_blocks (site, block, first, last, steps, touches, ends, content)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )

  function write(site: number, block: number): void {
    const of = [block * BLOCK, block * BLOCK + BLOCK - 1, site]
    const found = leads.all(...of) as Values[]
    if (found.length === 0) {
      drop.run(site, block)
      return
    }
    const files = content.all(...of) as Values[]
    for (const file of files) file[0] = found.findIndex(([contact]) => contact === file[0])
    let from = 1
    const next = ({ length }: readonly string[]) => {
      from += length
      return packed(found, from - length, length)
    }
    const times = found.map((lead) => lead[1]!)
    put.run(
      ...[site, block, Math.min(...times), Math.max(...times)],
      ...[next(STEPS), next(TOUCHES), next(ENDS), packed(files, 0, CONTENT.length)],
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

/** So many values of each row from a place on: all first ones, then all second ones. */
function packed(rows: readonly Values[], from: number, count: number): Buffer {
  const values = new Float64Array(count * rows.length)
  for (const [i, row] of rows.entries())
    for (let k = 0; k < count; k++) values[k * rows.length + i] = row[from + k] ?? Number.NaN
  return Buffer.from(values.buffer)
}

/** Of the blocks that hold somebody who became a lead in [from, to], ms, the steps and a column; others of them did before or later. */
export type BlockReader = (site: number, from: number, to: number, column?: Column) => Generator<Block>

export function blockReader(db: Database): BlockReader {
  const find = (columns: string) =>
    db.prepare(`SELECT ${columns} FROM milestone_blocks WHERE site = ? AND first <= ? AND last >= ?`).raw()
  const alone = find('steps')
  const beside = Object.fromEntries(
    Object.keys(LISTS).map((column) => [column, find(`steps, ${column}`)]),
  ) as Record<Column, typeof alone>
  return function* (site, from, to, column) {
    const rows = (column ? beside[column] : alone).iterate(site, to, from)
    for (const [steps, more] of rows as Iterable<[Buffer<ArrayBuffer>, Buffer<ArrayBuffer> | undefined]>)
      yield {
        size: steps.length / 8 / STEPS.length,
        steps: valuesOf(steps),
        more: more ? valuesOf(more) : NONE,
      }
  }
}

const NONE = new Float64Array(0)

function valuesOf(bytes: Buffer<ArrayBuffer>): Float64Array {
  // Small ones may lie in memory that others share.
  return new Float64Array(
    bytes.byteOffset === 0 ? bytes.buffer : Uint8Array.from(bytes).buffer,
    0,
    bytes.length / 8,
  )
}
