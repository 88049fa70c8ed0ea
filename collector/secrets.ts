/**
 * What counts as a secret in an address or a title, as a table: one rule a kind. A secret is worth more than a page's
 * name, but a report is worth nothing when slugs, dates, article numbers and versions go too: each rule asks for
 * what only its kind has (a check digit, a prefix, randomness).
 *
 * Linear by the shape of the expressions: a quantifier without a bound starts only where a run of its own characters
 * starts (the look-behind), so no two starts read the same text; all others are bounded. A test holds that, too.
 */
import { isIPv6 } from 'node:net'
import ibanLengths from './iban-lengths.json' with { type: 'json' }

export interface Secret {
  what: string
  /** What any text with this secret has; a search for it costs next to nothing. */
  hint: RegExp
  pattern: RegExp
  /** What stands in its place; the text itself where it is none after all. */
  replace: string | ((found: string, ...groups: string[]) => string)
}

/** Names whose value is a secret wherever it stands: `token=...`, `access_token=...`, `;sid=...`. */
const SECRET_NAMES =
  'pass(?:word|wd|phrase)?|pwd|secret|token|jwt|api[_-]?key|apikey|auth|credentials?|session|session[_-]?id|sid|otp|signature|sig|ticket'

/** An encoded character may be encoded again, each time with one more `25`. */
const encoded = (hex: string) => `%(?:25){0,3}${hex}`

