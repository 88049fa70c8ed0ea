/** How a person is called, and where that stands in an alphabet. */
import type { Contact } from './store.ts'

/** Characters by which names are told apart: they travel in cursors. */
const MAX_LENGTH = 40

/** Name as Segment's reserved traits spell it. */
export function nameOf(traits: Record<string, unknown>): string | null {
  const both = [textOf(traits.firstName), textOf(traits.lastName)].filter((part) => part !== null).join(' ')
  return textOf(traits.name) ?? (both === '' ? null : both)
}

/** The name, or else what there is of e-mail, phone and own id: without regard to case and accents. */
export function sortNameOf({
  traits,
  email,
  phone,
  externalId,
}: Pick<Contact, 'traits' | 'email' | 'phone' | 'externalId'>): string {
  const shown = nameOf(traits) ?? email ?? phone ?? externalId ?? ''
  const plain = shown
    .trim()
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
  return [...plain.toLowerCase()].slice(0, MAX_LENGTH).join('')
}

export const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null
