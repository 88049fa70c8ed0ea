/** What was said of a contact: value and when, by name. Null is 'forget it', and is kept so that an older value stays forgotten. */
export type Learned = Record<string, [value: unknown, at: number]>

/** Names that no trait may have: identifiers are learned like traits. */
export const EMAIL = '$email'
export const PHONE = '$phone'
export const EXTERNAL_ID = '$externalId'
export const CONSENT = '$consent'
export const OBJECTION = '$objection'
export const OWNER = '$owner'

/** Adds what a call said; of two values the later holds, whatever arrived first. */
export function learn(known: Learned, said: Record<string, unknown>, at: number): Learned {
  const next = { ...known }
  for (const [name, value] of Object.entries(said)) {
    const before = Object.hasOwn(next, name) ? next[name] : undefined
    if (!before || isLater([value, at], before)) next[name] = [value, at]
  }
  return next
}

/** All that is known of one person under several records. */
export function together(records: readonly Learned[]): Learned {
  const all: Learned = {}
  for (const record of records) {
    for (const [name, entry] of Object.entries(record)) {
      if (!Object.hasOwn(all, name) || isLater(entry, all[name]!)) all[name] = entry
    }
  }
  return all
}

/** Equal times are settled by the values, so that every order gives the same. */
function isLater([value, at]: [unknown, number], [before, then]: [unknown, number]): boolean {
  return at - then > 0 || (at === then && JSON.stringify(value) > JSON.stringify(before))
}

/** The identifiers and traits that hold, in the order of their names. */
export function facts(learned: Learned): {
  email: string | null
  phone: string | null
  externalId: string | null
  traits: Record<string, unknown>
} {
  const text = (name: string) => (learned[name]?.[0] as string | undefined) ?? null
  const traits = Object.entries(learned)
    .filter(([name, [value]]) => !name.startsWith('$') && value !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, [value]]) => [name, value])
  return {
    email: text(EMAIL),
    phone: text(PHONE),
    externalId: text(EXTERNAL_ID),
    traits: Object.fromEntries(traits),
  }
}
