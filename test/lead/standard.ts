import { DAY_MS } from '../../collector/lead/day.ts'
import { standardDocument } from '../../collector/lead/presets/standard.ts'
import { type CompiledRules, compile, type RulesDocument } from '../../collector/lead/rules.ts'
import type { ContactFacts, EventKey, Occurrence, TrackedEvent } from '../../collector/lead/state.ts'

/** Day 0 of the tests: 1 October 2024. */
export const DAY_0 = 19_997
/** A moment of the tests, in ms. */
export const at = (day: number, hour = 0, minute = 0, second = 0): number =>
  (DAY_0 + day) * DAY_MS + hour * 3_600_000 + minute * 60_000 + second * 1000

/** The standard rules, perhaps with a change. */
export function standard(change: (document: RulesDocument) => void = () => undefined): CompiledRules {
  const document = structuredClone(standardDocument) as RulesDocument
  change(document)
  const compiled = compile(document)
  if (!compiled.ok) throw new Error(compiled.errors.join('\n'))
  return compiled.rules
}

export const facts = (change: Partial<ContactFacts> = {}): ContactFacts => ({
  identifiedAt: at(0),
  traits: {},
  email: null,
  verified: true,
  ...change,
})

/** `count` occurrences of a signal at one moment; of engaged time, one of that many minutes. */
export function happen(signal: string, moment: number, count = 1): Occurrence[] {
  const day = Math.floor(moment / DAY_MS)
  const one = { signal, at: moment, day, count: 1, ms: 0 }
  if (signal === 'engaged_minutes') return [{ ...one, count: 0, ms: count * 60_000, key: null }]
  return Array.from({ length: count }, (_, i) => ({
    ...one,
    key: signal === 'download' ? `/file-${i}` : null,
  }))
}

type Kind<K extends TrackedEvent['kind']> = Omit<Extract<TrackedEvent, { kind: K }>, 'id' | 'at' | 'kind'>

/** An event whose key is its time and a number. */
export function event<K extends TrackedEvent['kind']>(
  kind: K,
  moment: number,
  rest: Kind<K>,
  key = 0,
): TrackedEvent {
  return { kind, at: moment, id: { ms: moment, key }, ...rest } as unknown as TrackedEvent
}

export const keyOf = (id: EventKey): string => `${id.ms}.${id.key}`
