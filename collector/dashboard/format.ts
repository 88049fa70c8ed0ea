/** Numbers, durations and moments in words: by `Intl` in one language, moments in one time zone. */
import type { Language } from './strings/language.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
/** Past this many days 'ago' says less than the date does. */
const RELATIVE_DAYS = 30
/** English dates have the day first: 21 Nov. */
const LOCALES: Record<Language, string> = { en: 'en-GB', de: 'de-DE' }
const JUST_NOW: Record<Language, string> = { en: 'just now', de: 'gerade eben' }

export type Formats = ReturnType<typeof make>

const made = new Map<string, Formats>()

/** The formats of a language and an IANA time zone, each made once: making them costs some 0.5 ms. */
export function formatsOf(language: Language, timeZone: string): Formats {
  const name = `${language} ${timeZone}`
  const known = made.get(name) ?? make(language, timeZone)
  made.set(name, known)
  return known
}

function make(language: Language, timeZone: string) {
  const locale = LOCALES[language]
  const number = (options?: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options)
  const date = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone })

  const whole = number()
  const oneDecimal = number({ maximumFractionDigits: 1 })
  const twoDecimals = number({ minimumFractionDigits: 2, maximumFractionDigits: 2, useGrouping: false })
  const percent = number({ style: 'percent', maximumFractionDigits: 0 })
  const fine = number({ style: 'percent', maximumFractionDigits: 1 })
  const signed = number({ style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' })
  const monthOfYear = date({ month: 'long', year: 'numeric' })
  const dayOnly = date({ day: 'numeric', month: 'short' })
  const dayOfYear = date({ day: 'numeric', month: 'short', year: 'numeric' })
  const weekday = date({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
  const time = date({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  // Sweden writes dates as ISO 8601 does.
  const iso = new Intl.DateTimeFormat('sv-SE', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    timeZone,
  })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'long' })
  const regions = new Intl.DisplayNames(locale, { type: 'region', fallback: 'code' })

  /** A text that is no moment, from outside, is shown as it is. */
  const of =
    (show: (at: Date) => string, otherwise = (text: string) => text) =>
    (text: string): string => {
      const at = new Date(text)
      return Number.isNaN(at.getTime()) ? otherwise(text) : show(at)
    }
  const dayKey = of((at) => iso.format(at))

  const format = {
    language,
    timeZone,
    count: (n: number): string => whole.format(n),
    /** A score, at most one decimal: 60.4. */
    score: (points: number): string => oneDecimal.format(points),
    /** Points with their sign and both decimals, so that a column of them can be added up by eye. */
    points(points: number): string {
      const size = twoDecimals.format(Math.abs(points))
      if (Math.abs(points) < 0.005) return size
      return `${points < 0 ? '\u2212' : '+'}${size}`
    },
    exact: (points: number): string => twoDecimals.format(points),
    /** A share of a whole; a dash where there is no whole. */
    share: (part: number, of: number): string => (of > 0 ? percent.format(part / of) : '\u2013'),
    /** A small share, at most one decimal: 1.6%. */
    percent: (share: number): string => fine.format(share),
    /** By how much something changed, with its sign: +12%. */
    change: (share: number): string => signed.format(share),
    /** Two units at most: 45 s, 4 min 12 s, 13 h 5 min, 12 d 4 h. */
    duration(ms: number): string {
      const units: [size: number, name: string][] = [
        [DAY, 'd'],
        [HOUR, 'h'],
        [MINUTE, 'min'],
        [SECOND, 's'],
      ]
      const rounded = Math.round(ms / SECOND) * SECOND
      const first = units.findIndex(([size]) => rounded >= size)
      if (first === -1) return '0 s'
      const [size, name] = units[first]!
      const next = units[first + 1]
      const head = `${whole.format(Math.floor(rounded / size))} ${name}`
      const rest = next ? Math.floor((rounded % size) / next[0]) : 0
      return next && rest > 0 ? `${head} ${rest} ${next[1]}` : head
    },
    megabytes: (bytes: number): string => `${whole.format(Math.ceil(bytes / 1e6))} MB`,
    /** The date; with its year when that is not the year of `now`. */
    day(text: string, now: number): string {
      const year = iso.format(now).slice(0, 4)
      return of((at) => (iso.format(at).startsWith(year) ? dayOnly : dayOfYear).format(at))(text)
    },
    /** November 2025. */
    month: of((at) => monthOfYear.format(at)),
    /** Heading of a day: Tuesday, 18 November 2025. */
    longDay: of((at) => weekday.format(at)),
    /** Time of day: 14:05. */
    clock: of(
      (at) => time.format(at),
      () => '',
    ),
    /** The day of a moment, as 2025-11-18. */
    dayKey,
    /** How long ago: just now, 5 minutes ago, yesterday; a date when it is long past. */
    ago(text: string, now: number): string {
      const ago = now - Date.parse(text)
      if (Number.isNaN(ago)) return text
      if (ago < MINUTE) return JUST_NOW[language]
      if (ago < HOUR) return relative.format(-Math.floor(ago / MINUTE), 'minute')
      if (ago < DAY) return relative.format(-Math.floor(ago / HOUR), 'hour')
      if (ago < RELATIVE_DAYS * DAY) return relative.format(-Math.floor(ago / DAY), 'day')
      return format.day(text, now)
    },
    /** The name of a country by its code; a code that is none is shown as it is. */
    country: (code: string): string => (/^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : code),
  }
  return format
}
