import { shortDate } from './day.ts'
import type { CompiledRules } from './rules.ts'
import type { Lead } from './state.ts'

/**
 * What to do next with a lead as it stands: the sentence of its stage in the rules; once sales has accepted it, the
 * one for that; before it, what an overdue answer or a cool-down changes. `dueAt` and `now` in ms.
 */
export function nextStep(
  { stage, accepted, coolUntil }: Pick<Lead, 'stage' | 'accepted' | 'coolUntil'>,
  dueAt: number | null,
  rules: CompiledRules,
  now: number,
): string {
  if (stage === 'sql' && accepted) return rules.nextStepAccepted
  const sentence = rules.stages[stage].nextStep
  if (stage === 'sql' && dueAt !== null && dueAt <= now)
    return `Overdue: an answer was due on ${shortDate(dueAt)}. ${sentence}`
  // Nothing that the rules say of these two raises them before.
  if ((stage === 'lead' || stage === 'mql') && coolUntil > now)
    return `Cooling down until ${shortDate(coolUntil)}: nothing promotes before. ${sentence}`
  return sentence
}
