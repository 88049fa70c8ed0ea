import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENTRY_VERSION, type Entry } from '../../collector/entry.ts'
import { type IntakeLog, type LoggedEntry, LogUnavailable } from '../../collector/log/log.ts'
import { createPostgresLog, openPostgresLog } from '../../collector/log/postgres.ts'
import { visitorHash } from '../../collector/log/visitor-partition.ts'
import { database, type TestDatabase } from '../support/postgres.ts'
import { logContract } from './contract.ts'

logContract('PostgreSQL', () => {
  let at: TestDatabase
  const opened: IntakeLog[] = []
  const open = async (limit?: number) => {
    const log = await openPostgresLog(at.url, { now: () => 1_000, waitMs: 50, ...(limit && { limit }) })
    opened.push(log)
    return log
  }
  return {
    async create() {
      at = await database()
      await createPostgresLog(at.url, 'log-1')
      return open()
    },
    reopen: open,
    async block() {
      const other = at.connect()
      await other.unsafe('BEGIN; SELECT * FROM intake_log FOR UPDATE')
      return () => other.end()
    },
    async remove() {
      await Promise.all(opened.map((log) => log.close()))
      await at.remove()
    },
  }
})

describe('several appenders', () => {
  let at: TestDatabase
  let logs: IntakeLog[]
  const appenders = async (n: number, limit?: number) => {
    const open = () => openPostgresLog(at.url, { waitMs: 10_000, ...(limit && { limit }) })
    logs = await Promise.all(Array.from({ length: n }, open))
    return logs
  }
  beforeEach(async () => {
    at = await database()
    await createPostgresLog(at.url, 'log-1')
  })
  afterEach(async () => {
    await Promise.all(logs.map((log) => log.close()))
    await at.remove()
  })

  /** Which appender it is of, and which of its entries. */
  const entry = (appender: number, n: number): Entry => ({
    kind: 'tick',
    v: ENTRY_VERSION,
    day: appender * 1_000 + n,
  })

  it('lose nothing, keep their order, and a reader who goes on behind what it saw misses nothing', async () => {
    const [reader, ...others] = await appenders(5)
    const each = 400
    const appending = Promise.all(
      others.map(async (log, appender) => {
        const answers: Promise<number>[] = []
        for (let n = 0; n < each; n++) {
          answers.push(log.append(entry(appender, n)))
          if (n % 7 === 0) await answers.at(-1)
        }
        return Promise.all(answers)
      }),
    )
    const seen: LoggedEntry[] = []
    const whole = others.length * each
    while (seen.length < whole) seen.push(...(await reader!.read(seen.at(-1)?.seq ?? 0, 97)))
    expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: whole }, (_, i) => i + 1))
    const days = seen.map(({ entry }) => (entry as { day: number }).day)
    for (const [appender, told] of (await appending).entries()) {
      const own = days.filter((day) => Math.floor(day / 1_000) === appender)
      expect(own).toEqual(Array.from({ length: each }, (_, n) => appender * 1_000 + n))
      expect(told).toEqual([...told].sort((a, b) => a - b))
    }
  })

  it('are all refused while the log is full, and taken again once one of them has trimmed it', async () => {
    const [one, other] = (await appenders(2, 1)) as [IntakeLog, IntakeLog]
    const last = await one.append(entry(0, 1))
    await expect(other.append(entry(1, 1))).rejects.toBeInstanceOf(LogUnavailable)
    expect(other.isFull()).toBe(true)
    await other.bounds()
    expect(other.isFull()).toBe(true)
    await one.trim(last)
    // Whoever looks after it finds out without an entry: one that says that it is full is sent none.
    await other.bounds()
    expect(other.isFull()).toBe(false)
    expect(await other.append(entry(1, 1))).toBe(last + 1)
    expect(other.isFull()).toBe(false)
  })

  it('are refused when too many entries wait for an engine that stands still', async () => {
    const [log] = (await appenders(1)) as [IntakeLog]
    const other = at.connect()
    await other.unsafe('BEGIN; SELECT * FROM intake_log FOR UPDATE')
    const first = log.append(entry(0, 0))
    await new Promise((resolve) => setImmediate(resolve))
    const waiting = Array.from({ length: 10_000 }, (_, n) => log.append(entry(0, n % 1_000)))
    await expect(log.append(entry(0, 0))).rejects.toBeInstanceOf(LogUnavailable)
    await other.end()
    expect(await first).toBe(1)
    expect(await waiting[0]).toBe(10_001)
  })
})

describe('a reader', () => {
  let at: TestDatabase
  let log: Awaited<ReturnType<typeof openPostgresLog>>
  let sql: ReturnType<TestDatabase['connect']>
  beforeEach(async () => {
    at = await database()
    sql = at.connect()
    await createPostgresLog(at.url, 'log-1')
    log = await openPostgresLog(at.url, { now: () => 1_000 })
    // In one turn, so in one commit.
    await Promise.all(ENTRIES.map((entry) => log.append(entry)))
    expect(await sql`SELECT seq FROM intake_entries`).toHaveLength(1)
  })
  afterEach(async () => {
    await log.close()
    await sql.end()
    await at.remove()
  })

  const beacon = (visitor: string, path: string) =>
    ({
      v: ENTRY_VERSION,
      kind: 'beacon',
      site: 'main',
      visitor,
      agent: null,
      events: [{ kind: 'page', id: { ms: 1, key: 1 }, at: 1, path }],
    }) as Entry
  const ENTRIES: Entry[] = [
    beacon('v1', '/'),
    { v: ENTRY_VERSION, kind: 'tick', day: 1 },
    beacon('v2', '/a,\nb,\u2028c'),
    beacon('v3', '[{"x":1},\n{}]'),
  ]
  const told = (found: readonly LoggedEntry[]) => found.map(({ entry }) => entry)
  const whose = (visitor: string) => visitorHash({ site: 'main', visitor })

  it('is told whose each beacon is, and parses none but those that it asks for', async () => {
    const found = await log.read(0, 10)
    expect(found.map(({ visitor }) => visitor)).toEqual([whose('v1'), undefined, whose('v2'), whose('v3')])
    expect(told(found)).toEqual(ENTRIES)
    await sql`UPDATE intake_entries SET body = replace(body, '"v2"', '"v2')`
    const broken = await log.read(1, 10)
    expect(broken.map(({ seq, visitor }) => [seq, visitor])).toEqual([
      [2, undefined],
      [3, whose('v2')],
      [4, whose('v3')],
    ])
    expect(broken[2]!.entry).toEqual(ENTRIES[3])
    expect(() => broken[1]!.entry).toThrow('JSON')
  })

  it.each([
    ['where the log does not say', () => sql`UPDATE intake_entries SET visitors = NULL`, 0],
    ['of whose commit the first part was forgotten', () => log.forget(3), 2],
  ])('parses all of them %s', async (_, change, gone) => {
    await change()
    const found = await log.read(gone, 10)
    expect(found.map(({ seq, visitor }) => [seq, visitor])).toEqual(
      ENTRIES.slice(gone).map((_, i) => [gone + i + 1, undefined]),
    )
    expect(told(found)).toEqual(ENTRIES.slice(gone))
  })
})
