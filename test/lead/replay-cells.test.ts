import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayOf } from '../../collector/lead/day.ts'
import { replayLead } from '../../collector/lead/replay.ts'
import { cellReplayer, replayCells } from '../../collector/lead/replay-cells.ts'
import { engagement } from '../../collector/lead/score.ts'
import type { Cell } from '../../collector/lead/state.ts'
import { histories } from './histories.ts'
import { at, DAY_0, event, facts, standard } from './standard.ts'
import stories from './stories.json' with { type: 'json' }

const rules = standard()
const replay = cellReplayer(rules)
const days = (changes: { to: string; effectiveAt: number }[]): string =>
  changes.map(({ to, effectiveAt }) => `${to}@${dayOf(effectiveAt) - DAY_0}`).join(' ')

describe('a lead replayed from its cells', () => {
  it.each(stories.map((story) => [story.story, story.stage, story] as const))('%s: %s', (_, stage, story) => {
    const cells = story.events.map(({ day, signal, count }): Cell => {
      const timed = signal === 'engaged_minutes'
      const keys = signal === 'download' ? ['/file'] : []
      const lastAt = at(day, 9)
      return {
        signal,
        day: DAY_0 + day,
        count: timed ? 0 : count,
        ms: timed ? count * 60_000 : 0,
        keys,
        lastAt,
      }
    })
    const ended = replayCells(cells, facts(), rules, at(story.at_day + 1), DAY_0 + story.at_day)
    expect(ended.stage).toBe(stage)
  })

  it('has the engagement that its events give, to the hundredth, on any day', () => {
    fc.assert(
      fc.property(histories(), fc.nat(400), (history, later) => {
        const last = Math.max(...history.streams.flat().map((one) => one.at))
        const now = last + later * 86_400_000
        const { lead, cells } = replayLead(history.streams, history.facts, rules, now, dayOf(now) - 1)
        const { total } = engagement(lead, dayOf(now), rules)
        expect(replay(cells, history.facts, now, dayOf(now) - 1).engagement).toBe(total)
      }),
      { numRuns: 400 },
    )
  })

  it('takes the same stages on the same days where no two things happen on one day', () => {
    fc.assert(
      fc.property(histories(), (history) => {
        const seen = new Set<number>()
        const streams = history.streams.map((stream) =>
          stream.filter(
            (one) => one.kind !== 'engage' && !seen.has(dayOf(one.at)) && seen.add(dayOf(one.at)),
          ),
        )
        const replayed = replayLead(streams, history.facts, rules, at(4000), DAY_0 + 3999)
        const quick = replay(replayed.cells, history.facts, at(4000), DAY_0 + 3999)
        expect(days(quick.changes)).toBe(days(replayed.changes))
        expect(quick.stage).toBe(replayed.lead.stage)
      }),
      { numRuns: 400 },
    )
  })

  it('takes the same stages in nearly all histories, ends at the same in 99 of 100', () => {
    const RUNS = 600
    let same = 0
    let ended = 0
    for (const history of fc.sample(histories(), { numRuns: RUNS, seed: 7 })) {
      // Reading time that is reported days after its page view changes a cell that a gate has seen.
      const streams = history.streams.map((stream) =>
        stream.filter((one) => one.kind !== 'engage' || dayOf(one.page.ms) === dayOf(one.at)),
      )
      const replayed = replayLead(streams, history.facts, rules, at(4000), DAY_0 + 3999)
      const quick = replay(replayed.cells, history.facts, at(4000), DAY_0 + 3999)
      if (days(quick.changes) === days(replayed.changes)) same++
      if (quick.stage === replayed.lead.stage) ended++
    }
    expect(same / RUNS).toBeGreaterThanOrEqual(0.96)
    expect(ended / RUNS).toBeGreaterThanOrEqual(0.99)
  })

  it('keeps what conditions have let through, whatever the points become', () => {
    const asking = (points: number) =>
      standard(({ rules }) => {
        const more = { label: 'x', group: 'hand', perDay: 30, points }
        rules.push({ id: 'a', signals: ['page_view'], where: { path: '/services/a' }, ...more })
        rules.push({ id: 'b', signals: ['download'], where: { workEmail: true }, onceEver: true, ...more })
      })
    const [made, tried] = [asking(3), asking(9)]
    fc.assert(
      fc.property(histories(), (history) => {
        const now = Math.max(...history.streams.flat().map((one) => one.at))
        const { cells } = replayLead(history.streams, history.facts, made, now, dayOf(now) - 1)
        const { lead } = replayLead(history.streams, history.facts, tried, now, dayOf(now) - 1)
        const quick = replayCells(cells, history.facts, tried, now, dayOf(now) - 1)
        expect(quick.engagement).toBe(engagement(lead, dayOf(now), tried).total)
      }),
      { numRuns: 150 },
    )
  })

  it('remembers nothing of the lead before', () => {
    fc.assert(
      fc.property(histories(), histories(), (one, two) => {
        const of = (history: typeof one) =>
          replayLead(history.streams, history.facts, rules, at(4000), DAY_0 + 3999)
        const cells = of(two).cells
        replay(of(one).cells, one.facts, at(4000), DAY_0 + 3999)
        const after = replay(cells, two.facts, at(4000), DAY_0 + 3999)
        expect(after).toEqual(replayCells(cells.toReversed(), two.facts, rules, at(4000), DAY_0 + 3999))
      }),
      { numRuns: 60 },
    )
  })

  it('knows who is identified and of whom nothing is known', () => {
    expect(replay([], facts(), at(3), DAY_0 + 2)).toEqual({
      stage: 'lead',
      since: at(0),
      engagement: 0,
      changes: [{ from: 'visitor', to: 'lead', effectiveAt: at(0), by: 'identify' }],
    })
    const asked = [[event('signal', at(0, 8), { name: 'demo_requested' })]]
    const { cells } = replayLead(asked, facts(), rules, at(1), DAY_0)
    const quick = replay(cells, facts({ identifiedAt: at(2) }), at(3), DAY_0 + 2)
    expect(days(quick.changes)).toBe('lead@2 sql@2')
  })
})
