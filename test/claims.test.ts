import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimHolds, claimSignature } from '../collector/claims.ts'
import { beaconOf, eventId, type TestCollector, testCollector } from './support/collector.ts'
import { setting } from './support/counts.ts'

const HOUR = 3_600_000
let lw: TestCollector
let secret: string
let n = 0
beforeAll(async () => {
  lw = await testCollector()
  secret = setting(lw.db, 'secret:main')!
})
afterAll(() => lw.remove())

const say = (visitor: string | undefined, email: string, ...signed: unknown[]) => {
  const at = lw.clock.now
  const events = [
    ['p', eventId(at, ++n), at, '/pricing'],
    ['i', eventId(at, ++n), at, 'page', email, ...signed],
  ]
  return lw.beacon({ ...beaconOf(at, events), v: visitor })
}
const identify = (body: Record<string, unknown>) => lw.call('POST', '/v1/identify', { site: 'main', ...body })
/** Everything that is projected: an awaited call is answered when all before it is. */
const settled = () => lw.call('POST', '/v1/events', { site: 'main', visitor: 'clock', name: 'tick' })
const listed = async (email: string) => {
  await settled()
  const { items } = (await lw.call('GET', '/v1/leads?limit=500')).body
  return items.find((item: { email: string }) => item.email === email)
}
const whole = async (id: string) => {
  await settled()
  return [
    (await lw.call('GET', `/v1/leads/${id}`)).body,
    (await lw.call('GET', `/v1/leads/${id}/timeline`)).body,
  ]
}

describe('a claim', () => {
  it('starts a contact that nobody knew, unverified, which never becomes an SQL', async () => {
    expect((await say('claimant', 'new@acme.org')).status).toBe(204)
    const { id, stage } = await listed('new@acme.org')
    expect(stage).toBe('lead')
    expect((await lw.call('GET', `/v1/leads/${id}`)).body.verified).toBe(false)
    await lw.call('POST', '/v1/events', { site: 'main', contact: id, name: 'demo_requested', id: 'd' })
    expect((await lw.call('GET', `/v1/leads/${id}`)).body.stage).not.toBe('sql')
  })

  it('brings neither visitors nor history along when a form handler confirms the address', async () => {
    await say('stranger', 'taken@acme.org')
    await listed('taken@acme.org')
    const { body } = await identify({ email: 'taken@acme.org', visitor: 'owner' })
    expect(body).toMatchObject({ created: true, stage: 'lead', engagement: 0 })
    const [lead] = await whole(body.id)
    expect(lead).toMatchObject({ verified: true, visitors: 1, reasons: [] })
    const { items } = (await lw.call('GET', '/v1/leads?limit=500')).body
    expect(items.filter(({ email }: { email: string }) => email === 'taken@acme.org')).toHaveLength(1)
  })

  it('changes nothing of a known contact, in 10,000 hostile tries, and answers each alike', async () => {
    const { id } = (
      await identify({
        email: 'victim@acme.org',
        visitor: 'victim',
        signal: { name: 'email_click', id: 'c' },
      })
    ).body
    const before = await whole(id)
    const answers = new Set<string>()
    for (let i = 0; i < 200; i++) {
      const at = lw.clock.now
      const events = Array.from({ length: 50 }, (_, k) => {
        const email = k % 2 ? 'victim@acme.org' : 'VICTIM@acme.org '
        const forged = k % 3 ? [] : [claimSignature('guess', 'main', 'victim@acme.org', at + HOUR), at + HOUR]
        return ['i', eventId(at, ++n), at, 'page', email, ...forged]
      })
      const response = await lw.beacon(beaconOf(at, events, { v: `hostile-${i % 20}` }))
      answers.add(JSON.stringify([response.status, [...response.headers], await response.text()]))
    }
    expect(answers.size).toBe(1)
    expect(await whole(id)).toEqual(before)
    const nobody = await say('hostile-1', 'nobody-knows@acme.org')
    expect(JSON.stringify([nobody.status, [...nobody.headers], await nobody.text()])).toBe([...answers][0])
  }, 60_000)

  it('is dropped by name without consent, and when it is no address', async () => {
    const at = lw.clock.now
    const only = (email: string) => beaconOf(at, [['i', eventId(at, ++n), at, 'page', email]])
    const dropped = async (body: unknown) => (await lw.beacon(body)).headers.get('x-leadwake-dropped')
    expect(await dropped({ ...only('ada@acme.org'), v: undefined })).toBe('no-consent')
    expect(await dropped(only('not an address'))).toBe('no-address')
    expect(await dropped(only('test@example.com'))).toBe('no-address')
  })
})

describe('a signed claim', () => {
  it('is as good as a form handler: it links, and what was done before counts', async () => {
    const expires = lw.clock.now + HOUR
    await say(
      'signed',
      'signed@acme.org',
      claimSignature(secret, 'main', 'signed@acme.org', expires),
      expires,
    )
    const { id, engagement } = await listed('signed@acme.org')
    expect(engagement).toBeGreaterThan(0)
    expect((await lw.call('GET', `/v1/leads/${id}`)).body).toMatchObject({ verified: true, visitors: 1 })
  })

  it('joins a known contact, which an unsigned one cannot', async () => {
    const { id } = (await identify({ email: 'both@acme.org', visitor: 'first-device' })).body
    await say('second-device', 'both@acme.org')
    expect((await whole(id))[0].visitors).toBe(1)
    const expires = lw.clock.now + HOUR
    await say(
      'second-device',
      'both@acme.org',
      claimSignature(secret, 'main', 'both@acme.org', expires),
      expires,
    )
    expect((await whole(id))[0].visitors).toBe(2)
  })
})

describe('a signature', () => {
  const now = 1_000
  const good = {
    email: 'a@b.de',
    expires: now + 1,
    signature: claimSignature('s', 'main', 'a@b.de', now + 1),
  }
  it('is plain HMAC-SHA256, so that any language can make it', () => {
    const outside = createHmac('sha256', 's').update('main\na@b.de\n1001').digest('hex')
    expect(good.signature).toBe(outside)
  })
  it.each([
    ['holds', 's', 'main', good, now, true],
    ['does not hold once it has expired', 's', 'main', good, now + 1, false],
    ['does not hold for another site', 's', 'other', good, now, false],
    ['does not hold for another address', 's', 'main', { ...good, email: 'c@b.de' }, now, false],
    ['does not hold for another expiry', 's', 'main', { ...good, expires: now + 2 }, now, false],
    ['does not hold with another secret', 't', 'main', good, now, false],
    [
      'does not hold when it is cut',
      's',
      'main',
      { ...good, signature: good.signature.slice(1) },
      now,
      false,
    ],
  ])('%s', (_what, key, site, claim, at, holds) => {
    expect(claimHolds(key, site, claim, at)).toBe(holds)
  })
})
