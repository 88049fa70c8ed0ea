import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENTRY_VERSION, type Entry, type EntryBody } from '../../collector/entry.ts'
import { createProjector } from '../../collector/project.ts'
import { openState } from '../../collector/store/sqlite/open.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import { beaconOf, eventId, type TestCollector, testCollector } from '../support/collector.ts'
import { tracesOf } from '../support/traces.ts'

const EMAIL = 'ada.lovelace@analytical.engine.org'
const OLD_EMAIL = 'ada.byron@analytical.engine.org'
const PHONE = '+49301234567'
const EXTERNAL = 'crm-customer-4711'
const VISITOR = 'adas-own-visitor-1'
const LAPTOP = 'adas-other-visitor-2'
const SHARED = 'the-library-visitor-3'

let folder: string
let lw: TestCollector
let serial = 0
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-erase-'))
  lw = await testCollector({ db: join(folder, 'x.db') })
})
afterEach(async () => {
  await lw.remove()
  rmSync(folder, { recursive: true, force: true })
})

const page = (visitor: string, path: string) => {
  const at = lw.clock.now
  return lw.beacon(beaconOf(at, [['p', eventId(at, ++serial), at, path]], { v: visitor }))
}
const identify = (rest: Record<string, unknown>) => lw.call('POST', '/v1/identify', { site: 'main', ...rest })

/** Ada on two devices of her own and one that she shares with Bob, and Bob. */
async function people(): Promise<{ ada: string; bob: string }> {
  await page(VISITOR, '/pricing')
  await page(LAPTOP, '/blog')
  await page(SHARED, '/services')
  const ada = await identify({
    visitor: [VISITOR, LAPTOP, SHARED],
    email: OLD_EMAIL,
    phone: PHONE,
    externalId: EXTERNAL,
    traits: { name: 'Ada Lovelace', company: { name: 'Analytical Engine' } },
    signal: { name: 'demo_requested', id: 'form-1' },
  })
  lw.clock.now += 60_000
  await identify({ externalId: EXTERNAL, email: EMAIL })
  lw.clock.now += 60_000
  const bob = await identify({ visitor: SHARED, email: 'bob@acme.org' })
  lw.clock.now += 60_000
  await page(SHARED, '/pricing')
  await page(VISITOR, '/contact')
  await lw.call('POST', '/v1/events', {
    site: 'main',
    events: [
      { contact: EMAIL, name: 'email_click', id: 'm1' },
      { contact: 'bob@acme.org', name: 'email_click', id: 'm1' },
    ],
  })
  const context = { consent: true }
  const told = await lw.call('POST', '/v1/batch?site=main', {
    batch: [
      { type: 'track', messageId: 'b1', anonymousId: LAPTOP, event: 'Signed Up', context },
      { type: 'track', messageId: 'b2', userId: EXTERNAL, event: 'Product Question', context },
      {
        type: 'identify',
        messageId: 'b3',
        anonymousId: 'bobs-visitor',
        context,
        traits: { email: 'bob@acme.org' },
      },
    ],
  })
  expect(told.body.items.map(({ status }: { status: number }) => status)).toEqual([200, 200, 200])
  return { ada: ada.body.id, bob: bob.body.id }
}

const namesOf = (ada: string) => [EMAIL, OLD_EMAIL, PHONE, EXTERNAL, VISITOR, LAPTOP, ada, 'Ada Lovelace']

const query = <T>(sql: string, db = lw.db): T[] => {
  const state = new Database(db, { readonly: true })
  try {
    return state.prepare(sql).all() as T[]
  } finally {
    state.close()
  }
}

