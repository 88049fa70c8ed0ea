/** Both ends of a move where state and log are SQLite files. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { erasingOf, forgotten } from '../../erasing.ts'
import { filesOf, mustBeDatabase, mustFit, prepareFiles } from '../../files.ts'
import { takeLock } from '../../lock.ts'
import { openSqliteLog } from '../../log/sqlite.ts'
import { sqliteTaker } from '../../log/sqlite-take.ts'
import { createProjector } from '../../project.ts'
import { Sentence } from '../../sentence.ts'
import { type Holding, MOVING } from '../../store/copy.ts'
import { sqliteSink } from '../../store/sqlite/copy-in.ts'
import { sqliteSource } from '../../store/sqlite/copy-out.ts'
import { migrationsOf, openForReading, openState } from '../../store/sqlite/open.ts'
import { sqliteStore } from '../../store/sqlite/store.ts'
import { suppressionList } from '../../suppression.ts'
import type { Destination, Origin, Secrets } from './ends.ts'

const PRIVATE = 0o600

/** Throws a `Sentence` where that is no state of this version, or something else copies it. */
export function filesOrigin(path: string): Origin {
  const files = filesOf(path)
  for (const file of [files.state, files.log]) {
    if (!existsSync(file)) throw new Sentence(`there is no database at ${path}: ${file} is missing (--from)`)
    mustBeDatabase(file)
  }
  const live = openForReading(files.state)
  let store: ReturnType<typeof sqliteStore>
  try {
    // Before anything is asked of tables that another version may not have.
    mustBeOfThisVersion(live, path)
    store = sqliteStore(live)
  } catch (error) {
    live.close()
    throw sentence(error)
  }
  const hold = takeLock(files.hold)
  if (!hold) {
    live.close()
    throw new Sentence(`a backup of ${path} is being made; wait for it to end`)
  }
  const log = openSqliteLog(files.log)
  let lock: ReturnType<typeof takeLock>
  const close = async () => {
    lock?.release()
    live.close()
    await log.close()
    hold.release()
  }
  try {
    mustFit(live, files)
    const list = suppressionList(files.suppressions)
    const missing = forgotten({ list }, store.suppressions() as string[])
    if (missing.length > 0)
      throw new Sentence(
        `${path} is of an older backup and holds people who were erased since: start its collector once, which erases them again`,
      )
  } catch (error) {
    void close()
    throw sentence(error)
  }
  const contact = live.prepare('SELECT id FROM contacts WHERE no = ?').pluck()

  function sentence(error: unknown): Sentence {
    return error instanceof Sentence
      ? error
      : new Sentence(`cannot move ${path}: ${(error as Error).message}`)
  }

  return {
    state: async () => sqliteSource(openForReading(files.state)),
    log,
    partitionOf: () => 0,
    projected: async () => (await store.watermark()).seq,
    contactId: async (no) => contact.get(no) as string | undefined,
    secrets: async () => ({
      suppressionKey: keyIn(files.suppressionKey) ?? randomBytes(32),
      salts: saltIn(files.salt),
    }),
    async take() {
      lock ??= takeLock(files.lock)
      return lock !== undefined
    },
    scripts: files.scripts,
    close,
  }
}

function mustBeOfThisVersion(db: ReturnType<typeof openForReading>, path: string): void {
  const { applied, known } = migrationsOf(db)
  if (applied === known) return
  const other = applied > known ? 'a newer' : 'an older'
  throw new Sentence(
    `${path} is of ${other} Leadwake: ${applied > known ? 'run the command of that version' : 'start the collector of this version on it once'}`,
  )
}

/** `isForced`: what a move that did not end left there is removed first. */
export function filesDestination(path: string, { isForced }: { isForced: boolean }): Destination {
  const files = filesOf(path)
  const open: { close(): unknown }[] = []
  return {
    scripts: files.scripts,
    async begin({ seq, now }, secrets) {
      const lock = takeLock(files.lock)
      if (!lock)
        throw new Sentence(`a Leadwake process runs on ${path}; stop it, or name another file (--to)`)
      open.push({ close: () => lock.release() })
      const holding = holdingOf(path)
      if (holding === 'state')
        throw new Sentence(`${path} holds a state already: name a file that is not there (--to)`)
      if (holding === 'half' && !isForced)
        throw new Sentence(
          `${path} holds what a move that did not end has left: run it again with --force to begin anew`,
        )
      for (const file of [files.state, files.log])
        for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
      keepKey(files.suppressionKey, secrets)
      prepareFiles(files)
      const db = openState(files.state, false)
      const store = sqliteStore(db)
      open.push(store)
      db.prepare('INSERT INTO settings (name, value) VALUES (?, ?)').run(MOVING, new Date().toISOString())
      const log = openSqliteLog(files.log)
      const taker = sqliteTaker(files.log, seq)
      open.push(log, taker)
      const contact = db.prepare(
        'SELECT contacts.no FROM contacts JOIN sites ON sites.no = contacts.site WHERE sites.id = ? AND contacts.id = ?',
      )
      return {
        sink: sqliteSink(db, store, { logId: log.id, seq, now }),
        state: async () => sqliteSource(openForReading(files.state)),
        async take(entries) {
          await taker.take(entries)
          log.checkpoint()
        },
        async projector(done) {
          // A list of before that lies there knows nothing of who was erased since, or came back.
          const known = (await store.suppressions()) as string[]
          const list = suppressionList(files.suppressions)
          list.lift(forgotten({ list }, known))
          list.add(known)
          return createProjector(store, log.id, {
            erasing: erasingOf(files),
            ...(done && { share: ({ entry }) => (done(entry) ? undefined : 0), isAlone: false }),
          })
        },
        contactNo: async (site, id) => contact.pluck().get(site, id) as number | undefined,
        async finish({ salts }) {
          const [salt] = salts
          if (salt) writeFileSync(files.salt, JSON.stringify(salt), { mode: PRIVATE })
          db.prepare('DELETE FROM settings WHERE name = ?').run(MOVING)
          db.pragma('wal_checkpoint(TRUNCATE)')
        },
      }
    },
    async close() {
      for (const one of open.splice(0).reverse()) await one.close()
    },
  }
}

function holdingOf(path: string): Holding {
  if (!existsSync(path)) return 'nothing'
  mustBeDatabase(path)
  const db = openForReading(path)
  try {
    if (!db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'settings'").get()) return 'nothing'
    if (db.prepare('SELECT 1 FROM settings WHERE name = ?').get(MOVING)) return 'half'
    return db.prepare('SELECT 1 FROM sites').get() ? 'state' : 'nothing'
  } finally {
    db.close()
  }
}

const keyIn = (file: string): Buffer | undefined =>
  existsSync(file) ? Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url') : undefined

/** Another key that lies there may be all that knows who was erased from another state: it is not written over. */
function keepKey(file: string, { suppressionKey }: Secrets): void {
  const there = keyIn(file)
  if (there && !there.equals(suppressionKey))
    throw new Sentence(`${file} is the key of another state: move it away, or name another file (--to)`)
  if (!there) writeFileSync(file, `${suppressionKey.toString('base64url')}\n`, { mode: PRIVATE })
}

function saltIn(file: string): Secrets['salts'] {
  try {
    return [JSON.parse(readFileSync(file, 'utf8'))]
  } catch {
    return []
  }
}
