/** The fifteen stories through the whole collector: beacons, signals and identify calls in by HTTP, stages out by HTTP. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PRESETS } from '../collector/lead/presets/presets.ts'
import { compile } from '../collector/lead/rules.ts'
import { engagement } from '../collector/lead/score.ts'
import type { LeadAnswer } from '../shared/api.ts'
import { FLAG } from '../shared/protocol.ts'
import { at, DAY_0, facts } from './lead/standard.ts'
import { STORIES, type Story, tell } from './lead/tell.ts'
import { beaconOf, eventId, type TestCollector, testCollector } from './support/collector.ts'

const MINUTE = 60_000
/** What a browser shows of a signal, by the path of the page. */
const PAGES: Record<string, string> = {
  service_view: '/services/',
  blog_view: '/blog/',
  careers_view: '/careers/',
}
const BROWSER = ['visit', 'engaged_minutes', 'download', 'cart', ...Object.keys(PAGES)]
const LAST_DAY = Math.max(...STORIES.map(({ at_day }) => at_day))

type Wire = (string | number | object)[]
let serial = 0

/** The beacon of a visit: its pages a second apart, the time spent on the first of them, then what was clicked. */
function visit(events: Story['events'], begins: number): { events: Wire[]; ends: number } {
  const count = (signal: string) =>
    events.filter((one) => one.signal === signal).reduce((sum, one) => sum + one.count, 0)
  const paths = Object.entries(PAGES).flatMap(([signal, path]) =>
    Array.from({ length: count(signal) }, (_, i) => `${path}${i}`),
  )
  let now = begins
  const id = () => {
    now += 1_000
    return eventId(now, ++serial)
  }
  const pages: Wire[] = (paths.length > 0 ? paths : ['/']).map((path) => ['p', id(), now, path])
  const first = pages[0]![1] as string
  const found = [...pages]
  const engaged = count('engaged_minutes') * MINUTE
  now += engaged
  if (engaged > 0) found.push(['e', first, now, engaged, 50])
  for (let i = 0; i < count('download'); i++) found.push(['d', id(), now, first, `/files/guide-${i}.pdf`])
  for (let i = 0; i < count('cart'); i++) found.push(['c', id(), now, first, { product: 'pump' }])
  return { events: found, ends: now }
}

interface Told {
  /** At the end of its last day, and after the tick that ends it. */
  evening: LeadAnswer
  after: LeadAnswer
}

/** Lives all stories beside one another, day by day, each as a person with a browser of its own. */
async function live(lw: TestCollector): Promise<Told[]> {
  const told: Partial<Told>[] = STORIES.map(() => ({}))
  const ids: string[] = []
  const settled = () => lw.until('/readyz', ({ lag }) => lag === 0)
  for (const [n] of STORIES.entries()) {
    const body = {
      site: 'main',
      visitor: `v${n}`,
      externalId: `story-${n}`,
      at: new Date(at(0)).toISOString(),
    }
    const { status, body: made } = await lw.call('POST', '/v1/identify', body)
    expect(status).toBe(201)
    ids.push(made.id)
  }
  const lead = async (n: number): Promise<LeadAnswer> => (await lw.call('GET', `/v1/leads/${ids[n]}`)).body
  for (let day = 0; day <= LAST_DAY; day++) {
    for (const [n, story] of STORIES.entries()) {
      const events = story.events.filter((one) => one.day === day)
      if (events.some(({ signal }) => BROWSER.includes(signal))) {
        const seen = visit(events, at(day, 9))
        lw.clock.now = seen.ends
        const rest = { v: `v${n}`, f: FLAG.granted }
        expect((await lw.beacon(beaconOf(seen.ends, seen.events, rest))).status).toBe(204)
      }
      lw.clock.now = at(day, 10)
      for (const { signal } of events.filter((one) => !BROWSER.includes(one.signal))) {
        const sent = { site: 'main', contact: `story-${n}`, name: signal, id: `${n}-${day}-${signal}` }
        expect((await lw.call('POST', '/v1/events', sent)).body).toEqual({ stored: true })
      }
    }
    await settled()
    lw.clock.now = at(day, 23, 59)
    for (const [n, { at_day }] of STORIES.entries()) if (at_day === day) told[n]!.evening = await lead(n)
    // Whoever comes first on the next day finds the day before ended.
    lw.clock.now = at(day + 1, 0, 0, 1)
    const stranger = beaconOf(lw.clock.now, [['p', eventId(lw.clock.now, ++serial), lw.clock.now, '/']])
    expect((await lw.beacon({ ...stranger, v: 'stranger', f: FLAG.granted })).status).toBe(204)
    await settled()
    for (const [n, { at_day }] of STORIES.entries()) if (at_day === day) told[n]!.after = await lead(n)
  }
  return told as Told[]
}

describe.each(Object.keys(PRESETS))('the preset %s, through the whole collector', (preset) => {
  let told: Told[]
  let folder: string
  let lw: TestCollector
  const rules = (() => {
    const compiled = compile(PRESETS[preset])
    if (!compiled.ok) throw new Error(compiled.errors.join('\n'))
    return compiled.rules
  })()

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'leadwake-stories-'))
    writeFileSync(join(folder, 'rules.json'), JSON.stringify({ extends: preset }))
    lw = await testCollector({ now: at(0, 8), rules: join(folder, 'rules.json') })
    told = await live(lw)
  })
  afterAll(async () => {
    await lw.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(STORIES.map((story, n) => [story.story, n] as const))('%s', (_, n) => {
    const story = STORIES[n]!
    const { evening, after } = told[n]!
    const { lead, changes } = tell(story, rules, facts())
    if (preset === 'standard') {
      expect(after.stage).toBe(story.stage)
      expect(Math.abs(evening.engagement - story.engagement)).toBeLessThanOrEqual(0.1)
      for (const [group, points] of Object.entries(evening.groups))
        expect(Math.abs(points - (story.groups[group] ?? 0)), group).toBeLessThanOrEqual(0.1)
      expect(evening.trend === 'cooling').toBe(story.cooling)
    }
    expect(after.stage).toBe(lead.stage)
    expect(evening.engagement).toBe(engagement(lead, DAY_0 + story.at_day, rules).total / 100)
    expect(after.transitions.map(({ to, effectiveAt }) => [to, effectiveAt.slice(0, 10)])).toEqual(
      changes.map(({ to, effectiveAt }) => [to, new Date(effectiveAt).toISOString().slice(0, 10)]),
    )
    const sum = evening.reasons.reduce((total, { points }) => total + Math.round(points * 100), 0)
    expect(sum).toBe(Math.round(evening.engagement * 100))
    for (const { to, why } of after.transitions) expect(why).toMatch(new RegExp(`^${to} because: .`, 'i'))
  })
})
