import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { de } from './de.ts'
import { en, type Strings } from './en.ts'

/** The catalogues, by language. English comes first: whoever asks for neither gets it. */
export const CATALOGUES = { en, de } satisfies Record<string, Strings>
export type Language = keyof typeof CATALOGUES

/** Keeps the language that somebody chose in place of the browser's. */
export const LANGUAGE_COOKIE = 'leadwake_language'

export const isLanguage = (text: string | undefined): text is Language =>
  text !== undefined && Object.hasOwn(CATALOGUES, text)

/** The language of a request: the one that was chosen, else the browser's most wanted that there is. */
export function languageOf(c: Context): Language {
  const chosen = getCookie(c, LANGUAGE_COOKIE)
  if (isLanguage(chosen)) return chosen
  const wanted = (c.req.header('accept-language') ?? '')
    .split(',', 20)
    .map((part, i) => {
      const [tag = '', q] = part.trim().split(/\s*;\s*q=/)
      return { language: tag.split('-')[0]!.toLowerCase(), weight: q === undefined ? 1 : Number(q) || 0, i }
    })
    .filter(({ language, weight }) => isLanguage(language) && weight > 0)
    .sort((a, b) => b.weight - a.weight || a.i - b.i)
  return (wanted[0]?.language as Language | undefined) ?? 'en'
}
