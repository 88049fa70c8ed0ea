import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENTRY_VERSION, type Entry } from '../../collector/entry.ts'
import { REVIVED_AT_ONCE } from '../../collector/project/revivals.ts'
import { MOST_WEBHOOKS } from '../../collector/project/webhooks.ts'
import { createProjector } from '../../collector/project.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import { MESSAGES_AT_ONCE, type StateStore } from '../../collector/store/store.ts'
import { type Projection, projection } from '../support/projection.ts'
import { deliveriesOf, identifyEntry, outboxOf, SECRET, START, webhookEntry } from './support.ts'

let state: Projection
beforeEach(async () => {
  state = await projection()
})
afterEach(() => state.remove())

const outcome = async (at: number, body: Parameters<Projection['project']>[1][number]) =>
  (await state.project(at, [{ ...body, ref: `r${Math.random()}` }])).outcomes[0]!.outcome

const webhooks = () =>
  (state.db.prepare('SELECT body FROM webhooks').pluck().all() as string[]).map((body) => JSON.parse(body))

describe('a message', () => {
  it('goes to the webhooks that want it, in the transaction that makes it', async () => {
    await state.project(START, [
      webhookEntry('wh_all'),
      webhookEntry('wh_sql', { events: ['lead.sql'] }),
      webhookEntry('wh_here', { site: 'main', events: ['lead.created'] }),
      webhookEntry('wh_there', { site: 'elsewhere' }),
    ])
    const { posted } = await state.project(START + 1, [
      identifyEntry('ada@acme.org', START, 'demo_requested'),
    ])
    expect(posted).toBe(true)
    expect(outboxOf(state).map(({ type }) => type)).toEqual(['lead.created', 'lead.sql'])
    expect(deliveriesOf(state)).toEqual([
      'wh_all lead.created waiting',
      'wh_all lead.sql waiting',
      'wh_here lead.created waiting',
      'wh_sql lead.sql waiting',
    ])
  })

  it('has an id that tells nobody, and is the same when its entry is projected again', async () => {
    await state.project(START, [webhookEntry('wh_1')])
    const bodies = [identifyEntry('ada@acme.org', START, 'demo_requested')]
    await state.project(START + 1, bodies)
    const first = outboxOf(state).map(({ id }) => id)
    expect(new Set(first).size).toBe(2)
    for (const id of first) expect(id).toMatch(/^msg_[A-Za-z0-9_-]{22}$/)
    expect(first.join()).not.toContain('contact')
    const other = await projection()
    await other.project(START, [webhookEntry('wh_1')])
    await other.project(START + 1, bodies)
    expect(outboxOf(other).map(({ id }) => id)).toEqual(first)
    other.remove()
  })

  it('of before a webhook was made does not go there', async () => {
    await state.project(START, [identifyEntry('ada@acme.org', START)])
    await state.project(START + 1, [webhookEntry('wh_1'), identifyEntry('bob@acme.org', START)])
    expect(deliveriesOf(state)).toEqual(['wh_1 lead.created waiting'])
  })

  it('of before it in one batch does not go there either', async () => {
    const bodies = [
      identifyEntry('ada@acme.org', START),
      webhookEntry('wh_1'),
      identifyEntry('bob@acme.org', START),
    ]
    const { seq } = state.projector.watermark()
    await state.projector.project(
      bodies.map((body, i) => ({
        seq: seq + i + 1,
        receivedAt: START + i,
        entry: { v: ENTRY_VERSION, ...body } as Entry,
      })),
    )
    expect(outboxOf(state)).toHaveLength(2)
    expect(deliveriesOf(state)).toEqual(['wh_1 lead.created waiting'])
  })

  it('is not kept for a webhook that is disabled or deleted', async () => {
    await state.project(START, [webhookEntry('wh_off'), webhookEntry('wh_gone')])
    await state.project(START + 1, [identifyEntry('ada@acme.org', START)])
    await state.project(START + 2, [
      { kind: 'webhook-set', id: 'wh_off', set: { enabled: false } },
      { kind: 'webhook-removed', id: 'wh_gone' },
    ])
    await state.project(START + 3, [identifyEntry('bob@acme.org', START)])
    expect(deliveriesOf(state)).toEqual(['wh_off lead.created waiting'])
  })

  it('goes with its webhook, however many there are', async () => {
    await state.project(START, [webhookEntry('wh_1'), webhookEntry('wh_2')])
    await state.project(START + 1, [identifyEntry('ada@acme.org', START)])
    const more = state.db.prepare(
      `INSERT INTO deliveries SELECT webhook, message || ?, contact, seq, serial, created_at, 'delivered', NULL, tries
       FROM deliveries WHERE webhook = 'wh_1' LIMIT 1`,
    )
    for (let n = 0; n < 2 * MESSAGES_AT_ONCE; n++) more.run(n)
    expect(await outcome(START + 2, { kind: 'webhook-removed', id: 'wh_1' })).toEqual({
      status: 200,
      body: { id: 'wh_1' },
    })
    expect(deliveriesOf(state)).toEqual(['wh_2 lead.created waiting'])
    expect(webhooks().map(({ id }) => id)).toEqual(['wh_2'])
    expect(await outcome(START + 3, { kind: 'webhook-removed', id: 'wh_1' })).toMatchObject({ status: 404 })
  })

  it('is tried again, however many are dead, in short transactions, in their order, and beside what else happens', async () => {
    const revived: number[] = []
    const through = (store: StateStore): StateStore => ({
      ...store,
      commit: (changes) => {
        for (const { messages } of changes.deliveriesRevived) revived.push(messages.length)
        return store.commit(changes)
      },
    })
    const watched = await projection({}, through)
    await watched.project(START, [webhookEntry('wh_1')])
    await watched.project(START + 1, [identifyEntry('ada@acme.org', START)])
    const more = [
      `INSERT INTO outbox SELECT id || @n, site, contact, seq, serial + @n, created_at, is_brief, payload FROM outbox LIMIT 1`,
      `INSERT INTO deliveries SELECT webhook, message || @n, contact, seq, serial + @n, created_at, 'dead', NULL, '[{}]'
       FROM deliveries LIMIT 1`,
    ].map((sql) => watched.db.prepare(sql))
    const first = watched.db.prepare('SELECT serial FROM deliveries').pluck().get() as number
    const [count, last] = [3 * REVIVED_AT_ONCE + 5, 9_999]
    for (let n = 0; n < count; n++) for (const one of more) one.run({ n: last - n })
    watched.db.exec("UPDATE deliveries SET state = 'delivered' WHERE tries = '[]'")
    const { outcomes } = await watched.project(START + 2, [
      { kind: 'webhook-replay', id: 'wh_1', messages: null, ref: 'again' },
    ])
    expect(outcomes).toEqual([
      { ref: 'again', outcome: { status: 200, body: { id: 'wh_1', replayed: count } } },
    ])
    // Nobody waits for them: what comes is delivered at once, and after a restart it goes on where it was.
    expect([revived, watched.projector.isBusy()]).toEqual([[], true])
    await watched.projector.goOn()
    await watched.project(START + 3, [identifyEntry('bob@acme.org', START + 3)])
    expect(deliveriesOf(watched).filter((line) => line.endsWith('waiting')).length).toBe(REVIVED_AT_ONCE + 1)
    expect(revived).toEqual([REVIVED_AT_ONCE])
    const restarted = await createProjector(through(sqliteStore(watched.db)), 'log-1')
    while (restarted.isBusy()) expect(await restarted.goOn()).toEqual({ posted: true })
    expect(revived).toEqual([REVIVED_AT_ONCE, REVIVED_AT_ONCE, REVIVED_AT_ONCE, 5])
    expect((await createProjector(sqliteStore(watched.db), 'log-1')).isBusy()).toBe(false)
    const waiting = watched.db.prepare(
      "SELECT serial, due_at IS NOT NULL AS due, tries FROM deliveries WHERE state = 'waiting' AND contact = 1 ORDER BY serial LIMIT 2",
    )
    expect(waiting.all()).toEqual([
      { serial: first + last - count + 1, due: 1, tries: '[]' },
      { serial: first + last - count + 2, due: 0, tries: '[]' },
    ])
    watched.remove()
  })

  it('is forgotten after 30 days, delivered or not', async () => {
    await state.project(START, [webhookEntry('wh_1'), identifyEntry('ada@acme.org', START)])
    // More than one transaction forgets.
    const more = state.db.prepare(
      `INSERT INTO outbox SELECT id || ?, site, contact, seq, serial, created_at, is_brief, payload FROM outbox LIMIT 1`,
    )
    for (let n = 0; n < MESSAGES_AT_ONCE; n++) more.run(n)
    const day = Math.floor(START / 86_400_000)
    await state.project(START + 29 * 86_400_000, [{ kind: 'tick', day: day + 28 }])
    expect(deliveriesOf(state)).toHaveLength(1)
    await state.project(START + 31 * 86_400_000, [{ kind: 'tick', day: day + 30 }])
    expect([deliveriesOf(state), outboxOf(state).filter(({ type }) => type === 'lead.created')]).toEqual([
      [],
      [],
    ])
  })

  it('tells of everybody whom one entry erases again, each once', async () => {
    const standing = new Set<string>()
    const list = { standing: () => standing, add: () => {}, lift: () => {} }
    const erasing = { hash: (...parts: string[]) => parts.join(' '), list, eraseFromLog: () => {} }
    const restored = await projection({ erasing })
    const people = ['ada@acme.org', 'bob@acme.org', 'cyd@acme.org']
    await restored.project(START, [webhookEntry('wh_1', { events: ['contact.erased'] })])
    await restored.project(
      START + 1,
      people.map((email) => identifyEntry(email, START)),
    )
    const hashes = people.map((email) => erasing.hash('main', 'email', email))
    const { outcomes } = await restored.project(START + 2, [{ kind: 'suppress', hashes, ref: 'again' }])
    expect(outcomes).toEqual([{ ref: 'again', outcome: { status: 200, body: { people: 3 } } }])
    const told = restored.db.prepare(
      "SELECT payload -> 'data' ->> 'id' FROM outbox WHERE is_brief ORDER BY 1",
    )
    expect(told.pluck().all()).toEqual(people.map((email) => `contact-of-${email}`))
    expect(deliveriesOf(restored)).toEqual(people.map(() => 'wh_1 contact.erased waiting'))
    restored.remove()
  })

  it('contact.merged names the survivor and the others', async () => {
    await state.project(START, [webhookEntry('wh_1', { events: ['contact.merged'] })])
    await state.project(START + 1, [identifyEntry('ada@acme.org', START)])
    await state.project(START + 2, [
      {
        ...identifyEntry('x', START + 2),
        newContact: 'by-phone',
        email: undefined,
        phone: '+4930123456',
      } as never,
    ])
    await state.project(START + 3, [
      { ...identifyEntry('ada@acme.org', START + 3), phone: '+4930123456' } as never,
    ])
    const payload = state.db
      .prepare("SELECT payload FROM outbox WHERE payload ->> 'type' = 'contact.merged'")
      .pluck()
      .get() as string
    expect(JSON.parse(payload)).toEqual({
      type: 'contact.merged',
      timestamp: new Date(START + 3).toISOString(),
      data: { id: 'contact-of-ada@acme.org', site: 'main', merged: ['by-phone'] },
    })
    expect(deliveriesOf(state)).toEqual(['wh_1 contact.merged waiting'])
  })
})

