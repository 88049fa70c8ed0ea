/** What sales made of those who asked. */
import type { DecisionName, NoteKind } from '../../../shared/lead.ts'
import type { Decision } from '../../lead/state.ts'
import type { Chance } from './chance.ts'
import { keyAt } from './visit.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const SELLERS = ['Mara Lindqvist', 'Jonas Weber']
const REASONS: readonly (readonly [number, string])[] = [
  [4, 'no_budget'],
  [3, 'bad_timing'],
  [3, 'no_need'],
  [2, 'wrong_person'],
  [2, 'not_reachable'],
  [1, 'competitor'],
]
const NOTES: readonly (readonly [NoteKind, readonly string[]])[] = [
  [
    'budget',
    [
      'Has 20,000 EUR for this year.',
      'Needs an offer before the budget round in January.',
      'Pays from the repair budget.',
    ],
  ],
  [
    'authority',
    ['Decides alone up to 10,000 EUR.', 'The plant manager signs.', 'Purchasing wants three offers.'],
  ],
  [
    'need',
    ['Two gearboxes failed in a year.', 'Old machines without a bus.', 'The insurer asks for monitoring.'],
  ],
  ['timing', ['Wants to start in the next shutdown.', 'Before winter.', 'Pilot first, the rest in spring.']],
]

export interface Worked {
  decisions: Decision[]
  notes: { kind: NoteKind; text: string; at: number; by: string }[]
}

/** What follows a hand-raise at `at`, in the order of time; much of it may lie ahead. */
export function worked(chance: Chance, at: number, keen: boolean): Worked {
  const by = chance.pick(SELLERS)
  const decisions: Decision[] = []
  const notes: Worked['notes'] = []
  const say = (decision: DecisionName, when: number, more: { reason?: string; value?: number } = {}) => {
    decisions.push({
      id: keyAt(chance, when),
      at: when,
      decision,
      by,
      reason: more.reason ?? null,
      until: null,
      value: more.value ?? null,
    })
    return when
  }
  const later = (from: number, median: number) =>
    working(from + Math.round(chance.around(median, 0.5) * DAY_MS))

  const answered = working(at + Math.round(chance.around(2.2, 0.9) * HOUR_MS))
  if (chance.happens(keen ? 0.08 : 0.26)) {
    say('reject', answered, { reason: chance.weighted(REASONS) })
    return { decisions, notes }
  }
  say('accept', answered)
  for (const [kind, texts] of NOTES)
    if (chance.happens(0.45))
      notes.push({ kind, text: chance.pick(texts), at: answered + chance.between(5, 40) * 60_000, by })
  if (!chance.happens(keen ? 0.85 : 0.6)) return { decisions, notes }
  const offered = say('opportunity', later(answered, 5))
  const ends = later(offered, 15)
  if (chance.happens(keen ? 0.62 : 0.3)) say('won', ends, { value: 1_290 * chance.between(1, 14) })
  else if (chance.happens(0.7))
    say('lost', ends, { reason: chance.pick(['price', 'chose a competitor', 'postponed']) })
  return { decisions, notes }
}

/** The moment itself in working hours (9 to 17 UTC, Monday to Friday), else the same minute of the next working morning. */
function working(at: number): number {
  const open = new Date(at)
  const minutes = open.getUTCMinutes()
  if (open.getUTCHours() >= 17) open.setUTCDate(open.getUTCDate() + 1)
  if (open.getUTCHours() >= 17 || open.getUTCHours() < 9) open.setUTCHours(9, minutes)
  while (open.getUTCDay() % 6 === 0) {
    open.setUTCDate(open.getUTCDate() + 1)
    open.setUTCHours(9, minutes)
  }
  return open.getTime()
}
