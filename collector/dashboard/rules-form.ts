import type { RulesDocument } from '../lead/rules.ts'

type Gate = { [key: string]: unknown }

/** Every place in a gate that asks for engagement. */
function engagements(gate: unknown): Gate[] {
  if (gate === null || typeof gate !== 'object') return []
  const own = !Array.isArray(gate) && typeof (gate as Gate).engagement === 'number' ? [gate as Gate] : []
  return [...own, ...Object.values(gate).flatMap(engagements)]
}

const MOVED = ['mql', 'sql'] as const

/** The greatest engagement that the gate of a stage asks for; undefined where it asks for none. */
export function thresholdOf(document: RulesDocument, stage: (typeof MOVED)[number]): number | undefined {
  const found = engagements(document.stages[stage].enter).map(({ engagement }) => engagement as number)
  return found.length === 0 ? undefined : Math.max(...found)
}

/**
 * The document with the numbers of a form in it: `threshold.STAGE`, `rules.ID.points`, `rules.ID.perDay`,
 * `groups.ID.cap`, `groups.ID.halfLifeDays` (empty: never fades). What is no number is left as text, so that the
 * check of the rules says what is wrong. Names that the document does not have are passed over.
 */
export function withNumbers(document: RulesDocument, posted: URLSearchParams): RulesDocument {
  const changed = structuredClone(document)
  const told = (name: string): unknown => {
    const text = posted.get(name)?.trim()
    if (text === undefined) return undefined
    return text === '' || Number.isNaN(Number(text)) ? text : Number(text)
  }
  for (const rule of changed.rules) {
    const points = told(`rules.${rule.id}.points`)
    if (points !== undefined) rule.points = points as number
    const perDay = told(`rules.${rule.id}.perDay`)
    if (perDay === '') delete rule.perDay
    else if (perDay !== undefined) rule.perDay = perDay as number
  }
  for (const [id, group] of Object.entries(changed.groups)) {
    const cap = told(`groups.${id}.cap`)
    if (cap !== undefined) group.cap = cap as number
    const halfLife = told(`groups.${id}.halfLifeDays`)
    if (halfLife !== undefined) group.halfLifeDays = halfLife === '' ? null : (halfLife as number)
  }
  for (const stage of MOVED) {
    const threshold = told(`threshold.${stage}`)
    const before = thresholdOf(changed, stage)
    if (threshold === undefined || before === undefined) continue
    for (const gate of engagements(changed.stages[stage].enter))
      if (gate.engagement === before) gate.engagement = threshold
    const leave = told(`leave.${stage}`)
    if (leave !== undefined) changed.stages[stage].leave.engagement = leave as number
  }
  return changed
}

/** The document with a page's path as one of a kind; a kind that was not there is made. */
export function withPage(document: RulesDocument, kind: string, path: string): RulesDocument {
  const changed = structuredClone(document)
  changed.pages[kind] = [...(changed.pages[kind] ?? []), path]
  return changed
}
