import type { Fit, Signal, Stage } from '../../shared/lead.ts'
import { shortDate } from './day.ts'
import { fit } from './fit.ts'
import { activity, type Qualified } from './qualify.ts'
import type { CompiledRules } from './rules.ts'
import { engagement } from './score.ts'
import { RULE_PREFIX } from './signals.ts'
import type { ContactFacts, Lead } from './state.ts'
import { trendWord } from './trend.ts'

/** Why a lead rises, in a salesperson's words: the hand-raise where one opened the gate, else what they did. */
export function whyUp(
  lead: Lead,
  found: Qualified,
  facts: ContactFacts,
  day: number,
  rules: CompiledRules,
): string {
  const raised = hasRaised(found)
  const cause =
    raised && lead.handRaise
      ? dated(lead.handRaise.signal, lead.handRaise.at, rules)
      : active(lead, day, rules)
  return `${cause}; ${fitWords(fit(facts, rules))}`
}

/** The whole sentence of a change: 'SQL because: demo requested on 3 Nov'. */
export function because(to: Stage, why: string): string {
  const name = to === 'mql' || to === 'sql' ? to.toUpperCase() : to.charAt(0).toUpperCase() + to.slice(1)
  return `${name} because: ${why}`
}

/** Whether a hand-raise opened the gate. */
export const hasRaised = ({ by }: Qualified): boolean =>
  by.some((gate) => gate.kind === 'is' && gate.of === 'handRaise' && gate.is)

/** Why somebody became a lead. */
export function whyIdentified(facts: ContactFacts): string {
  const left = facts.email === null ? 'identified' : 'left an e-mail address'
  return facts.verified ? left : `${left}, not verified`
}

/** Why a tick took a stage away. `low` and `cooling` say which streaks are full. */
export function whyDown(
  lead: Lead,
  day: number,
  rules: CompiledRules,
  low: boolean,
  cooling: boolean,
): string {
  const floor = lead.stage === 'sql' ? rules.sql : rules.mql
  if (lead.stage === 'sql') {
    if (lead.suppressed) return 'complained about e-mail'
    if (lead.unsubscribedAt > lead.lastVisitAt)
      return `unsubscribed on ${shortDate(lead.unsubscribedAt)}, no visit since`
  }
  const causes: string[] = []
  if (lead.stage === 'sql' && lead.handRaise) {
    const { signal, at } = lead.handRaise
    causes.push(`${dated(signal, at, rules)}, over ${rules.sql.handRaiseDays} days ago`)
  }
  const points = engagement(lead, day, rules).total
  if (low)
    causes.push(`engagement ${tenths(points)}, below ${floor.leave / 100} for ${count(floor.ticks, 'day')}`)
  if (cooling) causes.push(`visits cooling for ${count(floor.ticks, 'day')}`)
  return causes.join('; ')
}

function active(lead: Lead, day: number, rules: CompiledRules): string {
  const { visits, ms, intent } = activity(lead, day, rules)
  const did = [
    count(visits, 'visit'),
    count(Math.round(ms / 60_000), 'engaged minute'),
    count(intent, 'intent view'),
  ].join(', ')
  const points = tenths(engagement(lead, day, rules).total)
  return `engagement ${points}: ${did} in ${rules.windowDays} days; trend ${trendWord(lead.trend, day, rules)}`
}

function fitWords({ score, known, fields, disqualified }: Fit): string {
  if (disqualified !== undefined) return disqualified
  return known === 0 ? 'fit unknown' : `fit ${score} of 100, ${known} of ${fields} fields known`
}

/** `demo_requested` -> `demo requested on 3 Nov`; what a rule with conditions saw bears its label. */
function dated(signal: Signal, at: number, rules: CompiledRules): string {
  const label = rules.bySignal.get(signal)?.[0]?.label
  const name = signal.startsWith(RULE_PREFIX) && label ? label : signal.replaceAll('_', ' ')
  return `${name} on ${shortDate(at)}`
}

const tenths = (hundredths: number): string => String(Math.round(hundredths / 10) / 10)

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
