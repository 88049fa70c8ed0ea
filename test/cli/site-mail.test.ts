import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cli } from '../support/cli.ts'
import { type CollectorProcess, serveBuilt } from '../support/process.ts'

let folder: string
let env: Record<string, string>
let collector: CollectorProcess
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-mail-'))
  env = { LEADWAKE_DB: join(folder, 'x.db') }
  collector = await serveBuilt(env)
})
afterAll(async () => {
  collector.child.kill('SIGTERM')
  await collector.ended
  rmSync(folder, { recursive: true, force: true })
})

const run = (...args: string[]) => cli(['site', 'mail', ...args], folder, env)
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .publicKey.export({ format: 'der', type: 'spki' })
  .toString('base64')

it('sets, shows and ends what is taken of mail providers, while the collector runs', async () => {
  expect((await run('main')).out).toBe('sendgrid: not taken\npostmark: not taken\n')
  expect((await run('main', '--sendgrid', key)).out).toBe(
    'sendgrid: taken at /v1/mail/sendgrid?site=main\npostmark: not taken\n',
  )
  const { out } = await run('main', '--postmark', 'new')
  const secret = /postmark:(pm_[\w-]{32})@/.exec(out)![1]!
  expect(out).toContain('postmark: taken at /v1/mail/postmark?site=main')
  const ask = (password: string) =>
    fetch(`${collector.origin}/v1/mail/postmark?site=main`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`postmark:${password}`)}` },
      body: '{}',
    }).then(({ status }) => status)
  // The collector hears of it with its next look at the log.
  while ((await ask(secret)) === 404) await new Promise((resolve) => setImmediate(resolve))
  expect(await ask(secret)).toBe(200)
  expect(await ask('pm_another')).toBe(403)
  expect((await run('main')).out).not.toContain('pm_')
  expect((await run('main', '--sendgrid', 'off', '--postmark', 'off')).out).toBe(
    'sendgrid: not taken\npostmark: not taken\n',
  )
})

it.each([
  [[], /name the site/],
  [['nobody'], /no site 'nobody'/],
  [['main', '--sendgrid', 'abc'], /not a verification key/],
  [['main', '--postmark', 'yes'], /must be 'new' or 'off'/],
])('%j is answered by a sentence', async (args, words) => {
  const { code, out, err } = await run(...args)
  expect(err).toMatch(words)
  expect(err).toMatch(/^leadwake: [^\n]+\n$/)
  expect({ code, out }).toEqual({ code: 1, out: '' })
})
