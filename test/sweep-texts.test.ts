/** Strings that nobody uses any more go; all that somebody does is as it was. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TrackedEvent } from '../collector/lead/state.ts'
import { DAY, START } from './support/collector.ts'
import { beaconEntry, dump, type Projection, projection } from './support/projection.ts'

const TODAY = Math.floor(START / DAY)
/** The first Sunday from today on. */
const SUNDAY = TODAY + ((3 - (TODAY % 7) + 7) % 7)
const LONG_AGO = START - 200 * DAY

let state: Projection
let serial = 0
beforeEach(async () => {
  state = await projection()
})
afterEach(() => state.remove())

/** All that a visitor can do, each with words of its own. */
function visit(at: number, word: string): TrackedEvent[] {
  const id = () => ({ ms: at, key: ++serial })
  const page: TrackedEvent = { kind: 'page', id: id(), at, path: `/${word}`, title: `Title ${word}` }
  page.query = { utm_source: 'mail', utm_campaign: `campaign-${word}`, utm_term: `term-${word}` }
  page.referrer = `https://elsewhere.example/${word}`
  return [
    page,
    { kind: 'download', id: id(), at, url: `/${word}.pdf` },
    { kind: 'cart', id: id(), at, product: `product-${word}`, quantity: 3 },
    { kind: 'outbound', id: id(), at, url: `https://partner.example/${word}` },
    { kind: 'form', id: id(), at, form: `form-${word}`, action: `/action-${word}` },
    { kind: 'custom', id: id(), at, name: `custom-${word}` },
  ]
}
const texts = (): string => {
  const strings = [
    ...(state.db.prepare('SELECT text FROM texts').pluck().all() as string[]),
    ...(state.db.prepare('SELECT title FROM titles').pluck().all() as string[]),
  ]
  return strings.join('\n')
}
const tick = (day: number) => state.project(START, [{ kind: 'tick', day }])

describe('strings of what is no longer kept', () => {
  beforeEach(async () => {
    await state.project(LONG_AGO, [beaconEntry('gone', visit(LONG_AGO, 'old'))])
    await state.project(START, [
      { kind: 'site-set', id: 'main', retention: 90 },
      beaconEntry('here', visit(START, 'new')),
      {
        kind: 'identify',
        site: 'main',
        newContact: 'c1',
        visitors: ['here'],
        email: 'ada@acme.org',
        traits: {},
        at: START,
        signals: [],
      },
    ])
  })

  it('go at the end of the week; what sums and people still use stays, to the last word', async () => {
    for (let day = TODAY; day < SUNDAY; day++) await tick(day)
    if (TODAY < SUNDAY) expect(texts()).toContain('/action-old')
    const words = texts()
    const before = dump(state.db)
    await tick(SUNDAY)
    for (const word of ['/action-old', 'partner.example/old', 'term-old', 'elsewhere.example/old'])
      expect([words.includes(word) || TODAY === SUNDAY, texts().includes(word)], word).toEqual([true, false])
    expect(dump(state.db)).toEqual(before)
    // The sums know page, product and campaign; a title goes with its path alone.
    for (const word of ['/old', 'product-old', 'Title old']) expect(texts()).toContain(word)
    for (const word of words.split('\n').filter((line) => line.includes('new')))
      expect(texts()).toContain(word)
  })

  it('are stored again where they come again', async () => {
    for (let day = TODAY; day <= SUNDAY; day++) await tick(day)
    await state.project(START, [beaconEntry('back', visit(START + 1, 'old'))])
    expect(texts()).toContain('/action-old')
    const { events } = dump(state.db)
    expect(JSON.stringify(events)).toContain('product-old')
  })

  it('are not looked for where nothing went', async () => {
    for (let day = TODAY; day <= SUNDAY; day++) await tick(day)
    state.db.prepare("INSERT INTO texts (hash, text) VALUES (1, 'unused'), (2, 'last')").run()
    for (let day = SUNDAY + 1; day <= SUNDAY + 7; day++) await tick(day)
    expect(texts()).toContain('unused')
  })
})
