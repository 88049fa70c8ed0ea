import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cli } from '../support/cli.ts'
import { serveBuilt } from '../support/process.ts'
import { tracesOf } from '../support/traces.ts'

const KEY = 'lw_a-key-for-tests-only-1234'
let folder: string
let db: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-person-'))
  db = join(folder, 'x.db')
  const collector = await serveBuilt({ LEADWAKE_DB: db, LEADWAKE_ADMIN_KEY: KEY })
  for (const email of ['ada@acme.org', 'bob@acme.org']) {
    await fetch(`${collector.origin}/v1/identify`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ site: 'main', email, visitor: `visitor-of-${email.slice(0, 3)}` }),
    })
  }
  collector.child.kill('SIGTERM')
  await collector.ended
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (...args: string[]) => cli(args, folder, { LEADWAKE_DB: db })

describe('leadwake person', () => {
  it('exports, corrects, notes an objection, erases, and the audit tells of it', async () => {
    const out = join(folder, 'ada.json')
    expect((await run('person', 'export', 'ada@acme.org', '--out', out)).out).toBe(`Wrote ${out}.\n`)
    expect(JSON.parse(readFileSync(out, 'utf8')).contacts[0].email).toBe('ada@acme.org')
    expect(statSync(out).mode & 0o777).toBe(0o600)
    rmSync(out)
    expect((await run('person', 'correct', 'ada@acme.org', '{"traits":{"title":"CTO"}}')).out).toBe(
      'Corrected.\n',
    )
    expect((await run('person', 'object', 'ada@acme.org')).out).toMatch(/no longer scored/)
    const unsure = await run('person', 'erase', 'Ada@Acme.org')
    expect([unsure.code, unsure.err]).toEqual([1, expect.stringMatching(/say --yes/)])
    const erased = await run('person', 'erase', 'Ada@Acme.org', '--yes')
    expect(erased.out).toMatch(/^Erased: \d+ rows/)
    expect(tracesOf(folder, ['ada@acme.org', 'visitor-of-ada'])).toEqual([])
    expect(tracesOf(folder, ['bob@acme.org'])).not.toEqual([])
    const items = JSON.parse((await run('audit', '--json')).out) as { what: string; by: string }[]
    expect(items.map(({ what }) => what)).toEqual(['erase', 'object', 'correct', 'export'])
    expect(items[0]!.by).toMatch(/^command line/)
  }, 60_000)

  it.each([
    [['person', 'erase'], /name the person/],
    [['person', 'erase', 'nobody@acme.org', '--yes'], /knows nobody of that name/],
    [['person', 'correct', 'bob@acme.org'], /say what is right/],
    [['person', 'correct', 'bob@acme.org', '{'], /must be JSON/],
    [['person', 'correct', 'bob@acme.org', '{"email":"x"}'], /email must be an e-mail address/],
  ])('says what is wrong with %j', async (args, words) => {
    const { code, err } = await run(...args)
    expect(err).toMatch(words)
    expect(err).toMatch(/^leadwake: [^\n]+\n$/)
    expect(code).toBe(1)
  })
})