describe('DELETE /v1/leads/{id}', () => {
  it('leaves no byte of the person, in state, log, their write-ahead logs and free pages', async () => {
    const { ada, bob } = await people()
    expect(tracesOf(folder, [EMAIL, VISITOR, ada])).not.toEqual([])
    // A dead letter and a call that was answered both bear her names.
    const state = new Database(lw.db)
    state
      .prepare('INSERT INTO dead_letters VALUES (999999, 0, ?, ?)')
      .run(JSON.stringify({ kind: 'identify', email: EMAIL }), 'broken')
    state.close()

    const { status, body } = await lw.call('DELETE', `/v1/leads/${ada}`)
    expect([status, body.erased]).toEqual([200, true])
    expect(tracesOf(folder, namesOf(ada))).toEqual([])

    expect((await lw.call('GET', `/v1/leads/${ada}`)).status).toBe(404)
    const left = await lw.call('GET', '/v1/leads?site=main')
    expect(left.body.items.map((one: { id: string }) => one.id)).toEqual([bob])
    const timeline = await lw.call('GET', `/v1/leads/${bob}/timeline`)
    expect(JSON.stringify(timeline.body)).toContain('/pricing')
    expect(JSON.stringify(timeline.body)).not.toContain('/services')
    // What is nobody's stays.
    expect((await lw.call('GET', '/v1/stats?site=main')).body.pageViews).toBe(5)
  })

  it('leaves no words that only the person used, from the end of the day on', async () => {
    const { ada } = await people()
    const at = lw.clock.now
    const form = ['f', eventId(at, ++serial), at, eventId(at, serial), 'a-form-of-hers', '/an-action-of-hers']
    expect((await lw.beacon(beaconOf(at, [form], { v: VISITOR }))).status).toBe(204)
    await expect.poll(() => query("SELECT 1 FROM texts WHERE text = '/an-action-of-hers'").length).toBe(1)
    expect((await lw.call('DELETE', `/v1/leads/${ada}`)).status).toBe(200)
    lw.clock.now += 86_400_000
    await page('somebody-else', '/')
    await expect.poll(() => query("SELECT 1 FROM texts WHERE text LIKE '%of-hers'").length).toBe(0)
    expect((await lw.call('GET', '/v1/stats?site=main')).body.topPages.length).toBeGreaterThan(0)
  })

  it('leaves none either while events of the person arrive', async () => {
    const { ada } = await people()
    for (let i = 0; i < 300; i++) await page(VISITOR, `/blog/${i}`)
    let isErased = false
    let dropped = 0
    const arriving = (async () => {
      while (!isErased) {
        const answer = await page(VISITOR, '/pricing')
        if (answer.headers.get('x-leadwake-dropped') === 'suppressed') dropped++
        else expect(answer.status).toBe(204)
        await identify({ email: EMAIL, visitor: VISITOR, signal: { name: 'trial_started' } })
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    try {
      expect((await lw.call('DELETE', `/v1/leads/${ada}`)).status).toBe(200)
      // Beacons that were under way are told apart at the door once the erasure is known there.
      const until = Date.now() + 10_000
      while (dropped < 20 && Date.now() < until) await new Promise((resolve) => setImmediate(resolve))
    } finally {
      isErased = true
    }
    await arriving
    // What came between the two is gone as soon as the log is trimmed, which goes with later appends.
    for (let i = 0; i < 200 && tracesOf(folder, namesOf(ada)).length > 0; i++) {
      await page('somebody-else', '/')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(tracesOf(folder, namesOf(ada))).toEqual([])
    expect(dropped).toBeGreaterThanOrEqual(20)
    expect(query('SELECT * FROM visitors').map((row) => (row as { key: string }).key)).not.toContain(VISITOR)
    const counts = query<{ name: string; n: number }>('SELECT name, n FROM counts')
    const n = (name: string) => counts.find((one) => one.name === name)?.n ?? 0
    expect(n('received')).toBe(n('stored') + n('duplicate') + n('dead') + n('dropped:suppressed'))
  })

  it('keeps the person away until a new opt-in', async () => {
    const { ada } = await people()
    await lw.call('DELETE', `/v1/leads/${ada}`)
    const again = await identify({ email: EMAIL, visitor: VISITOR })
    expect([again.status, again.body.detail]).toEqual([409, expect.stringMatching(/consent: true/)])
    expect((await identify({ email: OLD_EMAIL })).status).toBe(409)
    expect((await identify({ phone: PHONE })).status).toBe(409)
    expect((await page(VISITOR, '/')).headers.get('x-leadwake-dropped')).toBe('suppressed')
    const brought = await lw.call('POST', '/v1/contacts', {
      site: 'main',
      contacts: [{ email: EMAIL, consent: true }, { email: 'eve@acme.org' }],
    })
    expect(brought.body).toEqual({
      created: 1,
      updated: 0,
      refused: [{ index: 0, detail: 'this person was erased and stays away' }],
    })
    const signal = await lw.call('POST', '/v1/events', {
      site: 'main',
      visitor: VISITOR,
      name: 'trial_started',
    })
    expect(signal.status).toBe(404)
    const back = await identify({ email: EMAIL, visitor: VISITOR, consent: true })
    expect([back.status, back.body.stage]).toEqual([201, 'lead'])
    await lw.until('/v1/leads?site=main', (body) => body.items.length === 3)
    expect((await page(VISITOR, '/pricing')).headers.get('x-leadwake-dropped')).toBeNull()
  })

  it('takes the person out of how many stand where, and of what reports count', async () => {
    const { ada, bob } = await people()
    const day = new Date(lw.clock.now).toISOString().slice(0, 10)
    const standing = async () => {
      const { body } = await lw.call('GET', `/v1/reports/stages?from=${day}&to=${day}`)
      const { day: _, ...stages } = body.days[0]
      return Object.fromEntries(Object.entries(stages).filter(([, n]) => n !== 0))
    }
    const { stage } = (await lw.call('GET', `/v1/leads/${bob}`)).body
    expect(await standing()).toEqual({ sql: 1, [stage]: 1 })
    await lw.call('DELETE', `/v1/leads/${ada}`)
    expect(await standing()).toEqual({ [stage]: 1 })
    const { body } = await lw.call('GET', '/v1/reports/channels')
    expect(body.channels.map(({ leads }: { leads: number }) => leads)).toEqual([1])
  })

  it('is written down without the person, and answered 404 the second time', async () => {
    const { ada, bob } = await people()
    await lw.call('GET', `/v1/leads/${ada}/export`)
    await lw.call('DELETE', `/v1/leads/${ada}`)
    expect((await lw.call('DELETE', `/v1/leads/${ada}`)).status).toBe(404)
    expect((await lw.call('DELETE', '/v1/leads/nobody')).status).toBe(404)
    const { body } = await lw.call('GET', '/v1/audit')
    expect(body.items.map((one: { what: string }) => one.what)).toEqual(['erase', 'export'])
    expect(body.items[0].subject).toBe(body.items[1].subject)
    expect(body.items[0].by).toMatch(/^key_/)
    expect(JSON.stringify(body)).not.toContain(ada)
    expect((await lw.call('GET', `/v1/leads/${bob}`)).status).toBe(200)
  })

  it('holds when an older backup is restored', async () => {
    const { ada, bob } = await people()
    const db = lw.db
    await lw.remove()
    const backup = mkdtempSync(join(tmpdir(), 'leadwake-backup-'))
    const files = readdirSync(folder).filter((file) => /\.db/.test(file))
    for (const file of files) copyFileSync(join(folder, file), join(backup, file))
    lw = await testCollector({ db })
    await lw.call('DELETE', `/v1/leads/${ada}`)
    await lw.remove()
    for (const file of readdirSync(folder)) if (/\.db/.test(file)) rmSync(join(folder, file))
    for (const file of files) copyFileSync(join(backup, file), join(folder, file))
    expect(tracesOf(folder, [EMAIL])).not.toEqual([])

    lw = await testCollector({ db })
    await lw.until('/v1/leads?site=main', (body) => body.items.length === 1)
    expect((await lw.call('GET', '/v1/leads?site=main')).body.items[0].id).toBe(bob)
    while (tracesOf(folder, namesOf(ada)).length > 0) await new Promise((resolve) => setImmediate(resolve))
    expect((await identify({ email: EMAIL })).status).toBe(409)
    rmSync(backup, { recursive: true, force: true })
  })
})

describe('totals after an erasure', () => {
  it('stay when numbers are made again, unless that is wanted', async () => {
    const { ada } = await people()
    await lw.call('DELETE', `/v1/leads/${ada}`)
    const views = async () => (await lw.call('GET', '/v1/stats?site=main')).body.pageViews
    expect(await views()).toBe(5)
    await lw.stop()
    const state = await startedAgain()
    try {
      const outcome = async (withoutErased: boolean) =>
        (await state.project({ kind: 'rebuild', site: 'main', ...(withoutErased && { withoutErased }) }))
          .status
      expect(await outcome(false)).toBe(422)
      expect(state.views()).toBe(5)
      expect(await outcome(true)).toBe(200)
      expect(state.views()).toBeLessThan(5)
    } finally {
      state.close()
    }
  })

  it('count a new visitor apart from the erased one, also after a restart', async () => {
    await page(VISITOR, '/pricing')
    const { body } = await identify({ visitor: VISITOR, email: EMAIL })
    await lw.call('DELETE', `/v1/leads/${body.id}`)
    await lw.stop()
    lw = await testCollector({ db: join(folder, 'x.db'), now: lw.clock.now })
    await page('v-new', '/')
    const stats = await lw.until('/v1/stats?site=main', ({ pageViews }) => pageViews === 2)
    expect(stats.visitors).toBe(2)
  })
})

/** A projector on the files of a collector that has stopped. */
async function startedAgain() {
  const db = openState(lw.db, false)
  const store = sqliteStore(db)
  const { logId, seq } = await store.watermark()
  const projector = await createProjector(store, logId!)
  let next = seq
  return {
    async project(body: EntryBody) {
      const entry = { v: ENTRY_VERSION, ref: `r${next}`, ...body } as Entry
      const { outcomes } = await projector.project([{ seq: ++next, receivedAt: lw.clock.now, entry }])
      return outcomes[0]!.outcome
    },
    views: () => db.prepare('SELECT sum(views) FROM quarters').pluck().get() as number,
    close: () => db.close(),
  }
}
