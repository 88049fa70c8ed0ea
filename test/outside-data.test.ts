import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { compile } from '../collector/lead/rules.ts'
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
