import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldVisit, inOrder, pageKey, sessionise, VISIT_GAP_MS } from '../../collector/lead/sessionise.ts'
import type { PageView, TrackedEvent, Visit } from '../../collector/lead/state.ts'
import { histories } from './histories.ts'
import { at, event, keyOf } from './standard.ts'

const page = (moment: number, path: string, rest = {}) => event('page', moment, { path, ...rest })
const engage = (moment: number, of: number, ms: number) =>
  event('engage', moment, { page: { ms: of, key: 0 }, ms, scroll: 50 }, 1)
const custom = (moment: number) => event('custom', moment, { name: 'x' }, 2)
const signal = (moment: number) => event('signal', moment, { name: 'email_click' }, 3)

/** Visits as `start-end views/engaged seconds/actions`, times in minutes after 8 o'clock. */
const drawn = (events: TrackedEvent[]): string[] =>
  sessionise(events).visits.map(
    ({ startAt, endAt, views, engagedMs, actions }) =>
      `${(startAt - at(0, 8)) / 60_000}-${(endAt - at(0, 8)) / 60_000} ${views}/${engagedMs / 1000}/${actions}`,
  )

describe('visits', () => {
  const t = (minutes: number): number => at(0, 8, minutes)
  it.each<[string, TrackedEvent[], string[]]>([
    ['one page is one visit', [page(t(0), '/')], ['0-0 1/0/0']],
    ['30 minutes of silence do not end a visit', [page(t(0), '/'), page(t(30), '/a')], ['0-30 2/0/0']],
    [
      'a ms more does',
      [page(t(0), '/'), page(t(30) + 1, '/a')],
      ['0-0 1/0/0', `${30 + 1 / 60_000}-${30 + 1 / 60_000} 1/0/0`],
    ],
    ['an action keeps a visit alive', [page(t(0), '/'), custom(t(25)), page(t(50), '/a')], ['0-50 2/0/1']],
    ['an action opens a visit', [custom(t(0))], ['0-0 0/0/1']],
    [
      'engagement keeps a visit alive',
      [page(t(0), '/'), engage(t(29), t(0), 60_000), page(t(58), '/a')],
      ['0-58 2/60/0'],
    ],
    [
      'engagement after the gap counts, and keeps nothing alive',
      [page(t(0), '/'), engage(t(40), t(0), 60_000), page(t(45), '/a')],
      ['0-0 1/60/0', '45-45 1/0/0'],
    ],
    ['engagement alone opens no visit', [engage(t(0), t(0), 60_000)], []],
    [
      'the greatest engagement of a page view wins',
      [page(t(0), '/'), engage(t(1), t(0), 30_000), engage(t(2), t(0), 20_000), engage(t(3), t(0), 50_000)],
      ['0-3 1/50/0'],
    ],
    ['engagement before its page waits for it', [engage(t(0), t(1), 9000), page(t(1), '/')], ['1-1 1/9/0']],
    [
      'a tab left open counts to the visit of its page',
      [page(t(0), '/'), page(t(60), '/a'), engage(t(70), t(0), 30_000)],
      ['0-0 1/30/0', '60-70 1/0/0'],
    ],
    [
      'a server-sent signal is no visit',
      [signal(t(0)), page(t(40), '/'), signal(t(60)), page(t(75), '/b')],
      ['40-40 1/0/0', '75-75 1/0/0'],
    ],
    ['events come in any order', [page(t(50), '/a'), custom(t(25)), page(t(0), '/')], ['0-50 2/0/1']],
  ])('%s', (_, events, visits) => {
    expect(drawn(events)).toEqual(visits)
    expect(drawn(events.toReversed())).toEqual(visits)
  })

  it('knows where a visit came from, began and ended', () => {
    const events = [
      custom(at(0, 8)),
      page(at(0, 8, 1), '/in', { referrer: 'https://a.example/', query: { utm_source: 'news' } }),
      page(at(0, 8, 2), '/out', { referrer: 'https://b.example/' }),
    ]
    expect(sessionise(events).visits).toMatchObject([
      { entryPath: '/in', exitPath: '/out', referrer: 'https://a.example/', query: { utm_source: 'news' } },
    ])
  })

  it('knows the time and depth of each page view, and its visit', () => {
    const events = [page(at(0, 8), '/a'), engage(at(0, 8, 1), at(0, 8), 5000), page(at(0, 9), '/b')]
    expect(sessionise(events).pages).toEqual([
      {
        id: { ms: at(0, 8), key: 0 },
        at: at(0, 8),
        path: '/a',
        engagedMs: 5000,
        scroll: 50,
        visitStart: at(0, 8),
      },
      {
        id: { ms: at(0, 9), key: 0 },
        at: at(0, 9),
        path: '/b',
        engagedMs: 0,
        scroll: 0,
        visitStart: at(0, 9),
      },
    ])
  })
})

describe('sessionising event by event', () => {
  it('gives what sessionising from scratch gives', () => {
    fc.assert(
      fc.property(histories(), ({ streams }) => {
        for (const stream of streams) {
          const { visits, pages } = sessionise(stream)
          expect(byEvent(stream)).toEqual({ visits, pages })
        }
      }),
      { numRuns: 150 },
    )
  })

  it('makes visits that lie apart by more than the gap, and loses no event', () => {
    fc.assert(
      fc.property(histories(), ({ streams }) => {
        for (const stream of streams) {
          const { visits } = sessionise(stream)
          for (const [i, visit] of visits.entries()) {
            expect(visit.endAt).toBeGreaterThanOrEqual(visit.startAt)
            if (i > 0) expect(visit.startAt - visits[i - 1]!.endAt).toBeGreaterThan(VISIT_GAP_MS)
          }
          const counted = visits.reduce((sum, { views, actions }) => sum + views + actions, 0)
          expect(counted).toBe(stream.filter(({ kind }) => kind !== 'engage' && kind !== 'signal').length)
        }
      }),
      { numRuns: 100 },
    )
  })
})

/** As the projector does: the latest visit and the stored page views, one event at a time. */
function byEvent(events: TrackedEvent[]): { visits: Visit[]; pages: PageView[] } {
  const visits = new Map<number, Visit>()
  const pages = new Map<string, PageView>()
  let latest: Visit | null = null
  for (const one of events.toSorted(inOrder)) {
    const key = pageKey(one)
    const fold = foldVisit(latest, one, key ? (pages.get(keyOf(key)) ?? null) : null)
    latest = fold.visit
    if (latest) visits.set(latest.startAt, latest)
    if (fold.page) pages.set(keyOf(fold.page.id), fold.page)
    if (fold.page?.visitStart != null && fold.page.visitStart !== latest?.startAt) {
      const older = visits.get(fold.page.visitStart)!
      visits.set(older.startAt, { ...older, engagedMs: older.engagedMs + fold.engagedDelta })
    }
  }
  return { visits: [...visits.values()], pages: [...pages.values()] }
}