describe('a webhook', () => {
  it('keeps its old secret for as long as it was told when another takes its place', async () => {
    await state.project(START, [webhookEntry('wh_1')])
    const rotated = { secret: 'whsec_bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXcg', overlapMs: 60_000 }
    await state.project(START + 5, [{ kind: 'webhook-set', id: 'wh_1', set: { rotated } }])
    expect(webhooks()[0]).toMatchObject({
      secret: rotated.secret,
      oldSecret: SECRET,
      oldSecretUntil: START + 60_005,
    })
    await state.project(START + 6, [
      { kind: 'webhook-set', id: 'wh_1', set: { rotated: { secret: SECRET, overlapMs: 0 } } },
    ])
    expect(webhooks()[0]).toMatchObject({ secret: SECRET, oldSecret: null })
  })

  it('that says that it is gone is disabled, and says why until it is enabled', async () => {
    await state.project(START, [webhookEntry('wh_1'), identifyEntry('ada@acme.org', START)])
    const { id } = outboxOf(state)[0]!
    const { configured } = await state.project(START + 1, [
      {
        kind: 'delivery',
        webhook: 'wh_1',
        message: id,
        tried: { at: START, status: 410, ms: 3, error: 'status' },
        state: 'dead',
        dueAt: null,
        disable: 'gone',
      },
    ])
    expect(configured).toBe(true)
    expect(webhooks()[0]).toMatchObject({ enabled: false, disabledBecause: 'gone' })
    await state.project(START + 2, [{ kind: 'webhook-set', id: 'wh_1', set: { enabled: true } }])
    expect(webhooks()[0]).toMatchObject({ enabled: true, disabledBecause: null })
  })

  it('gets a test that no other gets', async () => {
    await state.project(START, [webhookEntry('wh_1', { events: ['lead.sql'] }), webhookEntry('wh_2')])
    expect(await outcome(START + 1, { kind: 'webhook-test', id: 'wh_1' })).toMatchObject({
      status: 200,
      body: { id: 'wh_1', message: expect.stringMatching(/^msg_/) },
    })
    expect(deliveriesOf(state)).toEqual(['wh_1 webhook.test waiting'])
  })

  it('that is not there is a 404, whatever is asked of it', async () => {
    for (const body of [
      { kind: 'webhook-set', id: 'no', set: {} },
      { kind: 'webhook-removed', id: 'no' },
      { kind: 'webhook-test', id: 'no' },
      { kind: 'webhook-replay', id: 'no', messages: null },
    ] as const)
      expect(await outcome(START, body)).toMatchObject({ status: 404 })
  })

  it('is one of a hundred at most', async () => {
    await state.project(
      START,
      Array.from({ length: MOST_WEBHOOKS }, (_, i) => webhookEntry(`wh_${i}`)),
    )
    expect(await outcome(START, webhookEntry('wh_more'))).toMatchObject({ status: 409 })
    expect(await outcome(START, webhookEntry('wh_1'))).toMatchObject({ status: 409 })
  })
})

describe('the report of a week', () => {
  const figures = {
    visitors: 1,
    visits: 1,
    pageViews: 1,
    engagedMs: 1,
    leads: 1,
    mqls: 0,
    sqls: 0,
    accepted: 0,
    won: 0,
    lost: 0,
  }
  const report = (from: string) => ({
    kind: 'report' as const,
    site: 'main',
    report: {
      from,
      to: 'x',
      week: figures,
      before: figures,
      topPages: [],
      topSources: [],
      stages: {} as never,
    },
  })

  it('is told once, however often it is asked for', async () => {
    await state.project(START, [webhookEntry('wh_1')])
    await state.project(START, [report('2026-11-02'), report('2026-11-02')])
    await state.project(START, [report('2026-11-02'), report('2026-10-26')])
    expect(deliveriesOf(state)).toEqual(['wh_1 report.weekly waiting'])
    await state.project(START, [report('2026-11-09')])
    expect(deliveriesOf(state)).toHaveLength(2)
  })
})
