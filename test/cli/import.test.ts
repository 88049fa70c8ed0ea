import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cli } from '../support/cli.ts'
import { type FirstRun, firstRun } from '../support/first-run.ts'
import { serveBuilt } from '../support/process.ts'

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

const run = (...args: string[]) => cli(['import', 'contacts', ...args], folder, { LEADWAKE_DB: db })
const file = (text: string): string => {
  const path = join(folder, 'crm.csv')
  writeFileSync(path, text)
  return path
}
const query = <T>(sql: string): T[] => {
  const state = new Database(db, { readonly: true })
  try {
    return state.prepare(sql).pluck().all() as T[]
  } finally {
    state.close()
  }
}
const addresses = () => query<string>('SELECT email FROM contacts ORDER BY no')
const many = (n: number) =>
  `email,name\n${Array.from({ length: n }, (_, i) => `p${i}@acme.org,"Person\n${i}"\n`).join('')}`

describe('leadwake import contacts', () => {
  it('brings people, says what it left out and which lines are wrong, and can be repeated', async () => {
    const path = file('E-Mail;Name;Notes\nada@acme.org;Ada;x\nnobody;N;x\nbob@acme.org;Bob;x\n')
    const errors = join(folder, 'errors.ndjson')
    const first = await run(path, '--errors', errors)
    expect(first).toMatchObject({
      code: 1,
      out: 'Brought 2 people: 2 new, 0 known. 1 lines are wrong.\n',
    })
    expect(first.err).toMatch(/^Left out: Notes/m)
    expect(first.err).toMatch(/^line 3: email must be an e-mail address/m)
    expect(first.err).not.toContain('nobody')
    expect(JSON.parse(readFileSync(errors, 'utf8'))).toMatchObject({ line: 3 })
    const second = await run(path, '--json')
    expect(JSON.parse(second.out)).toMatchObject({ created: 0, updated: 2, wrong: 1 })
    expect(addresses()).toEqual(['ada@acme.org', 'bob@acme.org'])
  })

  it('rehearses without changing anything', async () => {
    const path = file(many(20))
    const { out } = await run(path, '--dry-run')
    expect(out).toBe('Would bring 20 people: 20 new, 0 known. 0 lines are wrong.\n')
    expect(addresses()).toEqual([])
  })

  it('goes on where it stopped', async () => {
    const path = file(many(1_200))
    // The first five hundred people end on line 1000 of the file; there the import is told to have stopped.
    await run(path)
    const state = new Database(db)
    state.prepare("DELETE FROM settings WHERE name GLOB 'import:*'").run()
    const { createHash } = await import('node:crypto')
    const bytes = readFileSync(path)
    const id = createHash('sha256').update(`main ${bytes.length} `).update(bytes.subarray(0, 65_536))
    state.prepare('INSERT INTO settings VALUES (?, ?)').run(`import:${id.digest('hex').slice(0, 24)}`, '1000')
    state.close()
    const again = await run(path, '--resume', '--json')
    expect(JSON.parse(again.out)).toMatchObject({ created: 0, updated: 700, after: 1000 })
    expect(query("SELECT name FROM settings WHERE name GLOB 'import:*'")).toEqual([])
  })

  it('works beside a running collector', async () => {
    const collector = await serveBuilt({ LEADWAKE_DB: db })
    try {
      const { out, code } = await run(file(many(700)))
      expect([code, out]).toEqual([0, 'Brought 700 people: 700 new, 0 known. 0 lines are wrong.\n'])
    } finally {
      collector.child.kill('SIGTERM')
      await collector.ended
    }
    expect(addresses()).toHaveLength(700)
  })

  it.each<[string, string[], RegExp]>([
    ['no file', [], /name the file/],
    ['a file that is not there', ['none.csv'], /cannot open none.csv/],
    ['a folder', ['.'], /it is a folder/],
    ['a wrong map', ['crm.csv', '--map', 'email'], /--map: 'email' is not TARGET=COLUMN/],
    ['a map to no column', ['crm.csv', '--map', 'email=Mehl'], /there is no column 'Mehl'; there are a, b/],
    ['no column that names a person', ['crm.csv'], /no column names a person/],
    ['a wrong encoding', ['crm.csv', '--encoding', 'klingon'], /'klingon' is not an encoding/],
    ['a wrong format', ['crm.csv', '--format', 'xlsx'], /--format must be csv or ndjson/],
    ['a wrong site', ['crm.csv', '--site', 'nope'], /there is no site 'nope'/],
  ])('says what is wrong with %s', async (_, args, words) => {
    file('a,b\n1,2\n')
    const { code, err } = await run(...args)
    expect(err).toMatch(words)
    expect(err).toMatch(/^leadwake: [^\n]+\n$/)
    expect(code).toBe(1)
  })
})
