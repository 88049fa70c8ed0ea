import { further, partOf, VisitorSet } from '../visitor-set.ts'
import { listsOf } from './lists.ts'
import { list, type Read, type Row, rowsFrom, rowsOf, type Statement, typesOf } from './writing.ts'

/** Bytes of sets that are remembered, about: what is written again and again is not read each time. */
const REMEMBERED_BYTES = 32 * 1024 * 1024

/** Somebody else has written what this projector knew: nothing is lost, the batch is to be tried again. */
export class Overtaken extends Error {}

export interface SetChange {
  /** Columns of its key but the partition; `value` in place of its hash. */
  key: Row
  cameIn: Iterable<number>
  wentOut: Iterable<number>
}

interface Known {
  set: VisitorSet
  /** How often it was written. */
  version: number
}

const TABLES = {
  quarter_visitors: { columns: ['site', 'quarter'], key: 'site, quarter, part' },
  slice_visitors: { columns: ['site', 'dimension', 'day'], key: 'site, dimension, value_hash, day, part' },
} as const
type SetTable = keyof typeof TABLES

/**
 * Who was there, as this projector writes it. What a set was before is read outside of the batch's transaction, where
 * it would conflict with whatever another projector writes beside it; that nobody has written the set meanwhile is
 * what its version tells.
 */
export function visitorSets() {
  const known = new Map<string, Known>()
  let bytes = 0

  function clear(): void {
    known.clear()
    bytes = 0
  }

  function remember(name: string, one: Known): void {
    known.delete(name)
    known.set(name, one)
    bytes += one.set.weight
    for (const [oldest, { set }] of known) {
      if (bytes <= REMEMBERED_BYTES || oldest === name) break
      bytes -= set.weight
      known.delete(oldest)
    }
  }

  async function load(
    table: SetTable,
    changes: Map<string, Change>,
    read: Read,
  ): Promise<Map<string, Known>> {
    const found = new Map<string, Known>()
    const unknown: [name: string, row: Row][] = []
    for (const [name, { row }] of changes) {
      const one = known.get(name)
      if (one) {
        bytes -= one.set.weight
        known.delete(name)
        found.set(name, one)
      } else unknown.push([name, row])
    }
    if (unknown.length === 0) return found
    const { columns, key } = TABLES[table]
    const isSlice = table === 'slice_visitors'
    const rows = await read<{ i: number; visitors: Uint8Array; version: number }>(
      `SELECT k.i, t.visitors, t.version FROM json_to_recordset($1::text::json)
         AS k (i bigint, part bigint, ${typesOf(table, columns)}${isSlice ? ', value text' : ''})
       JOIN ${table} AS t ON ${key
         .split(', ')
         .map((column) =>
           column === 'value_hash' ? 't.value_hash = md5(k.value)' : `t.${column} = k.${column}`,
         )
         .join(' AND ')}`,
      [list(unknown.map(([, row], i) => ({ i, ...row })))],
    )
    for (const [name] of unknown) found.set(name, { set: new VisitorSet(), version: 0 })
    for (const { i, visitors, version } of rows)
      found.set(unknown[i]![0], { set: VisitorSet.decode(visitors), version })
    return found
  }

  /**
   * Sends the sets that the changes make a difference to, and resolves then; `written` rejects where another has written one.
   * `read` sees what `write` has done before. A list is written on instead
   * of written again, unless the transaction `isSerializable`: finding it would conflict with whoever writes beside it.
   */
  async function write(
    table: SetTable,
    some: SetChange[],
    run: Statement,
    read: Read,
    isSerializable = false,
  ): Promise<{ written: Promise<void> }> {
    const changes = byPart(some)
    if (changes.size === 0) return { written: Promise.resolve() }
    const sets = await load(table, changes, read)
    const whole: Row[] = []
    const longer: Row[] = []
    for (const [name, { row, cameIn, wentOut }] of changes) {
      const one = sets.get(name)!
      const wasOpen = !isSerializable && one.version > 0 && one.set.isOpen
      const gone = wentOut.filter((no) => one.set.delete(no))
      const added = cameIn.filter((no) => one.set.add(no))
      const isLonger = wasOpen && gone.length === 0 && one.set.isOpen
      if (gone.length + added.length > 0) {
        const bytes = isLonger ? further(added) : one.set.encode()
        const written = { ...row, visitors: `\\x${bytes.toString('hex')}`, version: ++one.version }
        ;(isLonger ? longer : whole).push(written)
      }
      remember(name, one)
    }
    const { columns, key } = TABLES[table]
    const isSlice = table === 'slice_visitors'
    const given = [...columns, 'part', 'visitors', 'version']
    // The value comes in the place of its hash.
    const names = isSlice ? [...given, 'value_hash'] : given
    const lists = (rows: Row[]) =>
      listsOf(
        names,
        rows.map(({ value, ...row }) => ({ ...row, value_hash: value })),
      )
    const same = key
      .split(', ')
      .map((column) => `t.${column} = ${column === 'value_hash' ? 'md5(rows.value_hash)' : `rows.${column}`}`)
    const counts = Promise.all([
      whole.length === 0
        ? 0
        : run(
            `INSERT INTO ${table} (${names}) SELECT ${given}${isSlice ? ', md5(value_hash)' : ''}
             FROM ${rowsOf(table, names)} AS rows (${names})
             ON CONFLICT (${key}) DO UPDATE SET visitors = excluded.visitors, version = excluded.version
               WHERE ${table}.version = excluded.version - 1`,
            lists(whole),
          ),
      longer.length === 0
        ? 0
        : run(
            `UPDATE ${table} AS t SET visitors = t.visitors || rows.visitors, version = rows.version
             FROM ${rowsFrom(table, names)} AS rows
             WHERE ${same.join(' AND ')} AND t.version = rows.version - 1`,
            lists(longer),
          ),
    ])
    const written = counts.then(([changed, grown]) => {
      if (changed !== whole.length || grown !== longer.length)
        throw new Overtaken('another projector has counted visitors of the same time')
    })
    // Told to who waits for it.
    written.catch(() => {})
    return { written }
  }

  return { write, clear }
}

interface Change {
  row: Row
  cameIn: number[]
  wentOut: number[]
}

/** By whose numbers they are; a set that is named twice is changed once, who came in last being there. */
function byPart(some: SetChange[]): Map<string, Change> {
  const changes = new Map<string, Change>()
  for (const { key, cameIn, wentOut } of some) {
    const name = Object.values(key).join(' ')
    /** Of the one before, which is nearly always of the same part. */
    let [last, change]: [part: number, change: Change | undefined] = [0, undefined]
    const of = (no: number): Change => {
      const part = partOf(no)
      if (change && part === last) return change
      const named = `${name} ${part}`
      change = changes.get(named)
      if (!change) {
        change = { row: { ...key, part }, cameIn: [], wentOut: [] }
        changes.set(named, change)
      }
      last = part
      return change
    }
    for (const no of wentOut) of(no).wentOut.push(no)
    for (const no of cameIn) of(no).cameIn.push(no)
  }
  return changes
}
