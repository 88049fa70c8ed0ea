import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Entry, EntryBody } from '../../collector/entry.ts'
import { dueOf } from '../../collector/read/deliveries.ts'
import { sqliteReader } from '../../collector/store/sqlite/read.ts'
import type { WebhookRow } from '../../collector/store/store.ts'
import { type DeliverDeps, type Deliveries, deliveries, PLACES } from '../../collector/webhook/deliver.ts'
import { webhookGuard } from '../../collector/webhook/guard.ts'
import { sender } from '../../collector/webhook/send.ts'
import { type Projection, projection } from '../support/projection.ts'
import { type Receiver, receiver } from './receiver.ts'
import { deliveriesOf, identifyEntry, SECRET, START, webhookEntry } from './support.ts'

const SECOND = 1_000
const HOUR = 3_600_000

let state: Projection
let there: Receiver
let clock: number
let appended: Entry[]
let out: Deliveries
beforeEach(async () => {
  state = await projection()
  there = await receiver()
  clock = START
  appended = []
  out = open()
})
afterEach(async () => {
  out.stop()
  await there.close()
  state.remove()
})

/** A process that delivers from this state, as after a start. Its results are projected by `step`. */
function open(over: Partial<DeliverDeps> = {}): Deliveries {
  const reader = sqliteReader(state.db)
  return deliveries({
    webhooks: () => reader.deliveries.webhooks(),
    due: async (asked) => dueOf(reader.deliveries, asked, clock),
    person: async () => undefined,
    send: sender({ guard: webhookGuard(['127.0.0.1']), now: () => clock, timeoutMs: 2_000 }),
    mail: undefined,
    append: async (entry) => appended.push(entry),
    projected: () => projected,
    now: () => clock,
    random: () => 0,
    version: '1.2.3',
    ...over,
  })
}

let projected = 0
beforeEach(() => {
  projected = 0
})

const project = (...bodies: EntryBody[]) => state.project(clock, bodies)

/** Sends what is due, waits for the answers and projects what they come to, until nothing more is due. */
async function step(): Promise<void> {
  for (;;) {
    while (state.projector.isBusy()) await state.projector.goOn()
    await out.look()
    await out.settled()
    if (appended.length === projected) return
    await project(...appended.slice(projected))
    projected = appended.length
  }
}

/** When the next try of a webhook that is enabled is due; null where none waits. */
const nextDue = (): number | null =>
  state.db
    .prepare(
      `SELECT min(due_at) FROM deliveries JOIN webhooks ON id = webhook
       WHERE due_at IS NOT NULL AND body ->> 'enabled' = 1`,
    )
    .pluck()
    .get() as number | null

/** Lets the clock run to each try until nothing waits, or to a moment. Returns when tries were made, ms from the start. */
async function run(until = Number.POSITIVE_INFINITY): Promise<number[]> {
  const at: number[] = []
  for (;;) {
    const before = there.received.length
    await step()
    for (let n = before; n < there.received.length; n++) at.push(clock - START)
    const due = nextDue()
    if (due === null || due > until) {
      if (Number.isFinite(until)) clock = until
      return at
    }
    clock = Math.max(clock, due)
  }
}

const hook = (id = 'wh_1', over: Partial<WebhookRow> = {}) => webhookEntry(id, { url: there.url, ...over })
const types = () => there.received.map(({ json }) => json.type)
const tries = () =>
  (
    state.db.prepare('SELECT tries FROM deliveries ORDER BY webhook, seq, serial').pluck().all() as string[]
  ).map((text) => JSON.parse(text))

