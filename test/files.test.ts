import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENTRY_VERSION } from '../collector/entry.ts'
import { type Files, filesOf, prepareFiles } from '../collector/files.ts'
import { takeLock } from '../collector/lock.ts'
import { openSqliteLog } from '../collector/log/sqlite.ts'
import { createProjector } from '../collector/project.ts'
import { Sentence } from '../collector/sentence.ts'
import { openState } from '../collector/store/sqlite/open.ts'
import { sqliteStore } from '../collector/store/sqlite/store.ts'

let folder: string
let files: Files
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-files-'))
  files = filesOf(join(folder, 'x.db'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A pair as a collector leaves it that has projected `n` entries. */
async function used(pair: Files, n: number): Promise<void> {
  prepareFiles(pair)
  const log = openSqliteLog(pair.log)
  const store = sqliteStore(openState(pair.state, false))
  const projector = await createProjector(store, log.id)
  for (let i = 0; i < n; i++)
    await log.append({ kind: 'counts', v: ENTRY_VERSION, dropped: {}, rejected: {}, noted: {} })
  await projector.project(log.read(0, n))
  await store.checkpoint()
  await store.close()
  await log.close()
}

const contents = () =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      statSync(join(folder, name)).isDirectory()
        ? 'folder'
        : createHash('sha256')
            .update(readFileSync(join(folder, name)))
            .digest('hex'),
    ]),
  )

describe('filesOf', () => {
  it.each([
    [
      'data/leadwake.db',
      'data/leadwake.intake.db',
      'data/leadwake.salt',
      'data/leadwake.lock',
      'data/leadwake.hold',
      'data/leadwake.scripts',
    ],
    ['x', 'x.intake.db', 'x.salt', 'x.lock', 'x.hold', 'x.scripts'],
    [
      'a.db/x.sqlite',
      'a.db/x.sqlite.intake.db',
      'a.db/x.sqlite.salt',
      'a.db/x.sqlite.lock',
      'a.db/x.sqlite.hold',
      'a.db/x.sqlite.scripts',
    ],
  ])('puts the others beside %s', (state, log, salt, lock, hold, scripts) => {
    const stem = salt.replace('.salt', '')
    const [suppressionKey, suppressions] = [`${stem}.suppression.key`, `${stem}.suppressions`]
    expect(filesOf(state)).toEqual({
      state,
      log,
      salt,
      lock,
      hold,
      suppressionKey,
      suppressions,
      scripts,
      backup: `${stem}.backup.json`,
    })
  })
})

describe('prepareFiles', () => {
  it('makes folder, state and log, for nobody but the owner', () => {
    const deep = filesOf(join(folder, 'a/b/x.db'))
    prepareFiles(deep)
    for (const path of [deep.state, deep.log]) expect(statSync(path).mode & 0o777, path).toBe(0o600)
    expect(statSync(join(folder, 'a/b')).mode & 0o777).toBe(0o700)
    expect(readdirSync(join(folder, 'a/b')).sort()).toEqual(['x.db', 'x.intake.db'])
  })

  it('takes what it made, again and again', async () => {
    await used(files, 3)
    prepareFiles(files)
    const log = openSqliteLog(files.log)
    expect(log.bounds().last).toBe(3)
    await log.close()
  })

  it('clears away what a start that was killed had not finished', () => {
    writeFileSync(`${files.log}.new`, 'half')
    prepareFiles(files)
    expect(existsSync(`${files.log}.new`)).toBe(false)
  })

  it('makes a new state beside a whole log, to be projected from it', async () => {
    await used(files, 2)
    for (const suffix of ['', '-wal', '-shm']) rmSync(files.state + suffix, { force: true })
    prepareFiles(files)
    expect(existsSync(files.state)).toBe(true)
  })

  const refused: [what: string, arrange: () => Promise<void> | void, words: RegExp][] = [
    [
      'a state that is no database',
      () => writeFileSync(files.state, 'My diary, not a database at all. '.repeat(100)),
      /x\.db is not a Leadwake database; choose another place with LEADWAKE_DB or --db/,
    ],
    [
      'a state that is shorter than a header',
      () => writeFileSync(files.state, 'hi'),
      /x\.db is not a Leadwake database/,
    ],
    ['a state that is a folder', () => mkdirSync(files.state), /cannot open .*x\.db/],
    [
      'a log that is no database',
      async () => {
        await used(files, 1)
        writeFileSync(files.log, 'not a log, but long enough to be one')
      },
      /x\.intake\.db is not a Leadwake database/,
    ],
    [
      'a state without its log',
      async () => {
        await used(files, 1)
        rmSync(files.log)
      },
      /x\.db is there but its intake log .*x\.intake\.db is not/,
    ],
    [
      'the database of another program',
      () => {
        const db = new Database(files.state)
        db.exec('CREATE TABLE songs (title TEXT)')
        db.close()
      },
      /its intake log .* is not/,
    ],
    [
      'the log of another collector',
      async () => {
        await used(files, 3)
        const other = filesOf(join(folder, 'other.db'))
        await used(other, 3)
        writeFileSync(files.log, readFileSync(other.log))
      },
      /are of two different collectors/,
    ],
    [
      'a log that is older than the state',
      async () => {
        await used(files, 1)
        const older = readFileSync(files.log)
        await usedFurther(files)
        writeFileSync(files.log, older)
      },
      /do not fit: the state has seen entry 2, the log ends at 1/,
    ],
    [
      'a log whose start was trimmed away before it was projected',
      async () => {
        await used(files, 3)
        const log = new Database(files.log)
        log.exec('DELETE FROM entries')
        log.exec("INSERT INTO entries (seq, n, received_at, body) VALUES (9, 1, 0, '[{}]')")
        log.close()
      },
      /entries 4 to 8 are missing from the log/,
    ],
    [
      'a log of a newer version',
      async () => {
        await used(files, 1)
        const log = new Database(files.log)
        log.pragma('user_version = 99')
        log.close()
      },
      /the log was written by a newer Leadwake/,
    ],
  ]
  it.each(refused)('refuses %s in a sentence, and changes no file', async (_what, arrange, words) => {
    await arrange()
    const before = contents()
    expect(() => prepareFiles(files)).toThrow(Sentence)
    expect(() => prepareFiles(files)).toThrow(words)
    const after = contents()
    // SQLite may leave an empty WAL beside a database that it only looked at.
    expect(Object.fromEntries(Object.keys(before).map((name) => [name, after[name]]))).toEqual(before)
  })
})

async function usedFurther(pair: Files): Promise<void> {
  const log = openSqliteLog(pair.log)
  const store = sqliteStore(openState(pair.state, false))
  const projector = await createProjector(store, log.id)
  await log.append({ kind: 'counts', v: ENTRY_VERSION, dropped: {}, rejected: {}, noted: {} })
  await projector.project(log.read(1, 1))
  await store.checkpoint()
  await store.close()
  await log.close()
}

describe('takeLock', () => {
  it('gives the lock to one at a time', () => {
    const first = takeLock(files.lock)
    expect(first).toBeDefined()
    expect(takeLock(files.lock)).toBeUndefined()
    first!.release()
    const second = takeLock(files.lock)
    expect(second).toBeDefined()
    second!.release()
  })

  it('says in a sentence where it cannot be taken', () => {
    expect(() => takeLock(join(folder, 'nowhere', 'x.lock'))).toThrow(Sentence)
  })
})
