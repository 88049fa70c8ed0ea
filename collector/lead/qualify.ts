import type { Fit } from '../../shared/lead.ts'
import { dayOf } from './day.ts'
import { fit } from './fit.ts'
import { type Gate, passes, type Standing } from './gate.ts'
import type { CompiledRules } from './rules.ts'
import { engagement } from './score.ts'
import type { ContactFacts, Lead } from './state.ts'
import { trendWord } from './trend.ts'

/** A stage that the gates open on a day, and the conditions by which they do. */
export interface Qualified {
  stage: 'mql' | 'sql'
  by: Gate[]
}

/** What a lead did in the window of the gates, today included. */
export interface Activity {
  visits: number
  ms: number
  intent: number
}

/** The highest stage above its own that the gates open for a lead on a day; null where that is none. */
export function qualify(
  lead: Lead,
  facts: ContactFacts,
  day: number,
  rules: CompiledRules,
): Qualified | null {
  const standing = standingOf(lead, facts, day, rules)
  // Whatever the document says: a browser's unsigned claim never makes an SQL, nor does somebody who has just left.
  if (facts.verified && !isBlocked(lead)) {
    const by = passes(rules.sql.enter, standing)
    if (by) return { stage: 'sql', by }
  }
  if (lead.stage === 'mql') return null
  const by = passes(rules.mql.enter, standing)
  return by && { stage: 'mql', by }
}

/** Unsubscribed since the last visit began, or complained and not asked for anything since. */
export const isBlocked = (lead: Lead): boolean => lead.suppressed || hasLeft(lead)

export function activity(lead: Lead, day: number, rules: CompiledRules): Activity {
  const sum = { visits: 0, ms: 0, intent: 0 }
  for (const entry of lead.window) {
    if (entry.day <= day - rules.windowDays) continue
    sum.visits += entry.visits
    sum.ms += entry.ms
    sum.intent += entry.intent
  }
  return sum
}

const hasLeft = (lead: Lead): boolean => lead.unsubscribedAt > lead.lastVisitAt

/** A hand-raise promotes once, and only while it is in the window. */
function canPromote(lead: Lead, day: number, rules: CompiledRules): boolean {
  const raise = lead.handRaise
  return raise !== null && raise.at > lead.handRaiseSpentAt && dayOf(raise.at) > day - rules.windowDays
}

/** Fit and activity are worked out only where a gate comes to ask for them: most events change no stage. */
export function standingOf(lead: Lead, facts: ContactFacts, day: number, rules: CompiledRules): Standing {
  const points = engagement(lead, day, rules).total / 100
  let fitting: Fit | undefined
  let active: Activity | undefined
  const fits = (): Fit => (fitting ??= fit(facts, rules))
  const acts = (): Activity => (active ??= activity(lead, day, rules))
  return {
    amount(of) {
      switch (of) {
        case 'engagement':
          return points
        case 'fit':
          return fits().score
        case 'visits':
          return acts().visits
        case 'engagedMinutes':
          return acts().ms / 60_000
        case 'intentViews':
          return acts().intent
        default:
          return of satisfies never
      }
    },
    is(of) {
      switch (of) {
        case 'fitBad':
          return fits().bad
        case 'handRaise':
          return canPromote(lead, day, rules)
        case 'cooling':
        case 'rising':
          return trendWord(lead.trend, day, rules) === of
        case 'unsubscribed':
          return hasLeft(lead)
        case 'suppressed':
          return lead.suppressed
        case 'consent':
          return facts.consent === true
        case 'verified':
          return facts.verified
        default:
          return of satisfies never
      }
    },
  }
}
