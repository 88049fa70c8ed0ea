/** Takes secrets out of addresses and titles. The browser does so too; a server cannot rely on it. */
import type { CleanTexts } from './clean-texts.ts'
import { SECRETS } from './secrets.ts'

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
/** Neither an e-mail address nor a JWT. */
const CLICK_ID = /^(?!eyJ[\w-]+\.)[\w.~-]+$/
const CAMPAIGN = /^utm_[a-z_]{1,40}$/
const MAX_VALUE_LENGTH = 200

/** What a character of a text may be part of: a number or address; a word; `(S(`; `eyJ`. */
const [NUMBER, WORD, PAREN, BIG_J] = [1, 2, 3, 4]
const KINDS: [RegExp, number][] = [
  [/[\d@%=;]/, NUMBER],
  [/J/, BIG_J],
  [/[\w+-]/, WORD],
  [/\(/, PAREN],
]
const KIND_OF = Uint8Array.from(
  { length: 128 },
  (_, code) => KINDS.find(([kind]) => kind.test(String.fromCharCode(code)))?.[1] ?? 0,
)
const WIDE_AT = '＠'.charCodeAt(0)
/** As many word characters in a row may be a token. */
const TOKEN_LENGTH = 16

/**
 * Whether there may be a secret in a text; most titles and paths need no second look. By hand: the same as one
 * expression took a third of a beacon's whole way in.
 */
function isSuspect(text: string): boolean {
  let word = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) {
      if (code === WIDE_AT) return true
      word = 0
      continue
    }
    switch (KIND_OF[code]) {
      case NUMBER:
        return true
      case BIG_J:
        if (text.startsWith('eyJ', i - 2)) return true
        if (++word === TOKEN_LENGTH) return true
        continue
      case WORD:
        if (++word === TOKEN_LENGTH) return true
        continue
      case PAREN:
        if (text.startsWith('(S(', i)) return true
    }
    word = 0
  }
  return false
}

/**
 * Replaces what `secrets.ts` lists: e-mails, tokens, card numbers, telephone numbers, addresses and the like. Passes
 * what is known as clean already, and adds to it.
 */
export function scrubText(text: string, known?: CleanTexts): string {
  if (!isSuspect(text) || known?.has(text)) return text
  let clean = text
  for (const { hint, pattern, replace } of SECRETS) {
    // Each expression runs only where it can match: this is on the way of every beacon.
    if (hint.test(clean)) clean = clean.replace(pattern, replace as string)
  }
  if (clean === text) known?.add(text)
  return clean
}

export interface ScrubbedAddress {
  host: string | null
  path: string
  query: Readonly<Record<string, string>> | undefined
}

const SCHEME = /^[a-z][a-z\d+.-]*:\/\//i

/** Characters of the scheme and its slashes; 0 where there is none. */
function schemeLength(address: string): number {
  if (address.startsWith('https://')) return 8
  if (address.startsWith('/')) return 0
  return SCHEME.exec(address)?.[0].length ?? 0
}

/** Splits an address (absolute, or from the root) into host, scrubbed path and the query keys that may stay. */
export function scrubAddress(address: string, known?: CleanTexts): ScrubbedAddress {
  const hash = address.indexOf('#')
  const whole = hash < 0 ? address : address.slice(0, hash)
  const mark = whole.indexOf('?')
  const before = mark < 0 ? whole : whole.slice(0, mark)
  const query = mark < 0 ? undefined : keptQuery(whole.slice(mark + 1), known)
  // A path may hold an address of its own: only what begins with a scheme is absolute.
  const scheme = schemeLength(before)
  const slash = scheme === 0 ? 0 : before.indexOf('/', scheme)
  const path = slash < 0 ? '/' : before.slice(slash)
  const host = scheme === 0 ? null : before.slice(scheme, slash < 0 ? undefined : slash)
  return {
    // Credentials before an @ are no part of a host's name.
    host: host === null ? null : host.slice(host.lastIndexOf('@') + 1).toLowerCase(),
    path: scrubText(path.startsWith('/') ? path : `/${path}`, known),
    query,
  }
}

function keptQuery(
  search: string,
  known: CleanTexts | undefined,
): Readonly<Record<string, string>> | undefined {
  const before = known?.query(search)
  if (before) return before
  let kept: Record<string, string> | undefined
  let isRemembered = true
  for (const [name, value] of pairs(search)) {
    const key = name.toLowerCase()
    const isCampaign = key.startsWith('utm_') && CAMPAIGN.test(key)
    // A click id is random by nature, and nothing else.
    const stays = isCampaign
      ? value !== '' && scrubText(value, known) === value
      : CLICK_IDS.has(key) && CLICK_ID.test(value)
    // No click comes again, and what is left out may be a secret.
    if (!isCampaign || !stays) isRemembered = false
    if (!stays) continue
    kept ??= {}
    kept[key] = value.slice(0, MAX_VALUE_LENGTH)
  }
  if (kept && isRemembered) known?.addQuery(search, kept)
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