describe('a delivery', () => {
  it('is what the reference library verifies, and is made once', async () => {
    await project(hook(), identifyEntry('ada@acme.org', START, 'demo_requested'))
    clock = Date.now()
    await step()
    await step()
    expect(types()).toEqual(['lead.created', 'lead.sql'])
    for (const { headers, body, json } of there.received) {
      expect(new Webhook(SECRET).verify(body, headers as Record<string, string>)).toEqual(json)
      expect(headers['user-agent']).toBe('Leadwake/1.2.3')
      expect(headers.authorization).toBeUndefined()
    }
    expect(deliveriesOf(state)).toEqual(['wh_1 lead.created delivered', 'wh_1 lead.sql delivered'])
    expect(out.counts()).toEqual({ delivered: 2, failed: 0, skipped: 0, dead: 0 })
    expect(tries()[0]).toEqual([{ at: clock, status: 204, ms: 0, error: null }])
  })

  it('keeps no byte of what was answered, nor of what was asked', async () => {
    there.answer = 500
    await project(hook(), identifyEntry('ada@acme.org', START))
    await step()
    const kept = JSON.stringify([state.db.prepare('SELECT * FROM deliveries').all(), appended])
    expect(kept).not.toContain('nothing of this')
    expect(kept).not.toContain('ada')
    expect(kept).not.toContain(there.url)
  })

  it('bears the token, and both secrets while they overlap', async () => {
    await project(hook('wh_1', { token: 'pat-123' }))
    const other = 'whsec_bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXcg'
    clock = Date.now()
    await project({ kind: 'webhook-set', id: 'wh_1', set: { rotated: { secret: other, overlapMs: HOUR } } })
    await project(identifyEntry('ada@acme.org', START))
    await step()
    const [{ headers, body }] = there.received as [(typeof there.received)[0]]
    expect(headers.authorization).toBe('Bearer pat-123')
    for (const secret of [SECRET, other]) new Webhook(secret).verify(body, headers as Record<string, string>)
    clock += HOUR + 1
    await project(identifyEntry('bob@acme.org', START))
    await step()
    expect(String(there.received[1]!.headers['webhook-signature']).split(' ')).toHaveLength(1)
  })
})

