import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Noted, revise } from '../../collector/lead/revise.ts'
import type { StageChange } from '../../collector/lead/state.ts'
import type { Stage } from '../../shared/lead.ts'

/** `lead@1 mql@5`: a history that starts as a visitor. */
function told(text: string): StageChange[] {
  let from: Stage = 'visitor'
  return text.split(' ').map((step) => {
    const [to, at] = step.split('@') as [Stage, string]
    const change: StageChange = { from, to, effectiveAt: Number(at), by: 'rules', why: '' }
    from = to
    return change
  })
}
const noted = (text: string): Noted[] => told(text).map((change, i) => ({ no: i + 1, ...change }))
const shown = (changes: readonly StageChange[]) =>
  changes.map(({ to, effectiveAt }) => `${to}@${effectiveAt}`).join(' ')

describe('a history that was corrected', () => {
  it.each([
    ['lead@1 mql@5', 'lead@1 mql@5', [], ''],
    ['lead@1 mql@5', 'lead@1 mql@5 sql@9', [], 'sql@9'],
    ['lead@1 mql@5', 'lead@1 mql@3', [2], 'mql@3'],
    ['lead@1 mql@5', 'lead@1 mql@3 sql@4', [2], 'mql@3 sql@4'],
    ['lead@1 mql@5 sql@9', 'lead@1 sql@9', [2, 3], 'sql@9'],
    ['lead@1 mql@5 sql@9', 'lead@1 mql@5', [2, 3], 'mql@5'],
    ['lead@1', 'lead@0', [1], 'lead@0'],
  ])('%s, found to be %s: %j give way to %j', (before, after, supersedes, added) => {
    const found = revise(noted(before), told(after))
    expect([found.supersedes, shown(found.added)]).toEqual([supersedes, added])
  })

  it('says afterwards what was found, and whatever is superseded has a row in its place', () => {
    const history = fc
      .array(fc.tuple(fc.constantFrom('lead', 'mql', 'sql'), fc.nat(3)), { minLength: 1, maxLength: 6 })
      .map((steps) => steps.map(([to, at]) => `${to}@${at}`).join(' '))
    fc.assert(
      fc.property(history, history, (before, after) => {
        const { supersedes, added } = revise(noted(before), told(after))
        const kept = noted(before).filter(({ no }) => !supersedes.includes(no))
        expect(shown([...(kept as unknown as StageChange[]), ...added])).toBe(after)
        expect(supersedes.length === 0 || added.length > 0).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
