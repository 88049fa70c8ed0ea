import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advance } from '../../collector/lead/advance.ts'
import { DAY_MS, dayOf } from '../../collector/lead/day.ts'
import { identify, stranger } from '../../collector/lead/identify.ts'
import { addDelta, foldCells } from '../../collector/lead/ledger.ts'
import { occur } from '../../collector/lead/occur.ts'
import { replayLead } from '../../collector/lead/replay.ts'
import type { CompiledRules, RuleDocument } from '../../collector/lead/rules.ts'
import { engagement, reasons } from '../../collector/lead/score.ts'
import { inOrder, pageKey, sessionise } from '../../collector/lead/sessionise.ts'
import type { Cell, Lead, PageView, StageChange, TrackedEvent, Visit } from '../../collector/lead/state.ts'
import { evaluate, tick } from '../../collector/lead/tick.ts'
import type { WhereDocument } from '../../collector/lead/where.ts'
import { type History, histories } from './histories.ts'
import { at, DAY_0, event, facts, keyOf, standard } from './standard.ts'

const rules = standard()
/** With rules that count only what satisfies conditions, on all that conditions can ask for. */
const choosy = standard((document) => {
  const add = (id: string, signals: string[], where: WhereDocument, more: Partial<RuleDocument> = {}) =>
    document.rules.push({ id, label: id, group: 'intent', signals, where, points: 3, perDay: 9, ...more })
  add('a', ['service_view', 'engaged_minutes'], { path: '/services/a' }, { per: 'minute', group: 'depth' })
  add('b', ['cart', 'download'], { all: [{ path: ['/pricing', '/services/**'] }, { workEmail: true }] })
  add('c', ['page_view'], { not: { emailDomain: 'gmail.com' } }, { intent: true, perDay: 3 })
  add('d', ['demo_requested'], { property: { size: { min: 50 } } }, { group: 'hand', handRaise: true })
  add('e', ['email_click'], { not: { trait: { title: true } } }, { group: 'neg', points: -4 })
  add('f', ['download'], { property: { url: '*.pdf*' } }, { distinct: true, onceEver: true })
})
const RULES = [
  ['the standard rules', rules],
  ['rules with conditions', choosy],
] as const

interface Live {
  lead: Lead | null
  cells: Cell[]
  changes: StageChange[]
  now: number
  /** How often history was needed. */
  refolded: number
}

/** Plays the projector: ticks at midnight, `identify` when its moment comes, and history where `advance` asks for it. */
function live({ streams, facts, delays }: History, everyTick: boolean, rules: CompiledRules): Live {
  const all = streams
    .flatMap((stream, visitor) => stream.map((one) => ({ one, visitor })))
    .sort((a, b) => inOrder(a.one, b.one))
    .map((entry, i) => ({ ...entry, now: entry.one.at + delays[i]! }))
    .sort((a, b) => a.now - b.now)
  const visitors = streams.map(() => ({
    seen: [] as TrackedEvent[],
    lastAt: 0,
    visit: null as Visit | null,
    pages: new Map<string, PageView>(),
  }))
  const cells = new Map<string, Cell>()
  const state: Live = { lead: null, cells: [], changes: [], now: 0, refolded: 0 }
  let ticked = dayOf(all[0]!.one.at) - 1

  const replay = (now: number): void => {
    const replayed = replayLead(
      visitors.map(({ seen }) => seen),
      facts,
      rules,
      now,
      dayOf(now) - 1,
    )
    state.lead = replayed.lead
    state.changes = replayed.changes
    cells.clear()
    for (const cell of replayed.cells) cells.set(`${cell.day} ${cell.signal}`, cell)
  }
  const tickUpTo = (day: number): void => {
    for (; ticked < day; ticked++) {
      const lead = state.lead
      if (!lead || (!everyTick && (lead.reviewDay === null || lead.reviewDay > ticked + 1))) continue
      const ended = tick(lead, facts, ticked + 1, rules)
      state.lead = ended.lead
      if (ended.change) state.changes.push(ended.change)
    }
  }

  for (const { one, visitor, now } of all) {
    tickUpTo(dayOf(Math.max(now, state.now)) - 1)
    state.now = Math.max(now, state.now)
    // `identify` comes in the log before whatever arrives from its moment on.
    if (!state.lead && now >= facts.identifiedAt) replay(state.now)
    const who = visitors[visitor]!
    who.seen.push(one)
    const key = pageKey(one)
    const step = advance(
      {
        ...who,
        visitor: who,
        page: key ? (who.pages.get(keyOf(key)) ?? null) : null,
        lead: state.lead,
        facts: state.lead && facts,
      },
      one,
      rules,
      state.now,
    )
    if ('needs' in step) {
      state.refolded++
      const { visits, pages } = sessionise(who.seen)
      who.visit = visits.at(-1) ?? null
      who.pages = new Map(pages.map((view) => [keyOf(view.id), view]))
      if (state.lead) replay(state.now)
    } else {
      who.visit = step.visit
      if (step.page) who.pages.set(keyOf(step.page.id), step.page)
      state.lead = step.lead
      state.changes.push(...step.changes)
      for (const delta of step.cells)
        cells.set(`${delta.day} ${delta.signal}`, addDelta(cells.get(`${delta.day} ${delta.signal}`), delta))
    }
    if (one.kind !== 'signal') who.lastAt = Math.max(who.lastAt, one.at)
  }
  tickUpTo(dayOf(state.now) + 89)
  state.now += 90 * DAY_MS
  return { ...state, cells: [...cells.values()].sort(byDay) }
}

