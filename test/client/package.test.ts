import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Project, projectWithLeadwake } from '../support/installed.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const run = promisify(execFile)

/** A site's code, which installed the package and nothing else. */
let site: string
let project: Project
beforeAll(() => {
  project = projectWithLeadwake()
  site = project.folder
})
afterAll(() => project.remove())

describe('the built package', () => {
  it('gives leadwake/server to who imports it, and needs nothing else', async () => {
    writeFileSync(
      join(site, 'use.js'),
      "import * as all from 'leadwake/server'; console.log(Object.keys(all).sort().join())",
    )
    const { stdout } = await run(process.execPath, [join(site, 'use.js')])
    expect(stdout.trim()).toBe('LeadwakeError,api,leadwake,openImage,pageFrom,signIdentify,visitorFrom')
    expect(readFileSync(join(ROOT, 'dist/server.js'), 'utf8')).not.toMatch(/^import\b|\brequire\(/m)
  })

  it.each(['nodenext', 'bundler'])('brings its types (%s)', async (resolution) => {
    writeFileSync(
      join(site, 'use.ts'),
      `import { api, leadwake, LeadwakeError, signIdentify, visitorFrom, type IdentifyAnswer } from 'leadwake/server'
       import { attributes, cart, domains, ga4, start, visitor } from 'leadwake/browser'
       const all = api({ origin: 'https://go.acme.org', key: 'lw_x' })
       export const stage: string = (await all.call('GET /v1/leads/{id}', { params: { id: 'x' } })).stage
       // @ts-expect-error no such call
       all.call('GET /v1/winners')
       const lw = leadwake({ origin: 'https://go.acme.org', key: 'lw_x', site: 'main' })
       const answer: IdentifyAnswer = await lw.identify({
         visitor: visitorFrom(new Request('https://www.acme.org')), email: 'ada@acme.org', at: new Date(),
       })
       export const won: boolean = answer.stage === 'customer'
       const [first] = await lw.events([{ contact: 'ada@acme.org', name: 'email_click', props: { campaign: 'x' } }])
       if (first && !first.ok) export_(first.error.problem.errors?.[0]?.pointer)
       declare function export_(pointer: string | undefined): void
       export const signature: string = await signIdentify({ secret: 's', site: 'main', email: 'a@b.de', expires: new Date() })
       // @ts-expect-error no such stage
       answer.stage === 'winner'
       // @ts-expect-error of nobody
       lw.event({ name: 'email_click' })
       // @ts-expect-error of two
       lw.event({ name: 'email_click', contact: 'a', visitor: 'b' })
       // @ts-expect-error the body is to be read first
       visitorFrom('leadwake_visitor=x')
       try {} catch (error) { if (error instanceof LeadwakeError) error.status.toFixed() }
       start({ site: 'main', host: 'https://go.acme.org', consent: 'given', with: [ga4(), domains('a.b', 'c.d'), attributes({ exclude: ['/x*'] })] })
       cart({ product: 'Pump', price: '12.5' })
       export const id: string | null = visitor()
       // @ts-expect-error no such mode
       start({ site: 'main', host: 'https://go.acme.org', consent: 'maybe' })
       // @ts-expect-error without a product
       cart({ quantity: 2 })
       // @ts-expect-error a piece is called
       start({ site: 'main', host: 'https://go.acme.org', with: [ga4] })`,
    )
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    const module = resolution === 'bundler' ? 'esnext' : resolution
    const options = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom',
    ]
    await run(
      process.execPath,
      [tsc, '--module', module, '--moduleResolution', resolution, ...options, 'use.ts'],
      {
        cwd: site,
      },
    )
  })

  it('declares what is imported only, not the collector', () => {
    const declared = readdirSync(join(ROOT, 'dist/types'), { recursive: true, encoding: 'utf8' })
    const files = declared.filter((name) => name.endsWith('.d.ts')).sort()
    expect(files).toEqual([
      'collector/client/api.d.ts',
      'collector/client/call.d.ts',
      'collector/client/error.d.ts',
      'collector/client/handed.d.ts',
      'collector/client/hmac.d.ts',
      'collector/client/open-image.d.ts',
      'collector/client/server.d.ts',
      'collector/client/sign.d.ts',
      'shared/api.d.ts',
      'shared/calls.d.ts',
      'shared/lead.d.ts',
      'shared/protocol.d.ts',
      'shared/reports.d.ts',
      'snippet/browser/browser.d.ts',
    ])
  })
})