export const SECRETS: Secret[] = [
  {
    what: 'credentials of an address',
    hint: /\/\//,
    pattern: /(?<=\/\/)[^\s/@?#]{1,256}@(?=[^\s/])/g,
    replace: '',
  },
  {
    what: 'session id of a Java, PHP or ASP server in the path',
    hint: /;|\(S\(|%3B/i,
    pattern:
      /(?:;|%3B)(?:jsessionid|phpsessid|aspsessionid|sessionid|sid)(?:=|%3D)[^\s/;?&#]*|\/\(S\([a-z\d]{8,64}\)\)/gi,
    replace: '',
  },
  {
    what: 'JWT',
    hint: /eyJ/,
    pattern: /(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*){0,3}/g,
    replace: '[token]',
  },
  {
    what: 'e-mail address',
    hint: /[@＠]|%(?:25){0,3}40/,
    pattern: new RegExp(
      // Neither `name@1.2.3` of a package nor `logo@2x.png`. No % in the domain but in an encoded dot.
      `(?<![^\\s/@＠?&=<>"(),;:[\\]])[^\\s/@＠?&=<>"(),;:[\\]]+(?:[@＠]|${encoded('40')})(?!v?\\d+\\.\\d|\\dx\\.)[^\\s/@＠?&=%<>"(),;:[\\]]{1,253}(?:(?:\\.|${encoded('2E')})\\p{L}{2,63})`,
      'giu',
    ),
    replace: '[email]',
  },
  {
    what: 'UUID',
    hint: /[\da-f]{4}-[\da-f]{4}-/i,
    pattern: /(?<![\da-f])[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}(?![\da-f])/gi,
    replace: '[token]',
  },
  {
    what: 'IBAN, by its check digits',
    hint: /[a-z]{2}\d\d/i,
    pattern: /(?<![a-z\d])[a-z]{2}\d{2}(?:(?:[ +-]|%20)?[a-z\d]){11,30}/gi,
    replace: iban,
  },
  {
    what: 'key of a known service, by its prefix',
    hint: /AKIA|ASIA|AIza|gh[oprsu]_|github_pat_|xox[abeprs]-|k_(?:live|test)_|whsec_|glpat-|npm_|lw_|SG\.|ya29\.|sk-/,
    pattern:
      /(?<![A-Za-z\d])(?:AKIA|ASIA|AIza|gh[oprsu]_|github_pat_|xox[abeprs]-|[prs]k_(?:live|test)_|whsec_|glpat-|npm_|lw_|SG\.|ya29\.|sk-(?=[\w-]*\d))[\w.-]{16,}/g,
    replace: '[token]',
  },
  {
    what: 'value of a name that says so',
    hint: /=|%3D/i,
    pattern: new RegExp(`(?<![a-z\\d])(${SECRET_NAMES})(=|${encoded('3D')})[^\\s/&;#?]+`, 'gi'),
    replace: (_found, name, equals) => `${name}${equals}[token]`,
  },
  {
    what: 'short code behind a path that hands one out',
    hint: /\d/,
    pattern:
      /(\/(?:password[_-]?reset|reset(?:[_-]password)?|verify|verification|confirm|confirmation|activate|activation|invite|invitation|unsubscribe|magic[_-]?link|token|otp|session|auth)\/)([a-z\d]{6,64})(?![^/?#.])/gi,
    replace: (found, before, code) => (isCode(code!) ? `${before}[token]` : found),
  },
  {
    what: 'card number, by its prefix and check digit',
    hint: /\d{4}/,
    // As printed, in groups, or in one piece. 13 and 14 digits in one piece are article numbers and ids of shops.
    pattern:
      /(?<![\d.])(?:\d{4}([ +-]|%20)\d{4}\1\d{4}\1\d{4}|3\d{3}([ +-]|%20)\d{6}\2\d{4,5}|\d{15,19})(?![\d.]*\d)/g,
    replace: (found) => (isCard(found.replace(/%20|\D/g, '')) ? '[card]' : found),
  },
  {
    what: 'telephone number with its country',
    hint: /\+\(?\d|00[1-9]|%(?:25){0,3}2B/i,
    pattern: new RegExp(
      `(?<![\\w.])(?:\\+|${encoded('2B')}|00(?=[1-9]))\\(?[1-9]\\d{0,2}(?:(?:[ ()./-]|%20){0,3}\\d){6,12}(?![\\w])`,
      'gi',
    ),
    replace: (found) => (found.startsWith('00') && isArticle(found) ? found : '[phone]'),
  },
  {
    what: 'telephone number as written in North America and France',
    hint: /\d\d[ .)-]/,
    pattern:
      /(?<![\w.-])(?:(?:1[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])\d{3}[ .-]\d{4}|0[1-9](?:([ .-])\d\d)(?:\1\d\d){3})(?![\w-]|\.\d)/g,
    replace: '[phone]',
  },
  {
    what: 'telephone number that is called one',
    hint: /(?:tel|phone|mobile|mobil|handy|cell|sms|whatsapp|wa\.me|fax)[a-z]{0,4}(?:[/:=]|%3A)/i,
    pattern:
      /(?<![a-z])((?:tel|telefon|telephone|phone|mobile|mobil|handy|cell|sms|whatsapp|wa\.me|fax)(?:[/:=]|%3A) ?)\(?\d(?:[ ()./-]{0,2}\d){5,14}(?![\w])/gi,
    replace: (_found, name) => `${name}[phone]`,
  },
  {
    what: 'address of a network card',
    hint: /[\da-f]{2}[:-][\da-f]{2}[:-]/i,
    pattern: /(?<![\w:-])[\da-f]{2}([:-])[\da-f]{2}(?:\1[\da-f]{2}){4}(?![\w:-])/gi,
    // Six pairs of digits are a date and a time.
    replace: (found) => (/[a-f]/i.test(found) || found.includes(':') ? '[mac]' : found),
  },
  {
    what: 'IPv4 address',
    hint: /\d\.\d/,
    pattern: /(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\w)/g,
    replace: (found) => (isIpv4(found) ? '[ip]' : found),
  },
  {
    what: 'IPv6 address',
    hint: /:[\da-f]*:/i,
    pattern: /(?<![\w:.])[\da-f:]{6,39}(?![\w:])/gi,
    replace: (found) => (/\d/.test(found) && /:.*:.*[\da-f]/i.test(found) && isIPv6(found) ? '[ip]' : found),
  },
  {
    what: 'random text: hash, id of a session, token in base 32, 36, 58, 62 or 64',
    hint: /[\w+-]{16}/,
    pattern: /(?<![\w+-])[\w+-]{16,}(?:(?:=|%3D){1,2}(?![\w%]))?/g,
    replace: (found) => (isRandom(found) ? '[token]' : found),
  },
]

const WORD = /^[a-z]+$/i
const NUMBER = /^(?:\d{1,4}|(?:19|20)\d\d[01]\d[0-3]\d)$/
/** 'b2b', 'h264', 'iso9001', '6ES7214'. */
const MODEL = /^[a-z\d]{2,7}$/i
/** Runs of separated groups are ids of articles below this, and codes from here on. */
const CODE_CHARACTERS = 24
/** One piece of this many characters can be a token by itself. */
const PIECE_CHARACTERS = 16
/** More digits than any id of a shop, a network or a clock has. */
const MAX_DIGITS = 19

/**
 * Whether a run of letters, digits and separators is random. A long slug or file name such as
 * `10-ways-to-measure-pressure-drop` or `Datasheet_PX200_2026` has digits too, but is words for the greater part.
 */
export function isRandom(run: string): boolean {
  if (/(?:=|%3D)$/i.test(run)) return true
  const pieces = run.split(/[-_+]+/).filter((piece) => piece !== '')
  if (pieces.some((piece) => piece.length >= PIECE_CHARACTERS && isRandomPiece(piece))) return true
  if (run.length < CODE_CHARACTERS) return isShortToken(pieces)
  if (!/\d/.test(run)) return false
  if (pieces.length === 1) return false
  const others = pieces.filter((piece) => !WORD.test(piece) && !NUMBER.test(piece))
  const words = pieces.filter((piece) => piece.length > 1 && WORD.test(piece))
  const known = others.every((piece) => MODEL.test(piece) || !isMixed(piece))
  return !known || others.length > words.length || words.length === 0
}

/** Words and numbers of which a piece is made: `iPhone15Pro` is i, Phone, 15, Pro. */
const PARTS = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g

const meanPart = (piece: string): number => piece.length / (piece.match(PARTS)?.length ?? 1)

/** Parts of random text are short, 2 to 2.5 characters in the mean; the bounds are held by a test over random ones. */
function isRandomPiece(piece: string): boolean {
  if (/^\d+$/.test(piece)) return piece.length > MAX_DIGITS
  if (WORD.test(piece)) return piece.length >= 20 && meanPart(piece) < 3.3
  const long = piece.length >= CODE_CHARACTERS
  if (/^[\da-f]+$/i.test(piece)) return long || meanPart(piece) < 5
  const cased = /[a-z]/.test(piece) && /[A-Z]/.test(piece)
  return meanPart(piece) < (cased ? (long ? 3.3 : 2.6) : long ? 6 : 3)
}

/** Small and capital letters and digits in turn, as no article number has them: a nanoid with a separator in it. */
const isShortToken = (pieces: string[]): boolean =>
  pieces.some(
    (piece) =>
      piece.length >= 8 &&
      isMixed(piece) &&
      /[a-z]/.test(piece) &&
      /[A-Z]/.test(piece) &&
      meanPart(piece) < 2,
  )

const isMixed = (piece: string): boolean => /\d/.test(piece) && /[a-z]/i.test(piece)

/** Six to eight digits in one piece are a one-time code there; letters with digits among them as well. */
const isCode = (text: string): boolean =>
  /^\d{6,8}$/.test(text) || (isMixed(text) && text.length >= 8 && meanPart(text) < 3)

/** Prefixes and lengths of the card networks. https://en.wikipedia.org/wiki/Payment_card_number */
const CARD =
  /^(?:3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|6011|64[4-9]\d|65\d\d|62\d\d|35\d\d|50\d\d|67\d\d)\d{12}|62\d{15,17})$/

/** Luhn. https://en.wikipedia.org/wiki/Luhn_algorithm */
function isCard(digits: string): boolean {
  if (!CARD.test(digits)) return false
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}

/** Whether 13 digits are an article number (GTIN-13): their check digit holds. https://www.gs1.org/services/how-calculate-check-digit-manually */
function isArticle(digits: string): boolean {
  if (!/^\d{13}$/.test(digits)) return false
  const sum = [...digits].reduce((so, digit, i) => so + Number(digit) * (i % 2 === 0 ? 1 : 3), 0)
  return sum % 10 === 0
}

/**
 * A version has four numbers as well (`120.0.60.71`), but small ones for the most part: an address is told by a
 * number above 127 or by two above 31. `10.0.0.1` is nobody's in particular.
 */
function isIpv4(found: string): boolean {
  const numbers = found.split('.').map(Number)
  if (found.split('.').some((part) => part.length > 1 && part.startsWith('0'))) return false
  if (numbers.some((number) => number > 255)) return false
  return numbers.some((number) => number > 127) || numbers.filter((number) => number > 31).length > 1
}

/** Takes the IBAN out of the start of a run, which may go on: the country says how long it is (ISO 13616). */
function iban(found: string): string {
  const length = (ibanLengths as Record<string, number>)[found.slice(0, 2).toUpperCase()]
  if (length === undefined) return found
  const characters = /[a-z\d]/gi
  const text = found.replaceAll('%20', '   ')
  let account = ''
  for (let one = characters.exec(text); one; one = characters.exec(text)) {
    account += one[0].toUpperCase()
    if (account.length === length) break
  }
  if (account.length < length) return found
  const rest = found.slice(characters.lastIndex)
  if (/^[a-z\d]/i.test(rest)) return found
  return mod97(account) === 1 ? `[iban]${rest}` : found
}

function mod97(account: string): number {
  let remainder = 0
  for (const character of account.slice(4) + account.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return remainder
}
