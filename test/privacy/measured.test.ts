import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BROWSER, beaconOf, DAY, eventId, type TestCollector, testCollector } from '../support/collector.ts'
import { addSite } from '../support/keys.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

let lw: TestCollector
let serial = 0
/** People and their browser, anew in each test. */
let n = 0
beforeAll(async () => {
  lw = await testCollector()
  await addSite(lw, 'shop')
})
beforeEach(() => {
  n++
})
afterAll(() => lw.remove())

const agent = () => ({ 'user-agent': `${BROWSER} Test/${n}` })

/** A page view without an id, from the one address that all these tests come from. Returns the view's id. */
const view = async (path: string, site = 'main') => {
  const at = lw.clock.now
  const id = eventId(at, ++serial)
  const answer = await lw.beacon({ ...beaconOf(at, [['p', id, at, path]]), s: site, v: 0 }, agent())
  expect(answer.status).toBe(204)
  return id
}
const identify = ({ email, ...rest }: Record<string, unknown>) =>
  lw.call('POST', '/v1/identify', { site: 'main', ...(email ? { email: `${n}${email}` } : {}), ...rest })
const pathsOf = async (id: string): Promise<string[]> =>
  (await lw.call('GET', `/v1/leads/${id}/export`)).body.events
    .filter((event: { kind: string }) => event.kind === 'page')
    .map((event: { path: string }) => event.path)
    .sort()

describe('a form that was sent from a measured page view', () => {
  it('joins that visit to the contact, and no other of the same address', async () => {
    await view('/before')
    lw.clock.now += HOUR
    await view('/services')
    lw.clock.now += MINUTE
    const page = await view('/contact')
    const { status, body } = await identify({ email: 'ada@acme.org', page })
    expect(status).toBe(201)
    expect(await pathsOf(body.id)).toEqual(['/contact', '/services'])
    // One visit; of the pages none shows intent.
    expect(body.engagement).toBe(3)
  })

  it('joins what follows in that visit, and not the next visit', async () => {
    const page = await view('/contact')
    const { body } = await identify({ email: 'ada@acme.org', page })
    lw.clock.now += MINUTE
    await view('/pricing')
    lw.clock.now += HOUR
    await view('/somebody-elses')
    expect(await pathsOf(body.id)).toEqual(['/contact', '/pricing'])
    const lead = await lw.until(`/v1/leads/${body.id}`, ({ engagement }) => engagement > 3)
    expect(lead.reasons.map((reason: { rule: string }) => reason.rule)).toEqual(['visit', 'pricing'])
    const timeline = (await lw.call('GET', `/v1/leads/${body.id}/timeline`)).body
    expect(JSON.stringify(timeline)).toMatch('/pricing')
    expect(JSON.stringify(timeline)).not.toMatch('somebody-elses')
  })

  it('joins a late event of that visit', async () => {
    const page = await view('/contact')
    const { body } = await identify({ email: 'ada@acme.org', page })
    const late = lw.clock.now + MINUTE
    lw.clock.now += 2 * HOUR
    await view('/later')
    const id = eventId(late, ++serial)
    await lw.beacon({ ...beaconOf(lw.clock.now, [['p', id, late, '/pricing']]), v: 0 }, agent())
    expect(await pathsOf(body.id)).toEqual(['/contact', '/pricing'])
  })

  describe('that arrives after the form', () => {
    /** A form from a view that has not arrived, and the view later: as a browser without a network sends it. */
    const overtaken = async (after: number, more: Record<string, unknown> = {}, site = 'main') => {
      const at = lw.clock.now
      const page = eventId(at, ++serial)
      const { body } = await identify({ email: 'ada@acme.org', page, ...more })
      lw.clock.now += after
      const beacon = { ...beaconOf(lw.clock.now, [['p', page, at, '/pricing']]), s: site, v: 0 }
      expect((await lw.beacon(beacon, agent())).status).toBe(204)
      return body.id
    }

    it.each([
      ['a minute', MINUTE],
      ['a day', DAY],
    ])('%s later joins its visit to the contact, and counts', async (_, after) => {
      const id = await overtaken(after)
      expect(await pathsOf(id)).toEqual(['/pricing'])
      const lead = await lw.until(`/v1/leads/${id}`, ({ engagement }) => engagement > 0)
      expect(JSON.stringify(lead.reasons)).toContain('pricing')
    })

    it.each([
      ['three days later', 3 * DAY, {}, 'main'],
      ['on another site', MINUTE, {}, 'shop'],
      ['where the form names its visitor, whose it is', MINUTE, { visitor: 'somebody' }, 'main'],
    ])('%s joins nothing', async (_, after, more, site) => {
      expect(await pathsOf(await overtaken(after, more, site))).toEqual([])
    })

    it('is nobody’s once the person was erased', async () => {
      const at = lw.clock.now
      const page = eventId(at, ++serial)
      const { body } = await identify({ email: 'ada@acme.org', page })
      expect((await lw.call('DELETE', `/v1/leads/${body.id}`)).status).toBe(200)
      lw.clock.now += MINUTE
      await lw.beacon({ ...beaconOf(lw.clock.now, [['p', page, at, '/pricing']]), v: 0 }, agent())
      const eve = await identify({ email: 'eve@acme.org' })
      expect(await pathsOf(eve.body.id)).toEqual([])
      expect((await lw.call('GET', `/v1/leads/${body.id}`)).status).toBe(404)
    })
  })

  it('gives two people behind one address a visit each', async () => {
    const ada = await identify({ email: 'ada@acme.org', page: await view('/of-ada') })
    lw.clock.now += HOUR
    const bob = await identify({ email: 'bob@acme.org', page: await view('/of-bob') })
    expect(await pathsOf(ada.body.id)).toEqual(['/of-ada'])
    expect(await pathsOf(bob.body.id)).toEqual(['/of-bob'])
  })

  it('gives who says to be another in one visit the rest of it', async () => {
    const ada = await identify({ email: 'ada@acme.org', page: await view('/of-ada') })
    lw.clock.now += MINUTE
    const page = await view('/second-form')
    lw.clock.now += MINUTE
    const bob = await identify({ email: 'bob@acme.org', page })
    await view('/of-bob')
    expect(await pathsOf(ada.body.id)).toEqual(['/of-ada', '/second-form'])
    expect(await pathsOf(bob.body.id)).toEqual(['/of-bob'])
  })

  it.each([
    ['nobody saw', async () => eventId(lw.clock.now, 999)],
    ['another site has', () => view('/elsewhere', 'shop')],
    [
      'was two days ago',
      async () => {
        const page = await view('/old')
        lw.clock.now += 2 * DAY
        return page
      },
    ],
    ['is empty', async () => ''],
  ])('joins nothing by a view that %s', async (_, page) => {
    const { status, body } = await identify({ email: 'ada@acme.org', page: await page() })
    expect(status).toBe(201)
    expect(await pathsOf(body.id)).toEqual([])
  })

  it('is found again a day later, at midnight', async () => {
    lw.clock.now += DAY - (lw.clock.now % DAY) - MINUTE
    const page = await view('/late-at-night')
    lw.clock.now += 2 * MINUTE
    const { body } = await identify({ email: 'ada@acme.org', page })
    expect(await pathsOf(body.id)).toEqual(['/late-at-night'])
  })

  it('refuses a page that is no id, in words', async () => {
    expect(await identify({ email: 'ada@acme.org', page: 'a b' })).toMatchObject({
      status: 422,
      body: { detail: expect.stringMatching(/page/) },
    })
  })
})

