/** The demo's past, made up: the same at each time, and as people are. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { demo } from '../../collector/demo/demo.tsx'
import { REPLAY_DAYS, replay } from '../../collector/demo/replay/replay.ts'
import { PAGES } from '../../collector/demo/replay/visit.ts'
import type { DecisionEntry, EntryBody, ToldItem } from '../../collector/entry.ts'
import { cli } from '../support/cli.ts'
import { serveBuilt } from '../support/process.ts'

const DAY = 86_400_000
/** A Sunday. */
const NIGHT = Date.UTC(2026, 10, 22, 23, 59)
const NOON = Date.UTC(2026, 10, 22, 12)
const VISITORS = 1_500

const made = (now: number, visitors = VISITORS): EntryBody[] => [...replay({ now, visitors })]
const itemsOf = (entries: EntryBody[]): ToldItem[] =>
  entries.flatMap((entry) => (entry.kind === 'told' ? entry.items : []))
const decisionsOf = (entries: EntryBody[]): DecisionEntry[] =>
  entries.filter((entry) => entry.kind === 'decision')

describe('replay', () => {
  it('is the same at each time of the day, but for what has not happened yet', () => {
    const noon = itemsOf(made(NOON))
    const until = itemsOf(made(NIGHT)).filter(({ at }) => at <= NOON)
    expect(noon.length).toBeGreaterThan(5_000)
    expect(noon).toEqual(until)
  })

  it('gives nobody another life where others come', () => {
    const few = itemsOf(made(NOON, 100))
    expect(itemsOf(made(NOON, 200)).slice(0, few.length)).toEqual(few)
  })

  it('lies within its days, and not ahead', () => {
    const first = Math.floor(NOON / DAY) * DAY - (REPLAY_DAYS - 1) * DAY
    for (const { at } of itemsOf(made(NOON))) {
      expect(at).toBeGreaterThanOrEqual(first)
      expect(at).toBeLessThanOrEqual(NOON)
    }
    for (const { decision } of decisionsOf(made(NOON))) expect(decision.at).toBeLessThanOrEqual(NOON)
  })

  it('has few who leave a name, and fewer who ask', () => {
    const items = itemsOf(made(NIGHT))
    const of = (some: ToldItem[]) => new Set(some.map(({ person }) => person?.newContact)).size
    const named = of(items.filter(({ person }) => person))
    const asking = of(
      items.filter(({ person }) =>
        person?.signals?.some(({ name }) => /^(demo|quote)_requested$/.test(name)),
      ),
    )
    expect(named / VISITORS).toBeGreaterThan(0.02)
    expect(named / VISITORS).toBeLessThan(0.08)
    expect(asking / VISITORS).toBeGreaterThan(0.005)
    expect(asking).toBeLessThan(named / 2)
    const words = new Set(decisionsOf(made(NIGHT, 4_000)).map(({ decision }) => decision.decision))
    expect([...words]).toEqual(expect.arrayContaining(['accept', 'reject', 'opportunity', 'won', 'lost']))
  })

  it('has fewer visits at night and on Sundays', () => {
    const starts = itemsOf(made(NIGHT)).filter(({ event }) => event?.kind === 'page')
    const share = (holds: (at: Date) => boolean) =>
      starts.filter(({ at }) => holds(new Date(at))).length / starts.length
    expect(share((at) => at.getUTCHours() < 6)).toBeLessThan(0.06)
    expect(share((at) => at.getUTCDay() === 0)).toBeLessThan(0.1)
  })

  it.each(Object.entries(PAGES))('%s is a page of the demo', async (path, { title, kind }) => {
    const shop = demo({ collector: () => '', site: 'demo', key: () => '' })
    const html = await (await new Hono().route('/demo', shop).request(path)).text()
    expect(html).toContain(`<title>${title} · Nordlicht Sensors</title>`)
    const named = /<meta name="leadwake:page" content="(\w+)"/.exec(html)?.[1]
    expect(named).toBe(kind)
  })
})

describe('leadwake demo --replay', () => {
  it('fills the demo site once, tells no webhook, and refuses a second one of another day', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leadwake-replay-'))
    const db = join(folder, 'x.db')
    try {
      const collector = await serveBuilt({ LEADWAKE_DB: db }, [])
      collector.child.kill('SIGTERM')
      await collector.ended
      const run = (...args: string[]) => cli(['demo', ...args], folder, { LEADWAKE_DB: db })
      const ask = (sql: string) => {
        const state = new Database(db)
        try {
          return state.prepare(sql).pluck().get()
        } finally {
          state.close()
        }
      }
      expect(await run()).toMatchObject({ code: 1, err: expect.stringContaining('--replay') })
      expect(await run('--replay', '--visitors', '0')).toMatchObject({ code: 1 })
      const first = await run('--replay', '--visitors', '400')
      expect(first).toMatchObject({
        code: 0,
        out: expect.stringMatching(
          /^Replayed 400 visitors on the demo site: [\d]{4} new events, [1-9]\d* decisions/,
        ),
      })
      expect(ask("SELECT count(*) FROM leads WHERE stage = 'sql'")).toBeGreaterThan(0)
      expect(ask('SELECT count(*) FROM outbox')).toBe(0)
      expect(ask('SELECT count(*) FROM breaches')).toBe(0)
      const known = ask('SELECT count(*) FROM events')
      expect((await run('--replay', '--visitors', '400')).out).toMatch(/: \d+ new events, 0 decisions/)
      // Some may have happened in the seconds between.
      expect(Number(ask('SELECT count(*) FROM events')) - Number(known)).toBeLessThan(10)
      const another = new Database(db)
      another.prepare("UPDATE contacts SET id = replace(id, 'replay-20', 'replay-19')").run()
      another.close()
      expect(await run('--replay')).toMatchObject({
        code: 1,
        err: expect.stringMatching(/replay of 19\d\d-/),
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
