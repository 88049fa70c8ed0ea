import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cli } from '../support/cli.ts'
import { serveBuilt } from '../support/process.ts'
import { type Receiver, receiver } from '../webhook/receiver.ts'

const KEY = 'lw_a-key-for-the-webhooks'
let folder: string
let db: string
let there: Receiver
let collector: Awaited<ReturnType<typeof serveBuilt>>
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-hooks-'))
  db = join(folder, 'data/x.db')
  there = await receiver()
  collector = await serveBuilt({
    LEADWAKE_DB: db,
    LEADWAKE_WEBHOOK_ALLOW: '127.0.0.1',
    LEADWAKE_ADMIN_KEY: KEY,
  })
})
afterAll(async () => {
  collector.child.kill('SIGTERM')
  await collector.ended
  await there.close()
  rmSync(folder, { recursive: true, force: true })
})

const command = (...args: string[]) =>
  cli(args, folder, { LEADWAKE_DB: db, LEADWAKE_WEBHOOK_ALLOW: '127.0.0.1' })

it('makes, lists, tests, replays and deletes a webhook, beside the running collector', async () => {
  const made = await command('webhook', 'new', there.url, '--events', 'lead.sql,lead.won', '--only', 'main')
  expect(made.code).toBe(0)
  const [first = '', , secret = ''] = made.out.trim().split('\n')
  const id = /wh_[0-9a-f]{16}/.exec(first)![0]
  expect(secret).toMatch(/^whsec_/)

  const tested = await command('webhook', 'test', id)
  expect([tested.code, tested.out]).toEqual([
    0,
    expect.stringMatching(/^delivered: answered 204 after \d+ ms\n$/),
  ])
  const { body, headers } = there.received.at(-1)!
  expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
    type: 'webhook.test',
  })

  const listed = JSON.parse((await command('webhook', 'list', '--json')).out)
  expect(listed).toMatchObject([
    { id, site: 'main', events: ['lead.sql', 'lead.won'], deliveries: { delivered: 1 } },
  ])
  expect(JSON.stringify(listed)).not.toContain(secret)
  expect((await command('webhook', 'list')).out).toMatch(
    new RegExp(`^${id}  enabled  main  lead.sql,lead.won  `),
  )

  const metrics = await (
    await fetch(`${collector.origin}/metrics`, { headers: { authorization: `Bearer ${KEY}` } })
  ).text()
  expect(metrics).toContain('leadwake_webhook_tries_total{outcome="delivered"} 1')
  expect(metrics).toContain('leadwake_webhook_deliveries{state="waiting"} 0')
  expect(metrics).toContain('leadwake_webhook_requests 0')
  expect(metrics).not.toContain(id)

  there.answer = 410
  const gone = await command('webhook', 'test', id)
  expect([gone.code, gone.out]).toEqual([1, expect.stringMatching(/^dead: answered 410 /)])
  const doctor = JSON.parse((await command('doctor', '--json')).out)
  expect(doctor.findings.find(({ what }: { what: string }) => what === 'webhook')).toMatchObject({
    state: 'warning',
    found: expect.stringContaining('410 Gone'),
  })
  expect((await command('webhook', 'replay', id)).out).toBe('1 to be sent again.\n')
  expect((await command('webhook', 'delete', id)).out).toBe(`Deleted ${id}.\n`)
  expect((await command('webhook', 'list')).out).toBe('There are none.\n')
}, 60_000)

it.each([
  [['webhook', 'new'], /name the address/],
  [['webhook', 'new', 'https://10.0.0.1/'], /not public/],
  [['webhook', 'new', 'https://x.example.org/', '--events', 'lead.moved'], /no event 'lead\.moved'/],
  [['webhook', 'new', 'https://x.example.org/', '--format', 'xml'], /--format must be/],
  [['webhook', 'new', 'https://x.example.org/', '--only', 'nowhere'], /there is no site 'nowhere'/],
  [
    ['webhook', 'new', 'https://x.example.org/', '--description', 'x'.repeat(201)],
    /at most 200 characters, got 201/,
  ],
  [['webhook', 'new', 'mailto:a@b.org'], /no mail server/],
  [['webhook', 'test'], /by its id/],
  [['webhook', 'delete', 'wh_no'], /no such webhook/],
])('%j says what to mend', async (args, words) => {
  const { code, err } = await command(...args)
  expect([code, err]).toEqual([1, expect.stringMatching(words)])
})
