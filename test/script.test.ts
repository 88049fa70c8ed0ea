import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ScriptSettings, scriptServer } from '../collector/script.ts'
import { buildSnippet } from '../snippet/build.ts'

const folder = mkdtempSync(join(tmpdir(), 'leadwake-script-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let built: string
beforeAll(async () => {
  built = await buildSnippet()
})

const settings = (over: Partial<ScriptSettings> = {}): ScriptSettings => ({
  site: 'main',
  given: false,
  composed: [],
  ...over,
})

/** What a collector with these built parts answers to `/l.HASH.js`. */
async function ask(parts: string, hash: string) {
  const server = scriptServer(parts, folder)
  const app = new Hono()
  app.get('/:hash', (c) => server.serveHash(c, c.req.param('hash')) ?? c.notFound())
  return app.request(`/${hash}`)
}

describe('a versioned script', () => {
  it('is kept by every browser, for good, and fits the integrity that was handed out with it', async () => {
    const { hash, integrity } = scriptServer(built, folder).handOut(settings())
    const response = await ask(built, hash)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    const text = await response.text()
    expect(integrity).toBe(`sha256-${createHash('sha256').update(text).digest('base64')}`)
  })

  it('keeps its bytes when the collector is upgraded and when the settings change', async () => {
    const { hash } = scriptServer(built, folder).handOut(settings({ composed: ['ga4'] }))
    const before = await (await ask(built, hash)).text()
    const upgraded = built.replace('keepalive', 'keep_alive')
    expect(scriptServer(upgraded, folder).handOut(settings({ composed: ['ga4'] })).hash).not.toBe(hash)
    expect(await (await ask(upgraded, hash)).text()).toBe(before)
  })

  it('differs by site, setting and composition, and by nothing else', () => {
    const { handOut } = scriptServer(built, folder)
    const hashes = [
      settings(),
      settings({ site: 'other' }),
      settings({ given: true }),
      settings({ composed: ['hash'] }),
    ].map((each) => handOut(each).hash)
    expect(new Set(hashes).size).toBe(4)
    expect(handOut(settings({ composed: ['nonsense'] })).hash).toBe(hashes[0])
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([])
  })

  it.each(['', '..', '../../etc/passwd', 'x'.repeat(22)])('is not found under %j', async (hash) => {
    expect((await ask(built, encodeURIComponent(hash))).status).toBe(404)
  })

  it('is not found when its file was changed', async () => {
    const { hash } = scriptServer(built, folder).handOut(settings({ site: 'changed' }))
    writeFileSync(join(folder, `l.${hash}.js`), 'alert(1)')
    expect((await ask(built, hash)).status).toBe(404)
  })
})

it('a build without a part or a place is refused at the start', () => {
  expect(() => scriptServer(built.replace('//ga4', '//other'), folder)).toThrow('no part ga4')
  expect(() => scriptServer(built.replace('__LEADWAKE_SITE__', '1'), folder)).toThrow('no place for SITE')
})
