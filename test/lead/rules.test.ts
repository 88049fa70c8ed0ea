import { describe, expect, it } from 'vitest'
import type { GateDocument } from '../../collector/lead/gate.ts'
import { standardDocument } from '../../collector/lead/presets/standard.ts'
import { compile, type RulesDocument } from '../../collector/lead/rules.ts'
import { SERVER_SIGNALS } from '../../shared/lead.ts'
import { type Edit, edited, MISTAKES } from './mistakes.ts'
import { standard } from './standard.ts'

/** Errors of the standard document after an edit. */
function errorsAfter(edit: Edit): string[] {
  const compiled = compile(edited(edit))
  return compiled.ok ? [] : compiled.errors
}

describe('the standard preset', () => {
  it('compiles', () => {
    expect(compile(standardDocument)).toMatchObject({ ok: true })
  })

  it('has a rule for each server-sent signal', () => {
    const rules = standard()
    expect(SERVER_SIGNALS.filter((signal) => !rules.bySignal.has(signal))).toEqual([])
  })

  it('opens the hand-raise gate to five server-sent signals, and counts four as intent', () => {
    const { handRaise, intent, thresholds } = standard()
    expect([...handRaise].sort()).toEqual([
      'demo_requested',
      'meeting_booked',
      'product_question',
      'quote_requested',
      'trial_started',
    ])
    expect([...intent].sort()).toEqual(['cart', 'checkout_view', 'pricing_view', 'service_view'])
    expect(thresholds).toEqual({ mql: 15, sql: 55 })
  })

  it('cuts points at once a day where no cap a day is given', () => {
    const { rules } = standard()
    expect(rules.find(({ id }) => id === 'checkout')).toMatchObject({ points: 1500, perDay: 1500 })
    expect(rules.find(({ id }) => id === 'careers')).toMatchObject({ points: -1000, perDay: 1000 })
  })
})

describe('a mistake in the rules is named with its field and its mend', () => {
  it.each(MISTAKES)('%s', (error, edit) => {
    expect(errorsAfter(edit)).toContain(error)
  })

  it.each([[null], ['text'], [[]], [7]])('%j is no document', (document) => {
    expect(compile(document)).toMatchObject({
      ok: false,
      errors: expect.arrayContaining([expect.stringContaining('expected an object')]),
    })
  })

  it('bounds the depth of a gate and the number of errors', () => {
    let gate: GateDocument = { engagement: 1 }
    for (let i = 0; i < 5000; i++) gate = { all: [gate] }
    expect(
      errorsAfter((document) => {
        document.stages.mql.enter = gate
      }).join(),
    ).toContain('at most 8 levels')
    expect(
      errorsAfter((document) => {
        document.rules = Array.from({ length: 500 }, () => ({}))
      }),
    ).toHaveLength(100)
  })

  it('lets a document say more than the standard one', () => {
    const rules = standard((document: RulesDocument) => {
      document.pages.video = ['/videos/**']
      document.stages.mql.enter = { all: [{ engagement: 30 }, { fit: 50 }, { verified: true }] }
    })
    expect(rules.pageKind('/videos/tour')).toBe('video')
    expect(rules.thresholds.mql).toBe(30)
  })
})
