import { describe, expect, it } from 'vitest'
import { engagement, reasons } from '../../collector/lead/score.ts'
import { trendOn, trendWord } from '../../collector/lead/trend.ts'
import type { Stage } from '../../shared/lead.ts'
import { DAY_0, standard } from './standard.ts'
import { type Story, STORIES as stories, tell } from './tell.ts'

const rules = standard()
describe('the standard preset tells the fifteen stories', () => {
  it('knows all of them', () => {
    expect(stories).toHaveLength(15)
  })

  it.each(stories.map((story: Story) => [story.story, story.stage, story.engagement, story] as const))(
    '%s: %s at engagement %d',
    (_, stage, points, story) => {
      const { lead } = tell(story)
      const today = DAY_0 + story.at_day
      const { total, groups } = engagement(lead, today, rules)
      expect(lead.stage).toBe(stage)
      expect(Math.abs(total / 100 - points)).toBeLessThanOrEqual(0.1)
      for (const [group, value] of Object.entries(groups)) {
        const told = story.groups[group] ?? 0
        expect(Math.abs(value / 100 - told), group).toBeLessThanOrEqual(0.1)
      }
      expect(Math.abs(trendOn(lead.trend, today) - story.trend)).toBeLessThanOrEqual(0.01)
      expect(trendWord(lead.trend, today, rules) === 'cooling').toBe(story.cooling)
    },
  )

  it.each(stories.map((story) => [story.story, story] as const))(
    '%s: its reasons sum to its engagement',
    (_, story) => {
      const { lead, cells } = tell(story)
      const today = DAY_0 + story.at_day
      const lines = reasons(cells, today, rules)
      const sum = lines.reduce((total, line) => total + Math.round(line.points * 100), 0)
      expect(sum).toBe(engagement(lead, today, rules).total)
      expect(lines.every(({ points }) => Number.isInteger(Math.round(points * 1e9) / 1e7))).toBe(true)
    },
  )
})

describe('the ways that the stories take', () => {
  const way = (name: string): Stage[] =>
    tell(stories.find(({ story }) => story === name)!).changes.map(({ to }) => to)

  it.each([
    ['demo requested on the first visit', ['lead', 'sql']],
    ['ten steady visits with service pages', ['lead', 'mql', 'sql']],
    ['ten visits, declining', ['lead', 'mql', 'sql', 'mql']],
    ['ten steady visits, then unsubscribed', ['lead', 'mql', 'sql', 'mql']],
    ['an MQL after 60 silent days', ['lead', 'mql', 'lead']],
    ['careers pages only, six visits', ['lead']],
  ])('%s: %j', (name, stages) => {
    expect(way(name)).toEqual(stages)
  })

  it('says why in words', () => {
    const why = (name: string) =>
      tell(stories.find(({ story }) => story === name)!).changes.map((change) => change.why)
    expect(why('demo requested on the first visit')).toEqual([
      'identified',
      'demo requested on 1 Oct; fit unknown',
    ])
    expect(why('ten steady visits, then unsubscribed').slice(1)).toEqual([
      'engagement 15.1: 2 visits, 8 engaged minutes, 3 intent views in 30 days; trend steady; fit unknown',
      'engagement 55.3: 9 visits, 36 engaged minutes, 17 intent views in 30 days; trend steady; fit unknown',
      'unsubscribed on 6 Nov, no visit since',
    ])
    expect(why('ten visits, declining').at(-1)).toBe('visits cooling for 7 days')
    expect(why('an MQL after 60 silent days').at(-1)).toBe('engagement 7.8, below 9 for 7 days')
  })
})
