import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
import type { TrackedEvent } from '../collector/lead/state.ts'
import { beaconEntry, projection } from './support/projection.ts'

/** Clique Bait (8 Week SQL Challenge, case 6): a made web shop with 32,734 events, 1,782 cookies and 500 users. */
const EVENTS = new URL('../../shared/data/cliquebait_events.csv', import.meta.url)
const USERS = new URL('../../shared/data/cliquebait_users.csv', import.meta.url)
const missing = !existsSync(EVENTS)

const rows = (file: URL): string[][] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(','))

const time = (text: string): number => Date.parse(`${text.replace(' ', 'T').slice(0, 23)}Z`)

describe(`stitching${missing ? ' (skipped: the public Clique Bait data are not beside this checkout)' : ''}`, () => {
  it.skipIf(missing)(
    'shows that 482 of 500 users came three times or more, none of whom a cookie shows',
    async () => {
      const state = await projection()
      try {
        const events = rows(EVENTS).map(([, cookie, page, kind, , at], i) => {
          const base = { id: { ms: time(at!), key: i }, at: time(at!) }
          const event: TrackedEvent =
            kind === '2'
              ? { ...base, kind: 'cart', product: `product ${page}`, quantity: 1 }
              : { ...base, kind: 'page', path: `/page/${page}` }
          return beaconEntry(cookie!, [event])
        })
        const links = rows(USERS).map(
          ([user, cookie, start], i): EntryBody => ({
            kind: 'identify',
            site: 'main',
            newContact: `contact-${i}`,
            visitors: [cookie!],
            externalId: user!,
            traits: {},
            at: Date.parse(start!),
            signals: [],
          }),
        )
        const end = Date.UTC(2020, 5, 1)
        for (const batch of [events, links]) {
          for (let i = 0; i < batch.length; i += 2_000) await state.project(end, batch.slice(i, i + 2_000))
        }
        const one = (sql: string) => (state.db.prepare(sql).get() as { n: number }).n
        expect(one('SELECT count(*) AS n FROM leads')).toBe(500)
        expect(
          one(`SELECT count(*) AS n FROM (SELECT edges.contact FROM edges JOIN visits ON visits.visitor = edges.visitor
               AND visits.start_at >= from_at AND (to_at IS NULL OR visits.start_at < to_at) GROUP BY 1 HAVING count(*) >= 3)`),
        ).toBe(482)
        expect(
          one('SELECT count(*) AS n FROM (SELECT visitor FROM visits GROUP BY 1 HAVING count(*) >= 3)'),
        ).toBe(0)
      } finally {
        state.remove()
      }
    },
    60_000,
  )
})