describe('a receiver that is down', () => {
  it('for good is tried ten times over 76 hours; then the message is dead, and can be replayed', async () => {
    there.answer = 503
    await project(hook(), identifyEntry('ada@acme.org', START))
    const at = await run()
    expect(at.map((ms) => ms / SECOND)).toEqual([
      0, 5, 305, 2_105, 9_305, 27_305, 63_305, 113_705, 185_705, 272_105,
    ])
    expect(at.at(-1)! / HOUR).toBeCloseTo(75.58, 2)
    expect(new Set(there.received.map(({ id }) => id)).size).toBe(1)
    expect(deliveriesOf(state)).toEqual(['wh_1 lead.created dead'])
    expect(tries()[0]).toHaveLength(10)

    there.answer = 200
    await project({ kind: 'webhook-replay', id: 'wh_1', messages: null })
    await run()
    expect(there.received).toHaveLength(11)
    expect(there.received[10]!.id).toBe(there.received[0]!.id)
    expect(deliveriesOf(state)).toEqual(['wh_1 lead.created delivered'])
  })

  it('for 24 hours gets all that happened, under the same ids, each lead in order', async () => {
    there.answer = (response) => {
      response.writeHead(clock < START + 24 * HOUR ? 502 : 200).end()
    }
    await project(hook())
    const leads = ['ada', 'bob', 'eve', 'kim', 'lee']
    for (const lead of leads) await project(identifyEntry(`${lead}@acme.org`, clock))
    // Over the day they become SQLs and are decided on, while the first message of each still waits.
    for (const [n, lead] of leads.entries()) {
      await run(START + (n + 1) * 3 * HOUR)
      await project(identifyEntry(`${lead}@acme.org`, clock, 'demo_requested'))
      for (const decision of ['accept', 'opportunity', 'won'] as const)
        await project({
          kind: 'decision',
          site: 'main',
          contact: `contact-of-${lead}@acme.org`,
          expected: {},
          decision: {
            decision,
            at: ++clock,
            id: { ms: clock, key: 1 },
            by: 'sales',
            reason: null,
            until: null,
            value: null,
          },
        })
    }
    await run(START + 24 * HOUR - 1)
    expect(there.received.length).toBeGreaterThan(20)
    const failed = new Map(there.received.map(({ id, body }) => [id, body]))
    const before = there.received.length
    await run(START + 76 * HOUR)

    const delivered = there.received.slice(before)
    expect(delivered).toHaveLength(25)
    expect(new Set(delivered.map(({ id }) => id)).size).toBe(25)
    // What had failed comes again as it was.
    for (const [id, body] of failed) expect(delivered.find((one) => one.id === id)?.body).toBe(body)
    for (const lead of leads)
      expect(
        delivered
          .filter(({ json }) => json.data.id === `contact-of-${lead}@acme.org`)
          .map(({ json }) => json.type),
      ).toEqual(['lead.created', 'lead.sql', 'lead.accepted', 'lead.opportunity', 'lead.won'])
    expect(deliveriesOf(state).filter((line) => !line.endsWith('delivered'))).toEqual([])
    expect(clock).toBeLessThanOrEqual(START + 76 * HOUR)
  })

  it('asks for a pause and gets it', async () => {
    there.answer = (response) => {
      response.writeHead(there.received.length === 1 ? 429 : 200, { 'retry-after': '7200' }).end()
    }
    await project(hook(), identifyEntry('ada@acme.org', START))
    expect(await run()).toEqual([0, 2 * HOUR])
  })

  it('for one lead alone does not hold up the others', async () => {
    there.answer = (response, { json }) => {
      response.writeHead(json.data.id === 'contact-of-ada@acme.org' ? 400 : 200).end()
    }
    await project(hook(), identifyEntry('ada@acme.org', START, 'demo_requested'))
    await project(identifyEntry('bob@acme.org', START, 'demo_requested'))
    await step()
    expect(deliveriesOf(state).sort()).toEqual([
      'wh_1 lead.created delivered',
      'wh_1 lead.created waiting',
      'wh_1 lead.sql delivered',
      'wh_1 lead.sql waiting',
    ])
    // Once it is dead, the next of the same lead is tried.
    await run()
    expect(deliveriesOf(state).filter((line) => line.endsWith('dead'))).toHaveLength(2)
  })

  it('and is gone is asked no more, until it is enabled again', async () => {
    there.answer = 410
    await project(hook(), identifyEntry('ada@acme.org', START, 'demo_requested'))
    await run()
    expect(there.received).toHaveLength(1)
    expect(deliveriesOf(state)).toEqual(['wh_1 lead.created dead', 'wh_1 lead.sql waiting'])
    there.answer = 200
    await project({ kind: 'webhook-set', id: 'wh_1', set: { enabled: true } })
    await step()
    expect(types()).toEqual(['lead.created', 'lead.sql'])
  })
})

describe('a process that is killed', () => {
  it('between request and result sends it again, under the same id', async () => {
    await project(hook(), identifyEntry('ada@acme.org', START))
    const cut = Promise.withResolvers<number>()
    out = open({ append: () => cut.promise })
    await out.look()
    await there.until(1)
    // Nothing of the result came into the log: the next process knows nothing of it.
    out = open()
    await step()
    expect(there.received.map(({ id }) => id)).toEqual([there.received[0]!.id, there.received[0]!.id])
    expect(deliveriesOf(state)).toEqual(['wh_1 lead.created delivered'])
  })

  it('between result and projection sends it no more than that once', async () => {
    // One of a lead and one of nobody.
    await project(hook(), identifyEntry('ada@acme.org', START), { kind: 'webhook-test', id: 'wh_1' })
    await out.look()
    await out.settled()
    // Held: the state still says that they are due.
    await out.look()
    await out.settled()
    expect(there.received).toHaveLength(2)
    await step()
    expect(there.received).toHaveLength(2)
  })

  it('goes on with the tries where the other stood', async () => {
    there.answer = 500
    await project(hook(), identifyEntry('ada@acme.org', START))
    await run(START + 10 * SECOND)
    out = open()
    projected = appended.length = 0
    expect(await run()).toHaveLength(8)
    expect(tries()[0]).toHaveLength(10)
  })

  it('not: a log that is full keeps the result, and the message is not sent again meanwhile', async () => {
    await project(hook(), identifyEntry('ada@acme.org', START))
    let full = 3
    const resumed = Promise.withResolvers<void>()
    out = open({
      append: async (entry) => {
        if (full-- > 0) throw new Error('full')
        resumed.resolve()
        return appended.push(entry)
      },
      pause: async () => {
        await out.look()
      },
    })
    await out.look()
    await resumed.promise
    await step()
    expect(there.received).toHaveLength(1)
    expect(deliveriesOf(state)).toEqual(['wh_1 lead.created delivered'])
  })
})

