import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rulesLearn } from '../collector/cli/learn.ts'
import type { EntryBody } from '../collector/entry.ts'
import { compile } from '../collector/lead/rules.ts'
import { answers } from '../collector/read.ts'
import { sqliteReader } from '../collector/store/sqlite/read.ts'
import { DAY, START, type TestCollector, testCollector } from './support/collector.ts'
import { type Projection, projection } from './support/projection.ts'

const HOUR = 3_600_000
let state: Projection
let serial = 0
beforeAll(async () => {
  state = await projection()
})
afterAll(() => state.remove())

/** Of each sixth: who chats is won, who only asks for a demo is lost; afterwards the won ones buy, which must not count. */
const person = (n: number): EntryBody[] => {
  const isWon = n % 2 === 0
  const id = `p${n}`
  const signal = (name: string, at: number) => ({ id: { ms: at, key: ++serial }, name, at })
  const decision = (name: 'accept' | 'won' | 'lost', at: number): EntryBody => ({
    kind: 'decision',
    site: 'main',
    contact: id,
    decision: {
      id: { ms: at, key: ++serial },
      at,
      decision: name,
      by: 'A',
      reason: null,
      until: null,
      value: null,
    },
    expected: {},
  })
  const chats = isWon !== (n % 6 === 0)
  return [
    {
      kind: 'identify',
      site: 'main',
      newContact: id,
      visitors: [],
      externalId: id,
      traits: {},
      at: START,
      signals: [
        signal('demo_requested', START),
        signal(chats ? 'chat_started' : 'callback_requested', START + 1),
      ],
    },
    decision('accept', START + HOUR),
    {
      kind: 'signal',
      site: 'main',
      items: [
        { contact: id, signal: signal(isWon ? 'referred_by_customer' : 'email_open', START + 2 * HOUR) },
      ],
    },
    decision(isWon ? 'won' : 'lost', START + 3 * HOUR),
  ]
}

describe('learning from what sales decided', () => {
  it('says how many outcomes are missing', async () => {
    await state.project(START + DAY, Array.from({ length: 20 }, (_, n) => person(n)).flat())
    const ask = answers({ state: sqliteReader(state.db), now: () => START + DAY })
    expect(ask.learn('main')).toEqual({
      ok: false,
      reason:
        'too few outcomes to learn from: 10 won and 10 lost or rejected; at least 50 are needed, 15 of each kind',
    })
    expect(ask.learn('other')).toBeUndefined()
  })

  it('counts what people had done by the hand-over, and nothing of what came after', async () => {
    await state.project(START + DAY, Array.from({ length: 100 }, (_, n) => person(20 + n)).flat())
    const learned = answers({ state: sqliteReader(state.db), now: () => START + DAY }).learn('main')!
    if (!learned.ok) throw new Error(learned.reason)
    expect([learned.outcomes, learned.won]).toEqual([120, 60])
    const points = Object.fromEntries(learned.changes.map(({ rule, draft }) => [rule, draft]))
    expect(points.chat).toBeGreaterThan(10)
    expect(points.callback).toBeLessThan(25)
    expect(points).not.toHaveProperty('referred')
    expect(learned.draft.auc!.value).toBeGreaterThan(0.6)
    expect(compile(learned.document)).toMatchObject({ ok: true })
  })
})

describe('the call and the command', () => {
  let lw: TestCollector
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-learn-'))
  beforeAll(async () => {
    lw = await testCollector()
  })
  afterAll(async () => {
    await lw.remove()
    rmSync(folder, { recursive: true, force: true })
  })
  const run = (options: Record<string, string | boolean>) => {
    const printed: string[] = []
    const input = {
      flags: { db: lw.db },
      options,
      positionals: [],
      print: (line: string) => printed.push(line),
    }
    return rulesLearn.run(input).then((code) => ({ code, printed }))
  }

  it('answer in words where there are too few outcomes', async () => {
    const { status, body } = await lw.call('POST', '/v1/rules/learn', { site: 'main' })
    expect([status, body.detail]).toEqual([409, expect.stringContaining('too few outcomes')])
    await expect(run({})).rejects.toThrow('too few outcomes to learn from: 0 won and 0 lost or rejected')
    expect((await lw.call('POST', '/v1/rules/learn', { site: 'nowhere' })).status).toBe(404)
  })

  it('give the draft with its figures, and change nothing', async () => {
    for (let n = 0; n < 60; n++) {
      const who = {
        site: 'main',
        externalId: `x${n}`,
        signal: { name: n % 2 ? 'demo_requested' : 'quote_requested' },
      }
      const { id } = (await lw.call('POST', '/v1/identify', who)).body
      await lw.call('POST', `/v1/leads/${id}/decision`, { decision: n % 2 ? 'won' : 'lost' })
    }
    const { status, body } = await lw.call('POST', '/v1/rules/learn', { site: 'main' })
    expect([status, body.outcomes, body.draft.auc.value]).toEqual([200, 60, 1])
    const out = join(folder, 'draft.json')
    const { code, printed } = await run({ out })
    expect([code, printed[0]]).toEqual([0, '60 outcomes, 30 of them won.'])
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(body.document)
    expect((await lw.call('GET', '/v1/rules?site=main')).body.version).toBe(1)
  }, 30_000)
})
