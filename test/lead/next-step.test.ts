import { describe, expect, it } from 'vitest'
import { nextStep } from '../../collector/lead/next-step.ts'
import type { Stage } from '../../shared/lead.ts'
import { at, standard } from './standard.ts'

const rules = standard()
const NOW = at(10)
const CALL = 'Call today: accept the lead, then offer a demo or a quote.'
const NURTURE = 'Nurture by e-mail with what they read; do not call yet.'

describe('the next step', () => {
  it.each<[what: string, stage: Stage, accepted: boolean, due: number | null, cool: number, says: string]>([
    ['of an SQL is to accept it', 'sql', false, at(11), 0, CALL],
    [
      'of an overdue one begins with that',
      'sql',
      false,
      at(3),
      0,
      `Overdue: an answer was due on 4 Oct. ${CALL}`,
    ],
    ['is overdue from the moment on', 'sql', false, NOW, 0, `Overdue: an answer was due on 11 Oct. ${CALL}`],
    ['of an accepted one is what comes after', 'sql', true, null, 0, rules.nextStepAccepted],
    ['of an opportunity is its stage', 'opportunity', true, null, 0, 'Follow up on the offer.'],
    ['of an MQL is its stage', 'mql', false, null, 0, NURTURE],
    [
      'of one sent back names the end of the cool-down',
      'mql',
      false,
      null,
      at(40),
      `Cooling down until 10 Nov: nothing promotes before. ${NURTURE}`,
    ],
    ['forgets the cool-down when it is over', 'mql', false, null, NOW, NURTURE],
    ['of a customer knows no cool-down', 'customer', true, null, at(40), rules.stages.customer.nextStep],
  ])('%s', (_, stage, accepted, dueAt, coolUntil, says) => {
    expect(nextStep({ stage, accepted, coolUntil }, dueAt, rules, NOW)).toBe(says)
  })

  it('of an accepted SQL is what the rules say, where they do', () => {
    const own = standard((document) => {
      document.stages.sql.nextStepAccepted = 'Send the price list.'
    })
    expect(nextStep({ stage: 'sql', accepted: true, coolUntil: 0 }, null, own, NOW)).toBe(
      'Send the price list.',
    )
  })
})
