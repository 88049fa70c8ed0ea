import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../collector/lead/rules.ts'
import { sessionise } from '../collector/lead/sessionise.ts'
import { historiesOf, type Row } from './bench/outside/histories.ts'
import { judge, rulesOf, stageChanges, withoutHysteresis } from './bench/outside/judge.ts'
import { readMap } from './bench/outside/map.ts'

const folder = new URL('../docs/outside-data/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')
const rows = parse(read('example.csv'), { columns: true }) as Row[]
const posted = JSON.parse(read('example.json'))
const columns = Object.keys(rows[0]!)
const map = readMap(posted, columns)
const standard = rulesOf('standard', { extends: 'standard' })

describe('a map of outside data', () => {
  it.each<[string, object, RegExp]>([
    [
      'a column that is missing',
      { visits: 'visitz' },
      /visits: the file has no column "visitz"; it has lead, visits/,
    ],
    [
      'one in a happening',
      { happenings: [{ when: { sauce: 'x' }, signal: 'y' }] },
      /happenings\[0\]\.when: .*"sauce"/,
    ],
    [
      'a column from after the hand-over',
      { traits: { note: 'closed_note' } },
      /"closed_note" was filled in after/,
    ],
    ['an unknown key', { vists: 'visits' }, /the map: vists/],
    ['an unknown kind', { kind: 'table' }, /the map: kind/],
  ])('names %s', (_, change, words) => {
    expect(() => readMap({ ...posted, ...change }, columns)).toThrow(words)
  })

  it.each(['cdnow.json', 'clique-bait.json'])('holds for %s', (name) => {
    const outside = JSON.parse(read(name))
    expect(
      readMap(outside, ['customer_id', 'date', 'cookie_id', 'event_type', 'page_id', 'event_time']),
    ).toMatchObject({
      kind: 'events',
    })
    for (const document of Object.values(outside.rules ?? {})) expect(compile(document).ok).toBe(true)
  })
})

