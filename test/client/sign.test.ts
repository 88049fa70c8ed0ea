import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimHolds, claimSignature } from '../../collector/claims.ts'
import { type Signing, signIdentify } from '../../collector/client/sign.ts'
import { beaconOf, eventId, START, type TestCollector, testCollector } from '../support/collector.ts'
import { setting } from '../support/counts.ts'

describe('signIdentify', () => {
  it.each<[secret: string, site: string, email: string, expires: number]>([
    ['s', 'main', 'ada@acme.org', START],
    ['s', 'main', 'Ada@ACME.org', START],
    ['a-longer-secret-than-one-block-of-sha-256-has, which is hashed before it is used', 'shop', 'a@b.de', 1],
    ['geheimnis ü', 'main', 'zoë@bücher.de', Number.MAX_SAFE_INTEGER],
  ])('gives what the collector compares with: %s, %s, %s, %d', async (secret, site, email, expires) => {
    const signature = await signIdentify({ secret, site, email, expires })
    expect(signature).toBe(claimSignature(secret, site, email, expires))
    expect(claimHolds(secret, site, { email, signature, expires }, expires - 1)).toBe(true)
  })

  it('takes a date, and an e-mail as it was typed', async () => {
    const [secret, site] = ['s', 'main']
    expect(await signIdentify({ secret, site, email: ' Ada@acme.org ', expires: new Date(START) })).toBe(
      claimSignature(secret, site, 'ada@acme.org', START),
    )
  })

  it.each<[missing: string, given: object]>([
    ['secret', { secret: undefined }],
    ['site', { site: '' }],
    ['e-mail', { email: '' }],
    ['expires', { expires: new Date('tomorrow') }],
    ['expires', { expires: undefined }],
    ['expires', { expires: 1.5 }],
  ])('says that %s is missing: %j', async (missing, given) => {
    const all = { secret: 's', site: 'main', email: 'a@b.de', expires: START, ...given } as Signing
    await expect(signIdentify(all)).rejects.toThrow(new RegExp(`^leadwake: give .*${missing}`))
  })
})

describe('what it signed', () => {
  let lw: TestCollector
  beforeAll(async () => {
    lw = await testCollector()
  })
  afterAll(() => lw.remove())

  it('makes a lead that is verified, until it expires', async () => {
    const secret = setting(lw.db, 'secret:main')!
    const at = lw.clock.now
    const say = async (n: number, email: string, expires: number) => {
      const signature = await signIdentify({ secret, site: 'main', email, expires })
      const said = ['i', eventId(at, n), at, 'page', email, signature, expires]
      expect((await lw.beacon(beaconOf(at, [said], { v: `visitor-${n}` }))).status).toBe(204)
    }
    await say(1, 'Ada@acme.org', at + 60_000)
    await say(2, 'late@acme.org', at - 1)
    const { items } = await lw.until('/v1/leads', (body) => body.items.length === 2)
    const verified: [string, boolean][] = []
    for (const { id, email } of items) {
      verified.push([email, (await lw.call('GET', `/v1/leads/${id}`)).body.verified])
    }
    expect(verified.toSorted()).toEqual([
      ['ada@acme.org', true],
      ['late@acme.org', false],
    ])
  })
})
