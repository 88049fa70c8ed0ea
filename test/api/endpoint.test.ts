import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nearest } from '../../collector/api/nearest.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { callAs, keyFor } from '../support/keys.ts'

let lw: TestCollector
beforeAll(async () => {
  lw = await testCollector({ config: { apiRate: 60 } })
})
afterAll(() => lw.remove())

describe('what nobody knows', () => {
  const named: [path: string, pointer: string, nearest: string][] = [
    ['/v1/stats?form=2026-11-03', '/form', 'from'],
    ['/v1/stats?sight=main', '/sight', 'site'],
    ['/v1/leads?stages=sql', '/stages', 'stage'],
    ['/v1/leads?Limit=5', '/Limit', 'limit'],
    ['/v1/companies?curser=x', '/curser', 'cursor'],
    ['/v1/reports/funnel?fromm=2026-11-03', '/fromm', 'from'],
  ]
  it.each(named)('%s is refused with the nearest name', async (path, pointer, name) => {
    const { status, body } = await lw.call('GET', path)
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ pointer, detail: `is not a known field; the nearest is '${name}'` }])
  })

  it('is all of it told at once, with what else is wrong', async () => {
    const { body } = await lw.call('GET', '/v1/leads?stge=sql&sorrt=x&limit=0')
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      '/limit',
      '/sorrt',
      '/stge',
    ])
  })

  it('is refused where a call takes nothing', async () => {
    expect((await lw.call('GET', '/v1/sites?site=main')).body.errors).toEqual([
      { pointer: '/site', detail: 'is not a known field; there are format, bom' },
    ])
  })

  it('is refused in a body, too, without what was posted', async () => {
    const posted = { site: 'main', emial: 'ada@acme.org', externalId: 'x' }
    const { status, body } = await lw.call('POST', '/v1/identify', posted)
    expect(status).toBe(422)
    expect(body.errors).toEqual([
      { pointer: '/emial', detail: "is not a known field; the nearest is 'email'" },
    ])
    expect(JSON.stringify(body)).not.toContain('ada')
  })

  it('is refused when it is said twice', async () => {
    const { status, body } = await lw.call('GET', '/v1/leads?stage=sql&stage=mql')
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ pointer: '/stage', detail: 'is given twice; give it once' }])
  })

  it('takes no time, however long it is', () => {
    expect(nearest('x'.repeat(1_000_000), ['site', 'from'])).toBeUndefined()
    expect(nearest('x', [])).toBeUndefined()
  })
})

describe('the calls of a key', () => {
  it('are counted, and refused with when to come back', async () => {
    const { key } = await keyFor(lw, ['read'])
    lw.clock.now += 60_000
    const ask = (path = '/v1/stats') => callAs(lw, `Bearer ${key}`, 'GET', path)
    const first = await ask()
    expect(first.headers.get('ratelimit-policy')).toBe('"key";q=60;w=60')
    expect(first.headers.get('ratelimit')).toBe('"key";r=59;t=1')
    // What is refused for another reason counts like what is answered.
    for (let i = 0; i < 59; i++) await ask(i % 2 ? '/v1/stats?x=1' : undefined)
    const { status, headers, body } = await ask()
    expect(status).toBe(429)
    expect(headers.get('retry-after')).toBe('1')
    expect(headers.get('ratelimit')).toBe('"key";r=0;t=60')
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(body).toMatchObject({ status: 429, detail: expect.stringContaining('60 calls a minute') })
    // Others are not held up by it, and it may call again after that second.
    expect((await lw.call('GET', '/v1/stats')).status).toBe(200)
    lw.clock.now += 1_000
    expect((await ask()).status).toBe(200)
    expect((await ask()).status).toBe(429)
  })
})
