/** Takes secrets out of addresses and titles. The browser does so too; a server cannot rely on it. */

/** Click ids of ad networks; with the campaign tags (`utm_*`) all that an address may keep of its query. */
const CLICK_IDS = new Set([
  'gclid',
  'gbraid',
  'wbraid',
  'dclid',
  'fbclid',
  'msclkid',
  'ttclid',
  'twclid',
  'yclid',
  'li_fat_id',
])
const CAMPAIGN = /^utm_[a-z_]{1,40}$/
const MAX_VALUE_LENGTH = 200

/**
 * The @ may be encoded, once or twice. No % in the domain: with one, a run of `%40` took 40 ms for one address,
 * since every start tried every end.
 */
const EMAIL = /[^\s/@?&=]{1,64}(?:@|%(?:25)?40)[^\s/@?&=%]{1,253}\.\p{L}{2,}/giu
/** Three base64url parts of which the first begins like `{"`; sought at the start of a word only, else quadratic. */
const JWT = /(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g
/** 24 or more of an alphabet that secrets use: tokens, UUIDs, hashes. */
const LONG = /[\w-]{24,}/g
const LONG_CHARACTERS = 24

/** Replaces e-mails, JWTs and long random segments in a text. */
export function scrubText(text: string): string {
  // Each expression runs only where it can match: this is on the way of every beacon.
  let clean = text
  if (clean.includes('@') || clean.includes('40')) clean = clean.replace(EMAIL, '[email]')
  if (clean.includes('eyJ')) clean = clean.replace(JWT, '[token]')
  if (clean.length < LONG_CHARACTERS || !hasLong(clean)) return clean
  return clean.replace(LONG, (found) => (isRandom(found) ? '[token]' : found))
}

const WORD_CHARACTER = 1
const DIGIT = 2
/** What each ASCII character is to `LONG`. */
const CHARACTERS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  return /\d/.test(character) ? DIGIT : /[\w-]/.test(character) ? WORD_CHARACTER : 0
})

/** Whether `LONG` finds something with a digit in it: seldom, and a loop sees that in a tenth of its time. */
function hasLong(text: string): boolean {
  let length = 0
  let digit = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const character = code < 128 ? CHARACTERS[code]! : 0
    if (character === 0) {
      length = 0
      digit = false
      continue
    }
    length++
    if (character === DIGIT) digit = true
    if (digit && length >= LONG_CHARACTERS) return true
  }
  return false
}

const WORD = /^[a-z]+$/i
const NUMBER = /^(\d{1,4}|(19|20)\d\d[01]\d[0-3]\d)$/
/** 'b2b', 'h264', 'iso9001', 'v2'. */
const MODEL = /^[a-z\d]{2,7}$/i

/**
 * Random has a digit. A long slug or file name such as `10-ways-to-measure-pressure-drop` or
 * `Datasheet_PX200_2026` has them too, but is words for the greater part.
 */
function isRandom(found: string): boolean {
  if (!/\d/.test(found)) return false
  const parts = found.split(/[-_]+/).filter((part) => part !== '')
  if (parts.length === 1) return true
  const others = parts.filter((part) => !WORD.test(part) && !NUMBER.test(part))
  const words = parts.filter((part) => part.length > 1 && WORD.test(part))
  return !others.every((part) => MODEL.test(part)) || others.length > words.length || words.length === 0
}

export interface ScrubbedAddress {
  host: string | null
  path: string
  query: Record<string, string> | undefined
}

const SCHEME = /^[a-z][a-z\d+.-]*:\/\//i

/** Characters of the scheme and its slashes; 0 where there is none. */
function schemeLength(address: string): number {
  if (address.startsWith('https://')) return 8
  if (address.startsWith('/')) return 0
  return SCHEME.exec(address)?.[0].length ?? 0
}

/** Splits an address (absolute, or from the root) into host, scrubbed path and the query keys that may stay. */
export function scrubAddress(address: string): ScrubbedAddress {
  const hash = address.indexOf('#')
  const whole = hash < 0 ? address : address.slice(0, hash)
  const mark = whole.indexOf('?')
  const before = mark < 0 ? whole : whole.slice(0, mark)
  const query = mark < 0 ? undefined : keptQuery(whole.slice(mark + 1))
  // A path may hold an address of its own: only what begins with a scheme is absolute.
  const scheme = schemeLength(before)
  const slash = scheme === 0 ? 0 : before.indexOf('/', scheme)
  const path = slash < 0 ? '/' : before.slice(slash)
  const host = scheme === 0 ? null : before.slice(scheme, slash < 0 ? undefined : slash)
  return {
    // Credentials before an @ are no part of a host's name.
    host: host === null ? null : host.slice(host.lastIndexOf('@') + 1).toLowerCase(),
    path: scrubText(path.startsWith('/') ? path : `/${path}`),
    query,
  }
}

function keptQuery(search: string): Record<string, string> | undefined {
  let kept: Record<string, string> | undefined
  for (const [name, value] of pairs(search)) {
    const key = name.toLowerCase()
    const campaign = key.startsWith('utm_') && CAMPAIGN.test(key)
    if (value === '' || (!campaign && !CLICK_IDS.has(key))) continue
    kept ??= {}
    kept[key] = (campaign ? scrubText(value) : value).slice(0, MAX_VALUE_LENGTH)
  }
  return kept
}

/** The pairs of a query as `URLSearchParams` reads them. Where nothing is encoded, splitting costs a fifth of it. */
function pairs(search: string): Iterable<[string, string]> {
  if (/[%+]|^\?/.test(search)) return new URLSearchParams(search)
  return search.split('&').map((pair) => {
    const sign = pair.indexOf('=')
    return sign < 0 ? [pair, ''] : [pair.slice(0, sign), pair.slice(sign + 1)]
  })
}