const byDay = (a: Cell, b: Cell): number => a.day - b.day || (a.signal < b.signal ? -1 : 1)

const replayOf = ({ streams, facts }: History, now: number, by = rules) =>
  replayLead(streams, facts, by, now, dayOf(now) - 1)

describe.each(RULES)('a lead built live under %s', (_, rules) => {
  it('equals the lead replayed from scratch, with its cells and its changes', () => {
    fc.assert(
      fc.property(histories(), fc.boolean(), (history, everyTick) => {
        const built = live(history, everyTick, rules)
        const { lead, cells, changes } = replayOf(history, built.now, rules)
        expect({ lead: built.lead, cells: built.cells, changes: built.changes }).toEqual({
          lead,
          cells,
          changes,
        })
      }),
      { numRuns: 400 },
    )
  })

  it('equals it too where events come late', () => {
    fc.assert(
      fc.property(histories({ late: true }), fc.boolean(), (history, everyTick) => {
        const built = live(history, everyTick, rules)
        const { lead, cells, changes } = replayOf(history, built.now, rules)
        expect({ lead: built.lead, cells: built.cells }).toEqual({ lead, cells })
        expect(inTime(built.changes)).toEqual(inTime(changes))
      }),
      { numRuns: 400 },
    )
  })

  it('does not need history while events come in order within their days', () => {
    const events = Array.from({ length: 300 }, (_, i) => event('page', at(i, 9), { path: '/services/a' }))
    const built = live({ streams: [events], facts: facts(), delays: events.map(() => 0) }, false, rules)
    expect(built.refolded).toBe(0)
    expect(built.lead!.trend.visits).toBe(300)
  })

  it('survives JSON unchanged', () => {
    fc.assert(
      fc.property(histories(), (history) => {
        const { lead } = replayOf(history, at(4000), rules)
        expect(isDeepStrictEqual(JSON.parse(JSON.stringify(lead)), lead)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})

/** Late events add changes of the past to those that were noted; a replay has only those that hold. */
const inTime = (changes: StageChange[]): string =>
  changes.map(({ from, to, effectiveAt }) => `${from} ${to} ${effectiveAt}`).at(-1) ?? ''

describe('a replayed lead', () => {
  it('is bit-identical whatever the order of its events', () => {
    fc.assert(
      fc.property(histories(), fc.infiniteStream(fc.nat()), (history, random) => {
        const shuffled = history.streams.map((stream) =>
          stream
            .map((one) => ({ one, place: random.next().value as number }))
            .sort((a, b) => a.place - b.place)
            .map(({ one }) => one),
        )
        const plain = replayOf(history, at(4000))
        const mixed = replayOf({ ...history, streams: shuffled }, at(4000))
        expect(JSON.stringify(mixed)).toBe(JSON.stringify(plain))
      }),
      { numRuns: 150 },
    )
  })

  it('has the accumulators that its cells give in any order', () => {
    fc.assert(
      fc.property(histories(), (history) => {
        const { lead, cells } = replayOf(history, at(4000))
        const { day, closed, window, trend, ever, open } = foldCells(cells.toReversed(), rules)
        expect({ day, closed, window, trend, ever, open }).toEqual({
          day: lead.day,
          closed: lead.closed,
          window: lead.window,
          trend: lead.trend,
          ever: lead.ever,
          open: lead.open,
        })
      }),
      { numRuns: 150 },
    )
  })

  it('has an engagement from 0 to 100 on any day, and reasons that sum to it exactly', () => {
    fc.assert(
      fc.property(histories(), fc.nat(500), (history, later) => {
        const { lead, cells } = replayOf(history, at(4000))
        const { total } = engagement(lead, lead.day + later, rules)
        expect(total).toBeGreaterThanOrEqual(0)
        expect(total).toBeLessThanOrEqual(10_000)
        const lines = reasons(cells, lead.day + later, rules)
        expect(lines.reduce((sum, { points }) => sum + Math.round(points * 100), 0)).toBe(total)
      }),
      { numRuns: 200 },
    )
  })

  it('rises only at an event or when it is identified, and falls only at a tick', () => {
    const height = ['visitor', 'lead', 'mql', 'sql']
    fc.assert(
      fc.property(histories(), (history) => {
        const moments = new Set([history.facts.identifiedAt, ...history.streams.flat().map((one) => one.at)])
        for (const { from, to, by, effectiveAt } of replayOf(history, at(4000)).changes) {
          const up = height.indexOf(to) > height.indexOf(from)
          expect(by === 'tick').toBe(!up)
          expect(up ? moments.has(effectiveAt) : effectiveAt % DAY_MS === 0).toBe(true)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('never makes an SQL of an unverified contact', () => {
    fc.assert(
      fc.property(histories(), (history) => {
        const { changes } = replayOf({ ...history, facts: { ...history.facts, verified: false } }, at(4000))
        expect(changes.filter(({ to }) => to === 'sql')).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

describe('a tick before the review day', () => {
  it('would not have mattered', () => {
    fc.assert(
      fc.property(histories(), fc.nat(), (history, pick) => {
        const events = history.streams.flat()
        const until = events[pick % events.length]!.at
        const first = dayOf(Math.max(until, history.facts.identifiedAt))
        const upTo = history.streams.map((stream) => stream.filter((one) => one.at <= until))
        const { lead } = replayLead(upTo, history.facts, rules, at(4000), first - 1)
        let skipping = { lead, change: null as StageChange | null }
        let looking = skipping
        for (let day = first; day < first + 200; day++) {
          skipping = tick(skipping.lead, history.facts, day, rules)
          looking = evaluate(looking.lead, day, rules)
          expect(shown(skipping), `day ${day - DAY_0}`).toEqual(shown(looking))
        }
      }),
      { numRuns: 250 },
    )
  })

  const shown = ({ lead, change }: { lead: Lead; change: StageChange | null }) => {
    const { stage, since, lowTicks, coolingTicks, handRaiseSpentAt } = lead
    return { stage, since, lowTicks, coolingTicks, handRaiseSpentAt, change }
  }
})

describe('being identified', () => {
  it('counts what was done before, and rises at once', () => {
    const events = [
      event('page', at(0, 8), { path: '/pricing' }),
      event('engage', at(0, 8, 9), { page: { ms: at(0, 8), key: 0 }, ms: 540_000, scroll: 90 }, 1),
    ]
    const { changes } = replayLead(
      [events],
      facts({ identifiedAt: at(0, 9), email: 'ann@acme.example' }),
      rules,
      at(1),
      DAY_0,
    )
    expect(changes).toEqual([
      { from: 'visitor', to: 'lead', effectiveAt: at(0, 9), by: 'identify', why: 'left an e-mail address' },
      {
        from: 'lead',
        to: 'mql',
        effectiveAt: at(0, 9),
        by: 'rules',
        why: 'engagement 18: 1 visit, 9 engaged minutes, 1 intent view in 30 days; trend steady; fit 100 of 100, 1 of 6 fields known',
      },
    ])
  })

  it('goes straight to SQL where a hand was raised before', () => {
    const asked = [event('signal', at(0, 8), { name: 'demo_requested' })]
    const { changes } = replayLead([asked], facts({ identifiedAt: at(0, 9) }), rules, at(1), DAY_0)
    expect(changes.map(({ from, to }) => `${from} ${to}`)).toEqual(['visitor lead', 'lead sql'])
  })

  it('makes a lead of somebody without any event', () => {
    const { lead, cells, changes } = replayLead([], facts(), rules, at(1), DAY_0)
    expect([lead.stage, cells, changes.length]).toEqual(['lead', [], 1])
  })
})

describe('an event at midnight', () => {
  const before = event('page', at(0, 23, 59), { path: '/services/a' })
  const reading = event('engage', at(1, 0, 5), { page: before.id, ms: 300_000, scroll: 10 }, 1)

  it('counts reading time on the day on which the page view began', () => {
    const { cells } = replayLead([[before, reading]], facts(), rules, at(2), DAY_0)
    expect(cells.find(({ signal }) => signal === 'engaged_minutes')).toMatchObject({
      day: DAY_0,
      ms: 300_000,
    })
  })

  it('needs history where the day was closed by a later page', () => {
    const next = event('page', at(1, 0, 1), { path: '/pricing' })
    const state = replayLead([[before, next]], facts(), rules, at(1, 0, 1), DAY_0)
    const { visits, pages } = sessionise([before, next])
    const input = {
      visitor: { lastAt: next.at },
      visit: visits.at(-1)!,
      page: pages[0]!,
      lead: state.lead,
      facts: facts(),
    }
    expect(advance(input, reading, rules, at(1, 0, 5))).toEqual({ needs: 'history', of: 'lead' })
    expect(() =>
      occur(
        state.lead,
        { signal: 'x', at: at(1, 1), day: DAY_0, count: 1, ms: 0, key: null },
        facts(),
        rules,
      ),
    ).toThrow()
  })
})

describe('a late event', () => {
  const asked = event('signal', at(0, 9), { name: 'demo_requested' })
  const input = { visitor: { lastAt: 0 }, visit: null, page: null, lead: null, facts: null }

  it('needs the history of its visitor where it happened before their last one', () => {
    const late = event('page', at(0, 9), { path: '/' })
    expect(advance({ ...input, visitor: { lastAt: at(0, 10) } }, late, rules, at(0, 10))).toEqual({
      needs: 'history',
      of: 'visitor',
    })
  })

  it.each<[string, Partial<Lead>]>([
    ['before what the lead has folded', { lastAt: at(0, 10) }],
    ['at the same moment, with a smaller key', { lastAt: asked.at, lastId: { ms: asked.id.ms, key: 1 } }],
    ['on a day whose tick has looked at the lead', { tickedDay: DAY_0 }],
    ['before the lead was identified', { identifiedAt: at(0, 9, 1) }],
  ])('needs the history of the lead where it happened %s', (_, change) => {
    const lead = { ...identify(stranger(rules), facts(), rules).lead, ...change }
    expect(advance({ ...input, lead, facts: facts() }, asked, rules, at(1))).toEqual({
      needs: 'history',
      of: 'lead',
    })
  })

  it('needs none where only ticks went by that did not matter, and runs those that now do', () => {
    const { lead } = replayLead([[asked]], facts(), rules, at(5), DAY_0 + 4)
    const gone = event('signal', at(3, 9), { name: 'email_unsubscribe' })
    const step = advance({ ...input, lead, facts: facts() }, gone, rules, at(5, 9))
    expect(step).toMatchObject({
      lead: { stage: 'mql', since: at(4), tickedDay: DAY_0 + 3 },
      changes: [{ from: 'sql', to: 'mql', effectiveAt: at(4), by: 'tick' }],
    })
  })
})