describe('a joined visit', () => {
  it('goes and comes back with a record that is merged and taken out again', async () => {
    const known = await identify({ externalId: 'crm-1' })
    lw.clock.now += MINUTE
    const second = await identify({ email: 'ada@acme.org', page: await view('/pricing') })
    await identify({ externalId: 'crm-1', email: 'ada@acme.org' })
    expect(await pathsOf(known.body.id)).toEqual(['/pricing'])
    await lw.call('POST', `/v1/contacts/${second.body.id}/unmerge`)
    expect(await pathsOf(known.body.id)).toEqual([])
    expect(await pathsOf(second.body.id)).toEqual(['/pricing'])
  })

  it('counts the same when everybody is folded again', async () => {
    const page = await view('/pricing')
    const { body } = await identify({ email: 'ada@acme.org', page })
    lw.clock.now += MINUTE
    await view('/pricing')
    lw.clock.now += HOUR
    await view('/pricing')
    const scored = async () => {
      const lead = (await lw.call('GET', `/v1/leads/${body.id}`)).body
      return { engagement: lead.engagement, reasons: lead.reasons, stage: lead.stage }
    }
    await pathsOf(body.id)
    const live = await scored()
    expect(live.reasons.find((one: { rule: string }) => one.rule === 'pricing').times ?? 2).toBe(2)
    const { document } = (await lw.call('GET', '/v1/rules?site=main')).body
    const applied = await lw.call('POST', '/v1/rules', { site: 'main', document })
    expect(applied.status).toBeLessThan(300)
    expect(await scored()).toEqual(live)
  })

  it('goes with an erasure; the other visits of that address stay', async () => {
    await view('/of-nobody')
    lw.clock.now += HOUR
    const { body } = await identify({ email: 'ada@acme.org', page: await view('/of-ada') })
    lw.clock.now += HOUR
    const bob = await identify({ email: 'bob@acme.org', page: await view('/of-bob') })
    expect((await lw.call('DELETE', `/v1/leads/${body.id}`)).status).toBe(200)
    expect(await pathsOf(bob.body.id)).toEqual(['/of-bob'])
    const again = await identify({ email: 'eve@acme.org' })
    expect(await pathsOf(again.body.id)).toEqual([])
    const { body: left } = await lw.call('GET', `/v1/leads/${body.id}`)
    expect(left.status).toBe(404)
  })

  it('is all of a visitor who had no other, and then the visitor goes too', async () => {
    const page = await view('/of-ada')
    const { body } = await identify({ email: 'ada@acme.org', page })
    const { body: erased } = await lw.call('DELETE', `/v1/leads/${body.id}`)
    expect(erased.erased).toBe(true)
    // What comes of that address today is refused, as of any visitor that was erased.
    const at = lw.clock.now
    const answer = await lw.beacon(
      { ...beaconOf(at, [['p', eventId(at, ++serial), at, '/x']]), v: 0 },
      agent(),
    )
    expect(answer.headers.get('x-leadwake-dropped')).toBe('suppressed')
  })
})
