import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cli } from '../support/cli.ts'
import { type CollectorProcess, serveBuilt } from '../support/process.ts'

let folder: string
let collector: CollectorProcess
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-access-'))
  collector = await serveBuilt({ LEADWAKE_DB: join(folder, 'x.db') })
})
afterAll(async () => {
  collector.child.kill('SIGTERM')
  await collector.ended
  rmSync(folder, { recursive: true, force: true })
})

const run = (...args: string[]) => cli(args, folder, { LEADWAKE_DB: join(folder, 'x.db') })
const keyIn = (text: string) => /lw_[\w-]{32}/.exec(text)![0]
const idIn = (text: string) => /key_[0-9a-f]{12}/.exec(text)![0]

/** Asks until the status is that: the collector hears of a command a moment later. */
async function becomes(status: number, ask: () => Promise<Response>): Promise<void> {
  while ((await ask()).status !== status) await new Promise((resolve) => setImmediate(resolve))
}
const stats = (key: string) => () =>
  fetch(`${collector.origin}/v1/stats`, { headers: { authorization: `Bearer ${key}` } })

describe('leadwake key', () => {
  it('rotate makes another key of the same rights, and the old one opens until then', async () => {
    const old = await run('key', 'new', 'form', '--rights', 'read', '--only', 'main')
    const made = await run('key', 'rotate', idIn(old.out), '--overlap', '2')
    expect(made).toMatchObject({ code: 0, err: '' })
    await becomes(200, stats(keyIn(made.out)))
    expect((await stats(keyIn(old.out))()).status).toBe(200)
    const keys = JSON.parse((await run('key', 'list', '--json')).out)
    const one = (id: string) => keys.find((key: { id: string }) => key.id === id)
    expect(one(idIn(made.out))).toMatchObject({
      name: 'form',
      rights: ['read'],
      site: 'main',
      expiresAt: null,
    })
    const left = Date.parse(one(idIn(old.out)).expiresAt) - Date.now()
    expect(left / 3_600_000).toBeGreaterThan(1.9)
    expect(left / 3_600_000).toBeLessThanOrEqual(2)
    const ended = await run('key', 'rotate', idIn(made.out), '--overlap', '0')
    await becomes(401, stats(keyIn(made.out)))
    await becomes(200, stats(keyIn(ended.out)))
    expect((await run('key', 'list')).out).toMatch(new RegExp(`^${idIn(made.out)}  .*  expired`, 'm'))
    expect((await run('key', 'rotate', idIn(made.out))).err).toMatch(/is revoked or has expired/)
  })

  it('new gives it an end where asked to', async () => {
    const made = await run('key', 'new', 'audit', '--rights', 'read', '--days', '30')
    expect((await run('key', 'list')).out).toMatch(new RegExp(`^${idIn(made.out)}  .*  open until 20`, 'm'))
    expect((await run('key', 'new', '--days', 'soon')).err).toMatch(/--days must be a whole number/)
  })
})

describe('leadwake staff', () => {
  const signIn = (name: string, secret: string) =>
    fetch(`${collector.origin}/login`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ name, secret }),
    })
  const passwordIn = (text: string) => /^[0-9a-f]{6}(-[0-9a-f]{6}){3}$/m.exec(text)![0]

  it('adds somebody, who signs in, and changes and ends that', async () => {
    const added = await run('staff', 'add', 'Grace Hopper', '--role', 'sales', '--site', 'main')
    expect(added).toMatchObject({ code: 0, err: '' })
    await becomes(303, () => signIn('grace hopper', passwordIn(added.out)))
    expect((await run('staff', 'list')).out).toMatch(
      /^staff_[0-9a-f]{12} {2}\S+ {2}sales {2}main {2}Grace Hopper$/m,
    )
    expect((await run('staff', 'add', 'GRACE HOPPER', '--role', 'admin')).err).toMatch(/somebody signs in/)

    const changed = await run('staff', 'set', 'Grace Hopper', '--role', 'admin', '--new-password')
    expect(changed.out).toMatch(/signs in as admin of the site 'main'\./)
    await becomes(303, () => signIn('Grace Hopper', passwordIn(changed.out)))

    expect((await run('staff', 'set', 'Grace Hopper', '--every-site')).out).toMatch(/as admin\.\n/)
    expect((await run('staff', 'remove', 'Grace Hopper')).out).toBe('Grace Hopper signs in no longer.\n')
    expect(JSON.parse((await run('staff', 'list', '--json')).out)).toEqual([])
    await becomes(403, () => signIn('Grace Hopper', passwordIn(changed.out)))
  })

  it.each([
    [['add'], /name the person/],
    [['add', 'Ada'], /--role must be one of viewer, sales, marketer, admin/],
    [['add', 'Ada', '--role', 'boss'], /--role must be one of/],
    [['add', 'Ada', '--role', 'sales', '--site', 'x'], /--site: there is no site 'x'; there are main/],
    [['set', 'Ada', '--site', 'main', '--every-site'], /either --site or --every-site/],
    [['set', 'Ada'], /say what is to be changed/],
    [['set', 'Ada', '--role', 'sales'], /nobody signs in by the name 'Ada'/],
    [['remove', 'Ada'], /nobody signs in by the name 'Ada'/],
  ])('%j is refused in words', async (args, words) => {
    const { code, err } = await run('staff', ...args)
    expect(code).toBe(1)
    expect(err).toMatch(words)
  })
})
