import type { Check } from './check.ts'

/** Conditions that compare with a least number. Engagement and fit in points of 100, the others as counted in the window. */
const LEAST = {
  engagement: 100,
  fit: 100,
  visits: 1000,
  engagedMinutes: 10_000,
  intentViews: 10_000,
} as const
/** Conditions that ask for yes or no. */
const YES_NO = [
  'fitBad',
  'handRaise',
  'cooling',
  'rising',
  'unsubscribed',
  'suppressed',
  'consent',
  'verified',
] as const

type Least = keyof typeof LEAST
type YesNo = (typeof YES_NO)[number]

/** A gate as the document writes it: a tree of `all`, `any` and `not` over conditions of one key each. */
export type GateDocument =
  | { all: GateDocument[] }
  | { any: GateDocument[] }
  | { not: GateDocument }
  | { [key in Least]?: number }
  | { [key in YesNo]?: boolean }

export type Gate =
  | { kind: 'all' | 'any'; parts: Gate[] }
  | { kind: 'not'; part: Gate }
  | { kind: 'least'; of: Least; least: number }
  | { kind: 'is'; of: YesNo; is: boolean }

/** Answers the conditions of a gate about one lead at one moment. */
export interface Standing {
  /** Engagement and fit in points; minutes with their fraction. */
  amount(of: Least): number
  is(of: YesNo): boolean
}

/** Conditions nested deeper are a mistake, and would run off the stack. */
const MAX_DEPTH = 8
const CONDITIONS = ['all', 'any', 'not', ...Object.keys(LEAST), ...YES_NO]

/** Reads a gate; errors go to `check`. An empty `any` holds for nobody, an empty `all` is refused as a mistake. */
export function readGate(check: Check, path: string, value: unknown, depth = 0): Gate {
  const never: Gate = { kind: 'any', parts: [] }
  const node = check.object(path, value, CONDITIONS)
  const keys = Object.keys(node).filter((key) => CONDITIONS.includes(key))
  const key = keys[0]
  if (keys.length !== 1 || key === undefined || depth > MAX_DEPTH) {
    const problem =
      depth > MAX_DEPTH ? `at most ${MAX_DEPTH} levels` : `exactly one condition, got ${keys.length}`
    check.fail(path, `expected ${problem}`)
    return never
  }
  const at = `${path}.${key}`
  if (key === 'all' || key === 'any') {
    const list = check.list(at, node[key], 50)
    if (Array.isArray(node[key]) && node[key].length === 0)
      check.fail(at, 'expected at least one condition, got none')
    return { kind: key, parts: list.map((part, i) => readGate(check, `${at}[${i}]`, part, depth + 1)) }
  }
  if (key === 'not') return { kind: 'not', part: readGate(check, at, node[key], depth + 1) }
  const asked = YES_NO.find((one) => one === key)
  if (asked) {
    if (node[key] === undefined) check.fail(at, 'expected true or false, got nothing')
    return { kind: 'is', of: asked, is: check.flag(at, node[key]) }
  }
  const of = key as Least
  return { kind: 'least', of, least: check.number(at, node[key], 0, LEAST[of]) }
}

/** The conditions by which a gate holds, those of the first branch of each `any` that does; null where it does not. */
export function passes(gate: Gate, standing: Standing): Gate[] | null {
  switch (gate.kind) {
    case 'least':
      return standing.amount(gate.of) >= gate.least ? [gate] : null
    case 'is':
      return standing.is(gate.of) === gate.is ? [gate] : null
    case 'not':
      return passes(gate.part, standing) ? null : [gate]
    case 'all': {
      const found: Gate[] = []
      for (const part of gate.parts) {
        const by = passes(part, standing)
        if (!by) return null
        found.push(...by)
      }
      return found
    }
    case 'any':
      for (const part of gate.parts) {
        const by = passes(part, standing)
        if (by) return by
      }
      return null
    default:
      return gate satisfies never
  }
}

/** The least engagement, in points, that a gate asks for anywhere; 0 where none does. */
export function engagementOf(gate: Gate): number {
  if (gate.kind === 'least') return gate.of === 'engagement' ? gate.least : 0
  if (gate.kind === 'is' || gate.kind === 'not') return 0
  return Math.max(0, ...gate.parts.map(engagementOf))
}
