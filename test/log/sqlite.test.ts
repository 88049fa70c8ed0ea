import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Entry } from '../../collector/entry.ts'
import { LogUnavailable } from '../../collector/log/log.ts'
import { type AppenderOptions, createLogFile, LOG_LIMIT, openSqliteLog } from '../../collector/log/sqlite.ts'
import { logContract } from './contract.ts'

const THREAD = new URL('../../collector/appender-thread.ts', import.meta.url)

type Opening = (path: string, limit: number) => Promise<ReturnType<typeof openSqliteLog>>

const onThisThread: Opening = async (path, limit) =>
  openSqliteLog(path, { now: () => 1_000, waitMs: 10, limit })

/** Opens it and waits until its thread takes the commits. */
const inItsThread: Opening = (path, limit) =>
  new Promise((resolve) => {
    const log = openSqliteLog(path, {
      now: () => 1_000,
      waitMs: 10,
      limit,
      appender: { module: THREAD, timed: 0, moved: (toThread) => toThread && resolve(log) },
    })
  })

for (const [name, opening] of [
  ['SQLite', onThisThread],
  ['SQLite in a thread of its own', inItsThread],
] as const)
  logContract(name, () => {
    const folder = mkdtempSync(join(tmpdir(), 'leadwake-log-'))
    const path = join(folder, 'x.intake.db')
    const open = (limit = LOG_LIMIT) => opening(path, limit)
    return {
      async create() {
        createLogFile(path, 'log-1')
        return open()
      },
      reopen: open,
      async block() {
        const other = new Database(path)
        other.exec('BEGIN IMMEDIATE')
        return async () => {
          other.exec('ROLLBACK')
          other.close()
        }
      },
      async remove() {
        rmSync(folder, { recursive: true, force: true })
      },
    }
  })

describe('where the SQLite log writes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-appender-'))
  const path = join(folder, 'x.intake.db')
  let log: ReturnType<typeof openSqliteLog> | undefined
  afterEach(async () => {
    await log?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const entry = (n: number): Entry =>
    ({ kind: 'counts', v: 1, dropped: { bot: n }, rejected: {}, noted: {} }) as Entry

  /** A log, and a promise of its next move. */
  function opened(options: Omit<AppenderOptions, 'moved'>) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    createLogFile(path, 'log-1')
    const moves: boolean[] = []
    let next = Promise.withResolvers<boolean>()
    const moved = (toThread: boolean) => {
      moves.push(toThread)
      next.resolve(toThread)
      next = Promise.withResolvers()
    }
    log = openSqliteLog(path, { appender: { ...options, moved } })
    return { log, moves, next: () => next.promise }
  }

  it.each([
    ['stays here where commits are quick', 60_000, false],
    ['moves to its thread where they are slow', -1, true],
  ])('%s', async (_, slowMs, moves) => {
    const one = opened({ module: THREAD, slowMs, timed: 3 })
    const moved = one.next()
    for (let n = 1; n <= 3; n++) expect(await one.log.append(entry(n))).toBe(n)
    if (moves) expect(await moved).toBe(true)
    expect(await Promise.all([4, 5].map((n) => one.log.append(entry(n))))).toEqual([5, 5])
    expect(one.log.read(0, 10).map((logged) => logged.seq)).toEqual([1, 2, 3, 4, 5])
    expect(one.moves).toEqual(moves ? [true] : [])
  })

  it('puts what arrives during a commit of its thread into the next one, in order', async () => {
    const one = opened({ module: THREAD, timed: 0 })
    expect(await one.next()).toBe(true)
    const seqs: Promise<number>[] = [one.log.append(entry(1))]
    await new Promise((resolve) => setImmediate(resolve))
    for (let n = 2; n <= 50; n++) seqs.push(one.log.append(entry(n)))
    expect(await Promise.all(seqs)).toEqual([1, ...Array(49).fill(50)])
    const bots = one.log
      .read(0, 100)
      .map(({ entry }) => (entry as unknown as { dropped: { bot: number } }).dropped.bot)
    expect(bots).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
  })

  it('commits what waits when it is closed', async () => {
    const one = opened({ module: THREAD, timed: 0 })
    await one.next()
    const first = one.log.append(entry(1))
    await new Promise((resolve) => setImmediate(resolve))
    const second = one.log.append(entry(2))
    await one.log.close()
    expect(await Promise.all([first, second])).toEqual([1, 2])
    log = openSqliteLog(path)
    expect(log.bounds()).toEqual({ first: 1, last: 2 })
  })

  it('refuses what its thread died of, and goes on here', async () => {
    const mortal = join(folder, '..', `mortal-${process.pid}.mjs`)
    writeFileSync(
      mortal,
      `import { parentPort, workerData } from 'node:worker_threads'
       parentPort.postMessage('ready')
       Atomics.wait(workerData.desk.flags, 0, 0)
       process.exit(1)`,
    )
    try {
      const one = opened({ module: pathToFileURL(mortal), timed: 0 })
      expect(await one.next()).toBe(true)
      await expect(one.log.append(entry(1))).rejects.toBeInstanceOf(LogUnavailable)
      expect(one.moves).toEqual([true, false])
      expect(await one.log.append(entry(2))).toBe(1)
    } finally {
      rmSync(mortal)
    }
  })
})

describe('a log to which nothing is appended', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-log-'))
  const path = join(folder, 'x.intake.db')
  afterEach(() => {
    vi.useRealTimers()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is trimmed nevertheless, and while appends flow only with them', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    createLogFile(path, 'log-1')
    const log = openSqliteLog(path)
    const entry = { kind: 'tick', v: 1, day: 1 } as Entry
    for (let i = 0; i < 40; i++) await log.append(entry)
    log.trim(39)
    expect(log.bounds()).toEqual({ first: 1, last: 40 })
    vi.advanceTimersByTime(1_000)
    expect(log.bounds().first).toBe(33)
    await log.append(entry)
    expect(log.bounds().first).toBe(40)
    log.trim(40)
    await log.append(entry)
    const { first } = log.bounds()
    vi.advanceTimersByTime(1_000)
    expect(log.bounds()).toEqual({ first, last: 42 })
    const other = new Database(path)
    log.trim(41)
    other.exec('BEGIN IMMEDIATE')
    vi.advanceTimersByTime(1_000)
    other.exec('ROLLBACK')
    other.close()
    expect(log.bounds().first).toBe(first)
    vi.advanceTimersByTime(1_000)
    expect(log.bounds().first).toBe(42)
    await log.close()
  })
})
