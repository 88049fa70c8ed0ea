import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, describe, expect, it } from 'vitest'
import { countryReader } from '../collector/country.ts'
import { Sentence } from '../collector/sentence.ts'
import { BROWSER, beaconOf, eventId, START, testCollector } from './support/collector.ts'
import { countries } from './support/countries.ts'

const folder = mkdtempSync(join(tmpdir(), 'leadwake-geo-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'countries.mmdb')
writeFileSync(file, countries({ '203.0.113.0/24': 'AT', '127.0.0.0/8': 'NZ' }))

describe('a file of countries', () => {
  it.each([
    ['203.0.113.77', 'AT'],
    ['203.0.114.1', null],
    ['2001:db8::1', null],
    ['nonsense', null],
    ['', null],
  ])('says of %s: %s', (ip, country) => {
    expect(countryReader(file)(ip)).toBe(country)
  })

  it('is not needed', () => {
    expect(countryReader(undefined)('203.0.113.77')).toBeNull()
  })

  it.each([
    ['that is not there', join(folder, 'none.mmdb')],
    ['that is something else', new URL(import.meta.url).pathname],
  ])('%s is refused in words', (_, path) => {
    expect(() => countryReader(path)).toThrow(Sentence)
    expect(() => countryReader(path)).toThrow(/LEADWAKE_GEO .*cannot be read as a MaxMind DB file/)
  })

  it('gives visits their country, language and screen, and keeps no address', async () => {
    const lw = await testCollector({ config: { geo: file } })
    try {
      const view = ['p', eventId(START, 1), START, 'https://shop.example/', 'Shop', 'https://www.google.de/']
      await fetch(`${lw.origin}/v1/in`, {
        method: 'POST',
        body: JSON.stringify(beaconOf(START, [view], { w: 390 })),
        headers: { 'user-agent': BROWSER, 'accept-language': 'de-AT,en;q=0.5' },
      })
      const body = await lw.until('/v1/stats', ({ visits }) => visits === 1)
      const visit = { visits: 1, bounces: 1 }
      expect(body).toMatchObject({
        countries: [{ name: 'NZ', ...visit }],
        languages: [{ name: 'de', ...visit }],
        screens: [{ name: 'small', ...visit }],
        devices: [{ name: 'desktop', ...visit }],
        browsers: [{ name: 'Firefox', ...visit }],
        systems: [{ name: 'Linux', ...visit }],
        sources: [{ kind: 'search', name: 'Google', ...visit }],
      })
      const db = new Database(lw.db, { readonly: true })
      expect(db.serialize().includes('127.0.0.1')).toBe(false)
      db.close()
    } finally {
      await lw.remove()
    }
  })
})