describe('a start', () => {
  it('sends nothing of which the log says what came of it, and the rest once that is projected', async () => {
    await project(hook(), identifyEntry('ada@acme.org', START, 'demo_requested'))
    await out.look()
    await out.settled()
    out.stop()
    // Stopped before the projector came to it: the state says that it is due.
    expect([appended.length, projected]).toEqual([1, 0])
    const from = appended.length
    out = open({ from: () => from })
    await out.look()
    await out.settled()
    expect(types()).toEqual(['lead.created'])
    await project(...appended)
    projected = appended.length
    await step()
    expect(types()).toEqual(['lead.created', 'lead.sql'])
  })
})

describe('a slow receiver', () => {
  it('delays no other, and has so many requests at once and no more', async () => {
    const open = new Set<() => void>()
    const slow = await receiver()
    slow.answer = (response) => {
      open.add(() => response.writeHead(200).end())
    }
    await project(webhookEntry('wh_slow', { url: slow.url }), hook('wh_fast'))
    for (let n = 0; n < 20; n++) await project(identifyEntry(`p${n}@acme.org`, START))
    const began = performance.now()
    for (let n = 1; n <= 20; n += PLACES) {
      await out.look()
      await there.until(Math.min(20, n + PLACES - 1))
      while (appended.length < Math.min(20, n + PLACES - 1))
        await new Promise((resolve) => setImmediate(resolve))
      await project(...appended.slice(projected))
      projected = appended.length
    }
    expect(performance.now() - began).toBeLessThan(1_000)
    expect(there.received).toHaveLength(20)
    await slow.until(PLACES)
    expect([slow.received.length, out.underWay()]).toEqual([PLACES, PLACES])
    for (const answer of open) answer()
    await slow.close()
    await out.settled()
  })
})

describe('formats', () => {
  it('ask who it is when they are sent, and are skipped where they have nothing to say', async () => {
    out = open({
      person: async (id) =>
        id === 'contact-of-ada@acme.org'
          ? { name: 'Ada Lovelace', email: 'ada@acme.org', company: null, phone: null, traits: {} }
          : undefined,
    })
    await project(hook('wh_hub', { format: 'hubspot' }), hook('wh_slack', { format: 'slack' }))
    await project(identifyEntry('ada@acme.org', START), identifyEntry('bob@acme.org', START))
    await step()
    const bodies = there.received.map(({ body }) => body)
    expect(bodies.filter((body) => body.includes('"firstname":"Ada"'))).toHaveLength(1)
    expect(bodies.filter((body) => body.includes('New lead: Ada Lovelace'))).toHaveLength(1)
    expect(bodies.filter((body) => body.includes('New lead: contact-of-bob@acme.org'))).toHaveLength(1)
    expect(deliveriesOf(state, 'wh_hub').sort()).toEqual([
      'wh_hub lead.created delivered',
      'wh_hub lead.created skipped',
    ])
  })

  it('mail goes by the mail server, and fails where none is set', async () => {
    const mails: unknown[] = []
    await project(hook('wh_mail', { format: 'mail', url: 'mailto:sales@acme.org' }))
    await project(identifyEntry('ada@acme.org', START))
    await step()
    expect(tries()[0]).toMatchObject([{ status: null, error: 'smtp' }])
    out = open({
      mail: async (mail) => {
        mails.push(mail)
        return { status: null, error: null, retryAfterMs: null }
      },
    })
    projected = appended.length = 0
    await run()
    expect(mails).toMatchObject([{ to: ['sales@acme.org'], subject: 'New lead: contact-of-ada@acme.org' }])
    expect(deliveriesOf(state)).toEqual(['wh_mail lead.created delivered'])
  })
})
