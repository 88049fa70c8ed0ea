/** A year of a site, made up: the same at each run, so that two versions can be compared. */

import type { EntryBody } from '../../collector/entry.ts'
import { engageKey } from '../../collector/event-key.ts'
import type { TrackedEvent } from '../../collector/lead/state.ts'

const DAY_MS = 86_400_000
export const YEAR_DAYS = 365
/** Monday, 5 January 2026. */
export const YEAR_START = Date.UTC(2026, 0, 5)

const PATHS = 500
const REFERRERS = [
  'www.google.com/',
  'www.google.de/search',
  'www.bing.com/',
  'duckduckgo.com/',
  'www.linkedin.com/feed',
  'chatgpt.com/',
  'news.example.org/machines/review',
  'forum.example.net/t/4711',
]
const CAMPAIGNS = Array.from({ length: 12 }, (_, n) => ({
  utm_source: ['newsletter', 'google', 'linkedin'][n % 3]!,
  utm_medium: ['email', 'cpc', 'social'][n % 3]!,
  utm_campaign: `launch-${n}`,
}))
const AGENTS = ['desktop, Chrome, Windows', 'desktop, Firefox, Linux', 'mobile, Mobile Safari, iOS']

/** Numbers from 0 to 1, the same ones each time (Park and Miller). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

export const visitorKey = (no: number): string => `v${no.toString(36)}`.padEnd(22, 'k3x9')
export const pathNumber = (no: number): string =>
  no === 0 ? '/' : `/section-${no % 9}/a-page-about-it-${no}`

/** Entries of a year in the order of time, a day at a time: about `events` events of about `visitors` visitors. */
export function* year(events: number, visitors: number): Generator<{ day: number; entries: EntryBody[] }> {
  const next = random(20_261)
  const perDay = events / YEAR_DAYS
  let serial = 0
  for (let day = 0; day < YEAR_DAYS; day++) {
    const made: { visitor: number; event: TrackedEvent }[] = []
    // Some come again and again, most but a few times; new ones come all the year.
    const known = Math.max(1, Math.ceil((visitors * (day + 1)) / YEAR_DAYS))
    while (made.length < perDay) {
      const visitor = next() < 0.3 ? Math.floor(next() ** 2 * known) : known - 1 - Math.floor(next() * known)
      const start = YEAR_START + day * DAY_MS + Math.floor(next() * (DAY_MS - 3_600_000))
      for (const event of visit(start, next, () => ++serial)) made.push({ visitor, event })
    }
    made.sort((a, b) => a.event.at - b.event.at)
    yield {
      day,
      entries: made.map(({ visitor, event }) => ({
        kind: 'beacon',
        site: 'main',
        visitor: visitorKey(visitor),
        agent: AGENTS[visitor % AGENTS.length]!,
        events: [event],
      })),
    }
  }
}

function visit(start: number, next: () => number, serial: () => number): TrackedEvent[] {
  const events: TrackedEvent[] = []
  // A page is sent a little after it was seen; the random part of an id has 47 bits.
  const base = (at: number) => ({ at, id: { ms: at - 20 - Math.floor(next() * 200), key: key() } })
  const key = () => (serial() * 7_919 + Math.floor(next() * 2 ** 46)) % 2 ** 47
  const pages = 1 + Math.floor(-Math.log(1 - next()) * 2.6)
  const from = next()
  let at = start
  for (let n = 0; n < pages; n++) {
    const path = pathNumber(Math.floor(next() ** 3 * PATHS))
    const page = base(at)
    events.push({
      ...page,
      kind: 'page',
      path,
      title: `What ${path} says | Example Industrial Supplies`,
      ...(n === 0 && from < 0.5 && { referrer: REFERRERS[Math.floor(next() * REFERRERS.length)]! }),
      ...(n === 0 && from < 0.15 && { query: CAMPAIGNS[Math.floor(next() * CAMPAIGNS.length)]! }),
    })
    const beats = next() < 0.3 ? 2 : 1
    let ms = 0
    for (let beat = 0; beat < beats; beat++) {
      ms += 2_000 + Math.floor(next() * 60_000)
      const scroll = Math.floor(next() * 100)
      events.push({
        kind: 'engage',
        at: at + ms + 500,
        id: engageKey(page.id, ms, scroll),
        page: page.id,
        ms,
        scroll,
      })
    }
    at += ms + 1_000
    const act = next()
    if (act < 0.05)
      events.push({
        ...base(at),
        kind: 'download',
        url: `www.example.com/files/guide-${Math.floor(next() * 40)}.pdf`,
      })
    else if (act < 0.08)
      events.push({
        ...base(at),
        kind: 'cart',
        product: `Pump ${Math.floor(next() * 60)}`,
        quantity: 1,
        price: 49.9,
        currency: 'EUR',
      })
    else if (act < 0.09) events.push({ ...base(at), kind: 'form', form: 'contact' })
    else if (act < 0.1)
      events.push({ ...base(at), kind: 'custom', name: 'video', props: { seconds: Math.floor(next() * 90) } })
  }
  return events
}
