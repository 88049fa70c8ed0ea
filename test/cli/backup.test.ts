import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cli } from '../support/cli.ts'
import { counts } from '../support/counts.ts'
import { drained, serveBuilt } from '../support/process.ts'
import { pageBeacon, post, traffic, until } from '../support/traffic.ts'

let folder: string
let db: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-backup-'))
  db = join(folder, 'data/x.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const command = (...args: string[]) => cli(args, folder, { LEADWAKE_DB: db })

/** A database with `n` page views, its collector stopped. */
async function used(n: number): Promise<void> {
  const collector = await serveBuilt({ LEADWAKE_DB: db })
  for (let i = 0; i < n; i++) await post(collector.origin, pageBeacon())
  await drained(collector.origin)
  collector.child.kill('SIGTERM')
  await collector.ended
}

describe('backup and restore', () => {
  it('copies under load what was acknowledged before it began, whole, and lets it be served elsewhere', async () => {
    const collector = await serveBuilt({ LEADWAKE_DB: db })
    const load = traffic(collector.origin, 8)
    await until(() => load.taken > 500)
    const before = load.taken
    const { code, out, err } = await command('backup', 'copy', '--json')
    expect([code, err]).toEqual([0, ''])
    await load.stop()
    expect(load.statuses).toEqual({ 204: load.taken })
    collector.child.kill('SIGTERM')
    await collector.ended

    const made = JSON.parse(out)
    expect(made.lastEntry).toBeGreaterThanOrEqual(made.projected)
    expect(readdirSync(join(folder, 'copy')).sort()).toEqual([
      'backup.json',
      'leadwake.db',
      'leadwake.intake.db',
    ])
    for (const name of readdirSync(join(folder, 'copy')))
      expect(statSync(join(folder, 'copy', name)).mode & 0o777, name).toBe(0o600)

    const elsewhere = join(folder, 'elsewhere/y.db')
    const restored = await cli(['restore', 'copy'], folder, { LEADWAKE_DB: elsewhere })
    expect(restored).toMatchObject({ code: 0, err: '' })
    const again = await serveBuilt({ LEADWAKE_DB: elsewhere })
    await drained(again.origin)
    again.child.kill('SIGTERM')
    await again.ended
    const { stored } = counts(elsewhere)
    expect(stored).toBeGreaterThanOrEqual(before)
    expect(stored).toBeLessThanOrEqual(counts(db).stored!)
  })

  it('replaces a database with --force alone, and brings back what was there', async () => {
    await used(3)
    expect((await command('backup', 'copy')).code).toBe(0)
    const note = JSON.parse(readFileSync(db.replace(/\.db$/, '.backup.json'), 'utf8'))
    expect(note).toMatchObject({ folder: join(folder, 'copy'), at: expect.stringMatching(/^20\d\d-/) })
    const collector = await serveBuilt({ LEADWAKE_DB: db })
    await post(collector.origin, pageBeacon())
    expect((await command('restore', join(folder, 'copy'), '--force')).err).toMatch(
      /^leadwake: a Leadwake process runs on .*x\.db; stop it first\n$/,
    )
    collector.child.kill('SIGTERM')
    await collector.ended
    expect(counts(db).stored).toBe(4)
    const refused = await command('restore', 'copy')
    expect(refused.err).toMatch(/^leadwake: .*x\.db is there already; back it up, then restore with --force/)
    expect(refused.code).toBe(1)
    expect(counts(db).stored).toBe(4)
    expect((await command('restore', 'copy', '--force')).code).toBe(0)
    expect(counts(db).stored).toBe(3)
  })

  it('writes over nothing, and says what to do', async () => {
    expect((await command('backup', 'copy')).err).toMatch(/there is no database at .*; name its file/)
    await used(1)
    mkdirSync(join(folder, 'full'))
    writeFileSync(join(folder, 'full/diary'), 'dear diary')
    expect(await command('backup', 'full')).toMatchObject({
      code: 1,
      err: `leadwake: ${join(folder, 'full')} is there already; name a folder that is not\n`,
    })
    expect((await command('backup')).err).toMatch(/name the folder to make/)
    expect((await command('restore', 'nowhere')).err).toMatch(/nowhere is no folder/)
    expect(existsSync(join(folder, 'copy'))).toBe(false)
  })
})

describe('restore', () => {
  /** A database of three views, its backup, and the log as it was after the first. */
  let whole: string
  beforeAll(async () => {
    whole = folder = mkdtempSync(join(tmpdir(), 'leadwake-backup-'))
    db = join(folder, 'data/x.db')
    await used(1)
    copyFileSync(join(folder, 'data/x.intake.db'), join(folder, 'early.intake.db'))
    await used(2)
    expect((await command('backup', 'copy')).code).toBe(0)
  })
  afterAll(() => rmSync(whole, { recursive: true, force: true }))

  const damaged: [what: string, damage: (copy: string) => void, words: RegExp][] = [
    [
      'flipped bytes',
      (copy) => {
        const path = join(copy, 'leadwake.db')
        const bytes = readFileSync(path)
        bytes.fill(0xa5, 8_192, 20_480)
        writeFileSync(path, bytes)
      },
      /leadwake\.db\.new|is damaged/,
    ],
    ['a missing log', (copy) => rmSync(join(copy, 'leadwake.intake.db')), /not a whole backup/],
    [
      'a foreign file',
      (copy) => writeFileSync(join(copy, 'leadwake.db'), 'My diary, not a database.'),
      /is not a Leadwake database/,
    ],
    [
      'a log of an earlier time',
      (copy) => copyFileSync(join(folder, 'early.intake.db'), join(copy, 'leadwake.intake.db')),
      /do not fit/,
    ],
  ]
  it.each(damaged)(
    'refuses a backup with %s in a sentence, and changes nothing',
    async (_, damage, words) => {
      cpSync(whole, folder, { recursive: true })
      damage(join(folder, 'copy'))
      const before = readFileSync(db)
      const { code, err, out } = await command('restore', 'copy', '--force')
      expect([code, out]).toEqual([1, ''])
      expect(err).toMatch(/^leadwake: [^\n]+\n$/)
      expect(err).toMatch(words)
      expect(readFileSync(db).equals(before)).toBe(true)
      expect(readdirSync(join(folder, 'data')).filter((name) => name.includes('.new'))).toEqual([])
    },
  )
})
