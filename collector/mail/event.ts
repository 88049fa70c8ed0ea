/** What a provider tells of a mail, as a signal of whoever it went to. */
import { scrubAddress } from '../scrub.ts'

export type MailSignal =
  | 'email_open'
  | 'email_click'
  | 'email_bounce'
  | 'email_complaint'
  | 'email_unsubscribe'

export type MailEvent =
  | {
      signal: MailSignal
      /** Of the person, in lower case. */
      address: string
      /** The provider's own id, or what tells this event from others. */
      id: string
      /** ms. */
      at: number
      props: Record<string, string>
    }
  /** Nothing that a score is made of; what it is. */
  | { left: string }

/** Names of providers' events are short; anything longer is none. */
const MAX_NAME_LENGTH = 40
const MAX_ADDRESS_LENGTH = 254
const MAX_PROP_LENGTH = 300

export type Fields = Readonly<Record<string, unknown>>

export const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined

export const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== ''
    ? value.trim()
    : typeof value === 'number'
      ? `${value}`
      : undefined

/** Left because of its name, which becomes the name of a number. */
export const leftAs = (name: string): { left: string } => ({
  left:
    name
      .toLowerCase()
      .replace(/[^a-z\d]+/g, '-')
      .slice(0, MAX_NAME_LENGTH) || 'unreadable',
})

export const addressIn = (value: unknown): string | undefined => {
  const address = textIn(value)?.toLowerCase()
  return address !== undefined && address.length <= MAX_ADDRESS_LENGTH && address.includes('@')
    ? address
    : undefined
}

/** Properties that are there, cut to what is worth keeping. */
export function propsOf(all: Record<string, unknown>): Record<string, string> {
  const known = Object.entries(all).map(
    ([name, value]) => [name, textIn(value)?.slice(0, MAX_PROP_LENGTH)] as const,
  )
  return Object.fromEntries(known.filter((pair): pair is readonly [string, string] => pair[1] !== undefined))
}

/** Host and path of a link: what it carries behind ? is somebody's. */
export function linkIn(value: unknown): string | undefined {
  const link = textIn(value)
  if (link === undefined) return undefined
  const { host, path } = scrubAddress(link)
  return host === null ? path : host + path
}
