import { createHmac } from 'node:crypto'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withState } from '../collector/cli/perform.ts'
import { openImage } from '../collector/client/open-image.ts'
import { siteEntry } from '../collector/seed.ts'
import { BROWSER, type TestCollector, testCollector } from './support/collector.ts'
import { counts, setting } from './support/counts.ts'

let lw: TestCollector
let secret: string
beforeAll(async () => {
  lw = await testCollector()
  await withState(lw.db, async (perform) => {
    await perform({ ...siteEntry('hosted', 'Hosted', 'required'), hosts: ['shop.example'] } as never)
  })
  await lw.until('/v1/stats?site=hosted', (body) => body.site === 'hosted')
  secret = setting(lw.db, 'secret:main')!
})
afterAll(() => lw.remove())

const ask = (query: string, headers: Record<string, string> = {}) =>
  lw.request(`/v1/in?${query}`, { headers: { 'user-agent': BROWSER, ...headers } })

/** The moments in the ids of all page views. */
function pageTimes(db: string): number[] {
  const file = new Database(db, { readonly: true })
  try {
    return file.prepare('SELECT id_ms FROM events WHERE kind = 0').pluck().all() as number[]
  } finally {
    file.close()
  }
}

describe('the image of a page without script', () => {
  it('counts a page view by the address that the page gave it, or by its Referer', async () => {
    for (const [query, headers] of [
      ['s=main&u=/pricing', { referer: 'https://shop.example/' }],
      ['s=main', { referer: 'https://shop.example/team?token=secret' }],
    ] as const) {
      const response = await ask(query, headers)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('image/gif')
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(
        Buffer.from(await response.arrayBuffer())
          .subarray(0, 6)
          .toString(),
      ).toBe('GIF89a')
    }
    const stats = await lw.until('/v1/stats', (body) => body.pageViews === 2)
    expect(stats.topPages.map(({ path }: { path: string }) => path).sort()).toEqual(['/pricing', '/team'])
    expect(stats.visitors).toBe(1)
    // As the script's: with the moment in the id, by which rows are in order.
    expect(pageTimes(lw.db)).toEqual([lw.clock.now, lw.clock.now])
  })

  it.each<[reason: string, query: string, headers: Record<string, string>]>([
    ['unknown-site', 's=nobody&u=/', {}],
    ['bot', 's=main&u=/', { 'user-agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' }],
    ['wrong-origin', 's=hosted&u=/', { referer: 'https://elsewhere.example/' }],
    ['wrong-origin', 's=hosted&u=/', {}],
    ['unknown-site', 's=nobody&o=x.y', {}],
    ['bad-signature', 's=main&o=x.y', {}],
    ['bad-signature', 's=main&o=', {}],
  ])('is an image all the same where it is dropped as %s: %s', async (reason, query, headers) => {
    const response = await ask(query, headers)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('image/gif')
    expect(response.headers.get('x-leadwake-dropped')).toBe(reason)
  })

  it('is taken from a host of the site', async () => {
    const response = await ask('s=hosted&u=/', { referer: 'https://shop.example/x' })
    expect(response.headers.get('x-leadwake-dropped')).toBeNull()
  })

  it.each<[query: string, detail: RegExp]>([
    ['u=/', /^s must be an id/],
    ['s=a%20b&u=/', /^s must be an id/],
    ['s=main', /^u must be the address of the page/],
  ])('says what is wrong with %s', async (query, detail) => {
    const response = await ask(query)
    expect(response.status).toBe(400)
    expect((await response.json()).detail).toMatch(detail)
  })
})

describe('the image of an e-mail', () => {
  const from = (url: string) => ask(url.slice(url.indexOf('?') + 1), { 'user-agent': 'GoogleImageProxy' })

  it('is an email_open of the contact, once a mail', async () => {
    const { body } = await lw.call('POST', '/v1/identify', {
      site: 'main',
      email: 'ada@acme.org',
      externalId: 'crm-1',
    })
    const given = { origin: 'https://go.example.com/', secret, site: 'main', contact: 'crm-1' }
    const first = await openImage({ ...given, mail: 'spring-2026' })
    expect(first).toMatch(/^https:\/\/go\.example\.com\/v1\/in\?s=main&o=[\w-]+\.[0-9a-f]{64}$/)
    for (let i = 0; i < 3; i++) expect((await from(first)).headers.get('x-leadwake-dropped')).toBeNull()
    await from(await openImage({ ...given, mail: 'Grüße' }))
    await lw.until('/readyz', ({ lag }) => lag === 0)
    const file = new Database(lw.db, { readonly: true })
    const count = (sql: string, ...given: string[]) => (file.prepare(sql).get(...given) as { n: number }).n
    const signals = count(
      `SELECT count(*) AS n FROM events JOIN visitors ON visitors.no = events.visitor
       JOIN contacts ON contacts.no = visitors.contact WHERE contacts.id = ?`,
      body.id,
    )
    const named = count("SELECT count(*) AS n FROM texts WHERE text = 'email_open'")
    file.close()
    expect({ signals, named }).toEqual({ signals: 2, named: 1 })
  })

  it('holds no contact that another secret or another site named, nor one whose name was changed', async () => {
    const given = { origin: 'https://x.example', secret, site: 'main', contact: 'crm-1', mail: 'm' }
    const good = await openImage(given)
    const said = Buffer.from(JSON.stringify(['m', 'crm-2'])).toString('base64url')
    for (const url of [
      await openImage({ ...given, secret: `${secret}x` }),
      (await openImage({ ...given, site: 'hosted' })).replace('s=hosted', 's=main'),
      good.replace(/o=[\w-]+/, `o=${said}`),
      good.slice(0, -1),
    ])
      expect((await from(url)).headers.get('x-leadwake-dropped')).toBe('bad-signature')
  })

  it.each(['', '[]', '{}', 'null', '[1,2]', 'x'])('signed over %j is dropped, not an error', async (text) => {
    const said = Buffer.from(text).toString('base64url')
    const signature = createHmac('sha256', secret).update(`open\nmain\n${said}`).digest('hex')
    const response = await ask(`s=main&o=${said}.${signature}`)
    expect(response.headers.get('x-leadwake-dropped')).toBe('bad-signature')
  })

  it.each(['origin', 'secret', 'site', 'contact', 'mail'])('needs %s', async (name) => {
    const given = { origin: 'https://x.example', secret, site: 'main', contact: 'c', mail: 'm', [name]: '' }
    await expect(openImage(given)).rejects.toThrow(`leadwake: give ${name}`)
  })
})

it('keeps the sums', async () => {
  await lw.stop()
  const held = counts(lw.db)
  const parts = Object.entries(held).filter(([name]) => name !== 'received' && !name.startsWith('noted:'))
  expect(parts.reduce((sum, [, n]) => sum + n, 0)).toBe(held.received)
  expect(held['rejected:malformed']).toBe(3)
})
