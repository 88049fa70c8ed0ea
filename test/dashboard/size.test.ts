import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { ADA, DOSSIER, ENGINES, LEADS, shown, TIMELINE } from './fakes.ts'
import { COOKIE, open } from './support.ts'

/** Bytes of a page with its stylesheet and its script, as they travel. */
const MOST = 60_000

/** Lists as long as they become. */
const rows = Array.from({ length: 50 }, (_, i) => ({
  ...shown(LEADS[i % LEADS.length]!, i % 3),
  id: `1f2e3d4c-5b6a-4978-8899-0011223344${i + 10}`,
  email: `person-${(i * 7_919) % 1_000}@company-${(i * 104_729) % 100}.example`,
}))
const { ask } = open({
  lead: async () => ADA,
  dossier: async () => DOSSIER,
  company: async () => ENGINES,
  shownLeads: async () => ({ items: rows, next: 'x' }),
  timeline: async () => ({
    items: Array.from({ length: 100 }, (_, i) => TIMELINE[i % TIMELINE.length]!),
    next: 'x',
  }),
})
const fetched = async (path: string, encoding: string) => {
  const answer = await ask(path, { headers: { ...COOKIE, 'accept-encoding': encoding } })
  expect([path, answer.status]).toEqual([path, 200])
  return { answer, bytes: Buffer.from(await answer.arrayBuffer()) }
}

test.each([
  '/',
  '/leads',
  '/leads/ada',
  '/leads/ada/dossier',
  '/companies',
  '/companies/engines.org',
  '/reports',
  '/rules',
  '/rules?view=text',
  ...['', '/pages', '/access', '/webhooks', '/privacy?q=a', '/system'].map((part) => `/setup${part}`),
])('%s takes at most 60 kB with stylesheet and script', async (path) => {
  const page = await fetched(path, 'gzip')
  expect(page.answer.headers.get('content-encoding')).toBe('gzip')
  const html = gunzipSync(page.bytes).toString()
  const assets = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, url]) => url!)
  expect(assets.length).toBeGreaterThanOrEqual(2)
  const parts = await Promise.all(assets.map((url) => fetched(url, 'gzip')))
  const total = page.bytes.length + parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
  expect(total).toBeLessThanOrEqual(MOST)
})

test.each(['/leads', '/assets/style.css', '/assets/pages.js'])(
  '%s is what it is in every encoding',
  async (path) => {
    const plain = await (await ask(path, { headers: COOKIE })).text()
    expect(gunzipSync((await fetched(path, 'gzip, deflate')).bytes).toString()).toBe(plain)
    for (const _ of [1, 2]) {
      const { answer, bytes } = await fetched(path, 'gzip, deflate, br;q=1')
      expect([answer.headers.get('content-encoding'), answer.headers.get('vary')]).toEqual([
        'br',
        'accept-encoding',
      ])
      expect(brotliDecompressSync(bytes).toString()).toBe(plain)
    }
  },
)
