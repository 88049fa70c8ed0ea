import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fileId, sizeOf } from '../../collector/cli/import-file.ts'
import { withState } from '../../collector/cli/perform.ts'
import { ENTRY_VERSION } from '../../collector/entry.ts'
import { cli } from '../support/cli.ts'
import { type FirstRun, firstRun } from '../support/first-run.ts'
import { serveBuilt } from '../support/process.ts'

const EXAMPLES = new URL('../import/examples/', import.meta.url).pathname

let first: FirstRun
let folder: string
let db: string
beforeAll(async () => {
  first = await firstRun()
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-import-'))
  db = first.into(folder)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
afterAll(() => first.remove())

const run = (...args: string[]) => cli(['import', ...args], folder, { LEADWAKE_DB: db })
const views = (): { day: string; n: number }[] => {
  const state = new Database(db, { readonly: true })
  try {
    return state
      .prepare(
        "SELECT date(day * 86400, 'unixepoch') AS day, views AS n FROM slices WHERE dimension = 0 AND views > 0 ORDER BY 1",
      )
      .all() as { day: string; n: number }[]
  } finally {
    state.close()
  }
}
const DAYS = [
  { day: '2025-03-10', n: 2 },
  { day: '2025-03-11', n: 1 },
]

describe('leadwake import ga4, umami, plausible', () => {
  it.each([
    ['ga4', 'ga4.ndjson', '1 session_start, 1 user_engagement, 1 page_view without user_pseudo_id'],
    ['umami', 'umami.csv', '1 custom event'],
    ['plausible', 'plausible.csv', '1 Signup'],
  ])('%s: a rehearsal changes nothing, an import counts once', async (tool, name, left) => {
    const rehearsed = await run(tool, EXAMPLES + name, '--dry-run')
    expect(rehearsed).toMatchObject({
      code: 0,
      out: `Would bring 3 page views from 2025-03-10 to 2025-03-11. 0 lines are wrong.\nNo page views, left out: ${left}.\n`,
    })
    expect(views()).toEqual([])
    const first = await run(tool, EXAMPLES + name)
    expect(first.out).toContain('Brought 3 page views from 2025-03-10 to 2025-03-11: 3 new, 0 known.')
    const second = await run(tool, EXAMPLES + name, '--json')
    expect(JSON.parse(second.out)).toMatchObject({ views: 3, stored: 0, known: 3, wrong: 0, dryRun: false })
    expect(views()).toEqual(DAYS)
  })

  it('takes what is packed, names wrong lines and costs no other', async () => {
    const text = readFileSync(`${EXAMPLES}ga4.ndjson`, 'utf8').replace('\n', '\n{"odd": ada@acme.org\n')
    const path = join(folder, 'events.ndjson.gz')
    writeFileSync(path, gzipSync(text))
    const errors = join(folder, 'errors.ndjson')
    const { code, out, err } = await run('ga4', path, '--errors', errors)
    expect(code).toBe(1)
    expect(out).toContain('3 new')
    expect(err).toMatch(/^line 2: is not JSON/m)
    expect(err).not.toContain('ada@')
    expect(JSON.parse(readFileSync(errors, 'utf8'))).toMatchObject({ line: 2 })
  })

  it.each([
    ['cut off', gzipSync(readFileSync(`${EXAMPLES}ga4.ndjson`)).subarray(0, -20), /ends before its end/],
    ['not packed at all', Buffer.from('{}'), /is not gzip, as its name says/],
  ])('says so where a packed file is %s', async (_, bytes, words) => {
    const path = join(folder, 'events.ndjson.gz')
    writeFileSync(path, bytes)
    const { code, err } = await run('ga4', path, '--dry-run')
    expect(err).toMatch(words)
    expect(code).toBe(1)
  })

  it('goes on where it stopped', async () => {
    const path = join(folder, 'umami.csv')
    writeFileSync(path, readFileSync(`${EXAMPLES}umami.csv`))
    const file = { id: fileId(path, sizeOf(path), 'main'), line: 2 }
    await withState(db, (perform) =>
      perform({ kind: 'told', v: ENTRY_VERSION, site: 'main', items: [], file }),
    )
    expect((await run('umami', path, '--dry-run', '--resume')).out).toContain('Would bring 2 page views')
    const { out } = await run('umami', path, '--resume')
    expect(out).toContain('Brought 2 page views from 2025-03-10 to 2025-03-11: 2 new, 0 known.')
    expect(out).toContain('Began behind line 2.')
    // It is done: nothing is left to go on with.
    expect((await run('umami', path, '--resume')).out).toContain('Brought 3 page views')
    expect(views()).toEqual(DAYS)
  })

  it('brings many, beside a collector that runs', async () => {
    const rows = Array.from(
      { length: 3_000 },
      (_, i) =>
        `s${i % 700},2025-03-${String(1 + (i % 28)).padStart(2, '0')} 10:${String(i % 60).padStart(2, '0')}:00,/p${i}`,
    )
    const path = join(folder, 'many.csv')
    writeFileSync(path, ['session_id,created_at,url_path', ...rows].join('\n'))
    const collector = await serveBuilt({ LEADWAKE_DB: db })
    try {
      const { out } = await run('umami', path, '--json')
      expect(JSON.parse(out)).toMatchObject({ views: 3_000, stored: 3_000, known: 0, wrong: 0 })
    } finally {
      collector.child.kill('SIGTERM')
      await collector.ended
    }
    expect(views().reduce((sum, { n }) => sum + n, 0)).toBe(3_000)
  })

  it.each([
    ['sums of Plausible', ['plausible', `${EXAMPLES}plausible-sums.csv`], /sums by day.*events_v2/],
    ['a folder of them', ['plausible', EXAMPLES], /sums by day.*events_v2/],
    ['another kind of file', ['umami', `${EXAMPLES}plausible.csv`], /no column created_at and no url_path/],
    ['no file', ['ga4'], /name the file: leadwake import ga4 FILE/],
    ['a file that is not there', ['ga4', 'nothing.ndjson'], /cannot open nothing\.ndjson/],
    ['a site that is not there', ['ga4', `${EXAMPLES}ga4.ndjson`, '--site', 'x'], /no site 'x'; there are/],
  ])('says in a sentence why it does not take %s', async (_, args, words) => {
    const { code, out, err } = await run(...args)
    expect(err).toMatch(words)
    expect(err).toMatch(/^leadwake: [^\n]+\n$/)
    expect({ code, out }).toEqual({ code: 1, out: '' })
  })
})