describe('a file like the public set of leads', () => {
  const COLUMNS = [
    'Prospect ID',
    'Lead Number',
    'Lead Origin',
    'Lead Source',
    'Do Not Email',
    'Converted',
    'TotalVisits',
    'Total Time Spent on Website',
    'Page Views Per Visit',
    'Last Activity',
    'Country',
    'What is your current occupation',
    'Tags',
    'Lead Quality',
    'Lead Profile',
    'A free copy of Mastering The Interview',
    'Last Notable Activity',
  ]
  let made: string
  beforeAll(() => {
    made = mkdtempSync(join(tmpdir(), 'leadwake-outside-'))
    let seed = 7
    const chance = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return seed / 2 ** 32
    }
    const one = (...of: string[]): string => of[Math.floor(chance() * of.length)]!
    const lines = Array.from({ length: 700 }, (_, i) => {
      // Every tenth was never seen, and of some the file knows nothing.
      const visits = i % 10 === 0 ? (i % 20 === 0 ? '' : '0') : String(1 + Math.floor(chance() * 8))
      const seconds = Number(visits) > 0 ? Math.floor(chance() * 2_000) : 0
      const source = one('Google', 'Direct Traffic', 'Olark Chat', 'Reference', 'Organic Search')
      const refused = one('No', 'No', 'No', 'No', 'Yes')
      const odds = seconds / 1_000 + (source === 'Reference' ? 1 : 0) - (refused === 'Yes' ? 1 : 0) - 1
      const won = chance() < 1 / (1 + Math.exp(-2 * odds)) ? '1' : '0'
      const activity = one('Email Opened', 'SMS Sent', 'Olark Chat Conversation', 'Page Visited on Website')
      const work = one('Unemployed', 'Working Professional', 'Select', '')
      return [
        `p-${i}`,
        String(600_000 + i),
        one('API', 'Landing Page Submission', 'Lead Add Form'),
        source,
        refused,
        won,
        visits,
        String(seconds),
        Number(visits) > 0 ? '2.5' : '0',
        activity,
        'India',
        work,
        won === '1' ? 'Will revert after reading the email' : '"Ringing, no answer"',
        '',
        '',
        one('Yes', 'No'),
        'Modified',
      ].join(',')
    })
    writeFileSync(join(made, 'leads.csv'), [COLUMNS.join(','), ...lines].join('\n'))
  })
  afterAll(() => rmSync(made, { recursive: true, force: true }))

  const harness = (leads: string, mapFile: string) =>
    spawnSync(
      process.execPath,
      [
        fileURLToPath(new URL('bench/rules.ts', import.meta.url)),
        '--leads',
        join(made, leads),
        '--map',
        mapFile,
      ],
      { encoding: 'utf8' },
    )
  const MAP = fileURLToPath(new URL('lead-scoring.json', folder))

  it('gives every row of the comparison', () => {
    const { stdout, stderr, status } = harness('leads.csv', MAP)
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^700 rows, 630 people, /)
    const { judged } = JSON.parse(stdout.trim().split('\n').at(-1)!)
    expect(judged.map(({ name }: { name: string }) => name)).toEqual([
      'visits only',
      'time only',
      'standard',
      'learned from 50',
      'learned from 200',
      'learned from 315 (half)',
    ])
    const auc = judged.map(
      ({ figures }: { figures: { auc: { value: number; low: number; high: number } } }) => figures.auc,
    )
    for (const { value, low, high } of auc) expect(low <= value && value <= high).toBe(true)
    // Time and recommendations decide here, visits do not.
    expect(auc[0].value).toBeLessThan(0.65)
    expect(auc[2].value).toBeGreaterThan(auc[0].value)
    expect(auc[5].value).toBeGreaterThan(0.75)
    for (const name of ['visits only', 'learned from 200']) expect(stdout).toContain(`\n${name} `)
  })

  it.each<[string, (text: string) => string, RegExp]>([
    [
      'all columns that are missing',
      (text) => text.replace('TotalVisits', 'Visits').replace('Converted', 'Won'),
      /won.column: the file has no column "Converted"; visits: the file has no column "TotalVisits"; it has /,
    ],
    [
      'an outcome that never is',
      (text) => text.replace(/,(No|Yes),[01],/g, ',$1,9,'),
      /no row has "1" in column "Converted"/,
    ],
  ])('names %s', (_, change, words) => {
    writeFileSync(join(made, 'changed.csv'), change(readFileSync(join(made, 'leads.csv'), 'utf8')))
    const { stderr, status } = harness('changed.csv', MAP)
    expect(stderr).toMatch(words)
    expect(status).toBe(1)
  })

  it('names a file that is not there', () => {
    expect(harness('none.csv', MAP).stderr).toBe(`bench:rules: there is no file ${join(made, 'none.csv')}\n`)
  })

  it('finds the file of people beside the rows, or says where it looked', () => {
    const log = join(made, 'log.csv')
    writeFileSync(log, 'cookie,at\na,2026-01-01\nb,2026-01-02\n')
    const people = { file: 'people.csv', id: 'cookie', person: 'user' }
    const events = { kind: 'events', id: 'cookie', people, at: { column: 'at', format: 'iso' } }
    const mapFile = join(mkdtempSync(join(made, 'map-')), 'map.json')
    writeFileSync(mapFile, JSON.stringify({ ...events, happenings: [{ page: '/' }], hysteresis: true }))
    expect(harness('log.csv', mapFile).stderr).toBe(
      `bench:rules: the map: people: people.csv is neither beside the map nor beside ${log}\n`,
    )
    writeFileSync(join(made, 'people.csv'), 'cookie,user\na,1\nb,1\n')
    expect(harness('log.csv', mapFile).stdout).toMatch(/^2 rows, 1 people, /)
  })
})

