import Database from 'better-sqlite3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FLAG } from '../../shared/protocol.ts'
import { beaconOf, eventId, type TestCollector, testCollector } from '../support/collector.ts'

const MINUTE = 60_000

let lw: TestCollector
let serial = 0
let n = 0
/** How many words of consent nobody could read, so far. */
let unreadable = 0
beforeAll(async () => {
  lw = await testCollector()
})
beforeEach(() => {
  n++
})
afterAll(() => lw.remove())

/** A page view of this test's visitor, sent with these flags. */
const view = async (flags: number, headers: Record<string, string> = {}, visitor: string | 0 = `v-${n}`) => {
  lw.clock.now += MINUTE
  const at = lw.clock.now
  const id = eventId(at, ++serial)
  const body = beaconOf(at, [['p', id, at, '/pricing']], { v: visitor, f: flags })
  expect((await lw.beacon(body, headers)).status).toBe(204)
  return id
}
const identify = async (rest: Record<string, unknown> = {}): Promise<string> =>
  (await lw.call('POST', '/v1/identify', { site: 'main', email: `ada${n}@acme.org`, ...rest })).body.id
const consentsOf = async (id: string) =>
  (await lw.call('GET', `/v1/leads/${id}/export`)).body.consents.map(
    ({ state, source }: { state: string; source: string }) => `${state} by ${source}`,
  )
describe('what a visitor says of being followed', () => {
  it('is kept each time that it changes, with where it was said', async () => {
    await view(FLAG.granted)
    await view(FLAG.granted)
    const id = await identify({ visitor: `v-${n}` })
    await view(FLAG.refused)
    await view(FLAG.granted)
    expect(await consentsOf(id)).toEqual(['granted by browser', 'refused by browser', 'granted by browser'])
    const { body } = await lw.call('GET', `/v1/leads/${id}`)
    expect(body.consents[0]).toEqual({
      state: 'granted',
      source: 'browser',
      at: new Date(lw.clock.now - 3 * MINUTE).toISOString(),
      visitor: `v-${n}`,
    })
  })

  it('is kept of a form too, as of the person', async () => {
    const id = await identify({ consent: true })
    lw.clock.now += MINUTE
    await identify({ consent: false })
    await identify({ consent: false })
    expect(await consentsOf(id)).toEqual(['granted by form', 'refused by form'])
    expect((await lw.call('GET', `/v1/leads/${id}`)).body.consents[0].visitor).toBeNull()
  })

  it.each([
    ['where nobody was asked', FLAG.given, {}, []],
    ['where the browser wants privacy, by the flag', FLAG.privacy, {}, ['privacy by browser']],
    ['where the browser wants privacy, by GPC', 0, { 'sec-gpc': '1' }, ['privacy by browser']],
    ['where the browser wants privacy, by DNT', 0, { dnt: '1' }, ['privacy by browser']],
    ['where a yes outweighs the wish', FLAG.granted, { 'sec-gpc': '1' }, ['granted by browser']],
  ])('is told right %s', async (_, flags, headers, expected) => {
    const page = await view(flags, { ...headers, 'user-agent': `Mozilla/5.0 (X11; Linux) Test/${n}` })
    const id = await identify({ visitor: `v-${n}`, page })
    expect(await consentsOf(id)).toEqual(expected)
  })

  it('is kept as the last word of who opts out, and nothing else of that beacon', async () => {
    await view(FLAG.granted)
    const id = await identify({ visitor: `v-${n}` })
    lw.clock.now += MINUTE
    const at = lw.clock.now
    for (const visitor of [`v-${n}`, `nobody-${n}`, 0]) {
      const body = beaconOf(at, [['p', eventId(at, ++serial), at, '/x']], { v: visitor, f: FLAG.optOut })
      const answer = await lw.beacon(body)
      expect([answer.status, answer.headers.get('x-leadwake-dropped')]).toEqual([202, 'opt-out'])
    }
    expect(await consentsOf(id)).toEqual(['granted by browser', 'opt-out by browser'])
    expect((await lw.call('GET', `/v1/leads/${id}/export`)).body.events).toHaveLength(1)
  })

  it('is no id, where it says no while it hands one over', async () => {
    await view(FLAG.granted)
    const id = await identify({ visitor: `v-${n}` })
    await view(FLAG.refused)
    expect((await lw.call('GET', `/v1/leads/${id}/export`)).body.events).toHaveLength(1)
  })

  it('is a no where it says yes and no at once, and that is counted', async () => {
    await view(FLAG.granted)
    const id = await identify({ visitor: `v-${n}` })
    await view(FLAG.granted | FLAG.refused)
    expect(await consentsOf(id)).toEqual(['granted by browser', 'refused by browser'])
    unreadable++
  })
})

describe('consent in POST /v1/identify', () => {
  it.each([
    [true, 'granted', 0],
    ['on', 'granted', 0],
    [false, 'refused', 0],
    ['no', 'refused', 0],
    ['CPzHq4APzHq4A', 'refused', 1],
    [{ ads: true }, 'refused', 1],
    [2, 'refused', 1],
  ])('%j is %s, and unreadable %d times', async (consent, state, more) => {
    const id = await identify({ consent })
    expect(await consentsOf(id)).toEqual([`${state} by form`])
    unreadable += more
  })
})

describe('the gate `consent`', () => {
  it('reads what the browser said, before the person had a name and after', async () => {
    const document = {
      extends: 'standard',
      stages: { mql: { enter: { consent: true } } },
    }
    expect((await lw.call('POST', '/v1/rules', { site: 'main', document })).body).toMatchObject({
      version: 2,
    })
    const stageOf = async (id: string) => {
      await lw.call('GET', `/v1/leads/${id}/export`)
      return (await lw.call('GET', `/v1/leads/${id}`)).body.stage
    }
    await view(FLAG.given)
    const id = await identify({ visitor: `v-${n}` })
    expect(await stageOf(id)).toBe('lead')
    await view(FLAG.granted)
    expect(await stageOf(id)).toBe('mql')
    n++
    await view(FLAG.granted)
    expect(await stageOf(await identify({ visitor: `v-${n}` }))).toBe('mql')
  })
})

describe('an erasure', () => {
  it('takes what was said along, of a shared browser only the person’s part', async () => {
    await view(FLAG.granted)
    const ada = await identify({ visitor: `v-${n}` })
    lw.clock.now += MINUTE
    const bob = await identify({ visitor: `v-${n}`, email: `bob${n}@acme.org` })
    await view(FLAG.refused)
    expect(await consentsOf(bob)).toEqual(['refused by browser'])
    expect((await lw.call('DELETE', `/v1/leads/${ada}`)).status).toBe(200)
    expect(await consentsOf(bob)).toEqual(['refused by browser'])
  })
})

describe('words that nobody could read', () => {
  it('are counted', async () => {
    await lw.stop()
    const db = new Database(lw.db, { readonly: true })
    const n = db.prepare("SELECT n FROM counts WHERE name = 'noted:unreadable-consent'").pluck().get()
    db.close()
    expect(n).toBe(unreadable)
    expect(n).toBe(4)
  })
})
