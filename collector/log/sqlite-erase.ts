/** Takes a person's entries out of the log, in place: its sequence has no gap, and entries of others stay. */
import Database from 'better-sqlite3'
import { ENTRY_VERSION, type Entry } from '../entry.ts'

/** Rows rewritten in one transaction: an append waits for it, a few ms. */
const ROWS_AT_ONCE = 16
/** Free pages overwritten in one transaction: half a megabyte. */
const PAGES_AT_ONCE = 128
/** Shorter names are compared whole: '12' as an external id stands in many a number. */
const TELLING_LENGTH = 8

/**
 * Rewrites the entries up to `through` that hold any of these names; one that was whole the person's becomes an
 * `erased` entry. Beacons may be appended meanwhile. When it returns, neither file nor write-ahead log holds what it
 * took out. Returns how many entries were rewritten.
 */
export function eraseFromLog(path: string, names: readonly string[], through: number): number {
  const db = new Database(path, { fileMustExist: true, timeout: 5_000 })
  try {
    db.pragma('secure_delete = ON')
    db.pragma('synchronous = FULL')
    db.pragma('wal_autocheckpoint = 0')
    let rewritten = 0
    const found = rowsWith(db, names)
    const rewrite = db.transaction((rows: readonly number[]) => {
      for (const seq of rows) rewritten += rewriteRow(db, seq, names, through)
    })
    for (let i = 0; i < found.length; i += ROWS_AT_ONCE) rewrite.immediate(found.slice(i, i + ROWS_AT_ONCE))
    overwriteFree(db)
    empty(db)
    return rewritten
  } finally {
    db.close()
  }
}

function rowsWith(db: Database.Database, names: readonly string[]): number[] {
  const holds = db.prepare('SELECT seq FROM entries WHERE instr(body, ?) > 0').pluck()
  const found = new Set<number>()
  // As JSON spells it, without the quotes around it.
  for (const name of names)
    for (const seq of holds.all(JSON.stringify(name).slice(1, -1)) as number[]) found.add(seq)
  return [...found].sort((a, b) => a - b)
}

function rewriteRow(db: Database.Database, seq: number, names: readonly string[], through: number): number {
  const row = db.prepare('SELECT body FROM entries WHERE seq = ?').get(seq) as { body: string } | undefined
  // Trimmed meanwhile.
  if (!row) return 0
  const held = JSON.parse(row.body) as Entry | Entry[]
  const entries = Array.isArray(held) ? held : [held]
  let rewritten = 0
  const rest = entries.map((entry, i) => {
    // A row bears the number of the last of its entries.
    if (seq - (entries.length - 1 - i) > through) return entry
    const without = withoutPerson(entry, names)
    if (without !== entry) rewritten++
    return without
  })
  if (rewritten > 0) {
    const body = JSON.stringify(Array.isArray(held) ? rest : rest[0])
    db.prepare('UPDATE entries SET body = ? WHERE seq = ?').run(body, seq)
  }
  return rewritten
}

/** An entry without what it holds of the person: of lists of people the others stay. */
export function withoutPerson(entry: Entry, names: readonly string[]): Entry {
  const isOf = (value: unknown) => names.some((name) => holds(value, name))
  if (entry.kind === 'told') {
    const items = entry.items.filter((item) => !isOf(item))
    return items.length === entry.items.length ? entry : { ...entry, items }
  }
  if (entry.kind === 'signal') {
    const items = entry.items.filter((item) => !isOf(item))
    return items.length === entry.items.length ? entry : { ...entry, items }
  }
  if (entry.kind === 'contacts') {
    const people = entry.people.filter((person) => !isOf(person))
    return people.length === entry.people.length ? entry : { ...entry, people }
  }
  if (!isOf(entry)) return entry
  const events = entry.kind === 'beacon' ? entry.events.length + (entry.claims?.length ?? 0) : 0
  return { kind: 'erased', v: ENTRY_VERSION, events }
}

function holds(value: unknown, name: string): boolean {
  if (typeof value === 'string')
    return value === name || (name.length >= TELLING_LENGTH && value.includes(name))
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((inner) => holds(inner, name))
}

/**
 * Entries that were trimmed before still lie in the file's free pages: they are taken into use, which fills them with
 * zeros, and given back, so much at a time that an append waits for a few ms only.
 */
function overwriteFree(db: Database.Database): void {
  const free = () => db.pragma('freelist_count', { simple: true }) as number
  if (free() === 0) return
  db.exec('CREATE TABLE IF NOT EXISTS zeros (bytes BLOB NOT NULL) STRICT')
  const pageSize = db.pragma('page_size', { simple: true }) as number
  const fill = db.prepare('INSERT INTO zeros (bytes) VALUES (zeroblob(?))')
  // Appends take free pages too, and trims free some: as many as there are now is enough.
  for (let left = free(); left > 0 && free() > 0; left -= PAGES_AT_ONCE)
    fill.run(Math.min(PAGES_AT_ONCE, free()) * pageSize)
  const give = db.prepare('DELETE FROM zeros WHERE rowid = (SELECT max(rowid) FROM zeros)')
  while (give.run().changes > 0);
  db.exec('DROP TABLE zeros')
}

/** Copies the write-ahead log while others append, then empties it, which leaves little to copy and to wait for. */
function empty(db: Database.Database): void {
  db.pragma('wal_checkpoint(PASSIVE)')
  const [result] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
  if (result?.busy) throw new Error('a reader keeps the log from being emptied')
}