describe('a snapshot row', () => {
  const of = (row: Partial<Row>) =>
    historiesOf(
      [
        {
          lead: 'A',
          visits: '3',
          seconds_on_site: '5400',
          views_per_visit: '2',
          source: '',
          last_activity: '',
          guides: '2',
          occupation: 'Boss',
          converted: '1',
          ...row,
        } as Row,
      ],
      map,
      new Map(),
    )[0]!
  const days = (kind: string, row: Partial<Row> = {}) => {
    const { events, cut } = of(row)
    const found = events.filter((event) => event.kind === kind)
    return found.map(({ at }) => Math.floor(at / 86_400_000) - Math.floor(cut / 86_400_000))
  }

  it('becomes visits a day apart, with the time split evenly, and all else on day 0', () => {
    expect(days('page')).toEqual([0, 0, -1, -1, -2, -2])
    expect(days('download')).toEqual([0, 0])
    expect(days('signal', { source: 'Referral', last_activity: 'Chat' })).toEqual([0, 0])
    const told = of({}).events.filter((event) => event.kind === 'engage')
    // Half an hour a visit, told twice so that the visit stays one.
    expect(told.map((event) => event.ms / 60_000)).toEqual([20, 30, 20, 30, 20, 30])
    expect(of({})).toMatchObject({ id: 'A', won: true, facts: { traits: { title: 'Boss' } } })
  })

  it('may have time without a visit, a visit without time, and neither', () => {
    expect(days('page', { visits: '0', views_per_visit: '1' })).toEqual([0])
    expect(days('engage', { seconds_on_site: '' })).toEqual([])
    expect(days('page', { visits: '', seconds_on_site: '0' })).toEqual([])
    expect(of({ converted: '0' }).won).toBe(false)
  })
})

describe('judging rules', () => {
  it('compares counts, the preset and learned points on people whom nothing was learned from', () => {
    const judged = judge(historiesOf(rows, map, new Map()), standard, {
      'another table': { extends: 'broad' },
    })
    const auc = Object.fromEntries(judged.map(({ name, figures }) => [name, figures?.auc?.value ?? 0]))
    expect(judged.map(({ name }) => name)).toEqual([
      'visits only',
      'time only',
      'standard, changed',
      'another table',
      'learned from 50',
      'learned from 200',
      'learned from 300 (half)',
    ])
    expect(judged.every(({ figures }) => figures === undefined || figures.leads === 300)).toBe(true)
    expect(auc['standard, changed']).toBeGreaterThan(auc['visits only']!)
    expect(auc['learned from 300 (half)']).toBeGreaterThan(auc['visits only']!)
    expect(auc['learned from 200']).toBeGreaterThanOrEqual(auc['standard, changed']! - 0.02)
  })

  it('says why nothing could be learned', () => {
    const few = judge(historiesOf(rows.slice(0, 90), map, new Map()), standard, {})
    expect(few.find(({ name }) => name === 'learned from 50')!.refused).toMatch(
      /the half to learn from has 45/,
    )
  })

  it('takes the time from one row to the next as spent on the page, where the map says so', () => {
    const log = {
      kind: 'events',
      id: 'who',
      at: { column: 'at', format: 'iso' },
      happenings: [{ page: '/' }],
    }
    const at = (hour: number, minute: number) => new Date(Date.UTC(2024, 0, 1, hour, minute)).toISOString()
    // Three minutes and then seven, an hour away, two minutes; nobody knows how long the last page was read.
    const read = [at(9, 0), at(9, 3), at(9, 10), at(10, 10), at(10, 12)].map((at) => ({ who: 'A', at }))
    const minutes = (map: object) => {
      const [history] = historiesOf(read, readMap({ ...log, ...map }, ['who', 'at']), new Map())
      return sessionise(history!.events).visits.map(({ engagedMs }) => engagedMs / 60_000)
    }
    expect(minutes({})).toEqual([0, 0])
    expect(minutes({ timeBetween: 30 })).toEqual([10, 2])
    expect(minutes({ timeBetween: 5 })).toEqual([3, 2])
    expect(() => minutes({ timeBetween: 31 })).toThrow(/timeBetween/)
  })

  it('counts fewer stage changes with hysteresis than with one threshold', () => {
    const log = readMap(
      {
        kind: 'events',
        id: 'who',
        at: { column: 'at', format: 'iso' },
        happenings: [{ cart: 'x' }, { page: '/pricing' }],
      },
      ['who', 'at'],
    )
    // A cart and a look at prices every four weeks: 15 points are reached each time, and lost in between.
    const visits = Array.from({ length: 10 }, (_, i) => ({
      who: 'A',
      at: new Date(Date.UTC(2024, 0, 1 + i * 28)).toISOString(),
    }))
    const histories = historiesOf(visits, log, new Map())
    const [held, plain] = [standard, withoutHysteresis(standard)].map((by) =>
      stageChanges(histories, by, 120),
    )
    expect(held).toBe(2)
    expect(plain).toBeGreaterThan(4)
  })
})
