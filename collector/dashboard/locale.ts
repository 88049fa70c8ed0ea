import { createContext, useContext } from 'hono/jsx'
import { type Formats, formatsOf } from './format.ts'
import type { Strings } from './strings/en.ts'
import { CATALOGUES, type Language } from './strings/language.ts'

/** How a page speaks: its texts, and its numbers and moments. */
export interface Locale {
  t: Strings
  f: Formats
}

export const localeOf = (language: Language, timeZone: string): Locale => ({
  t: CATALOGUES[language],
  f: formatsOf(language, timeZone),
})

/** Set around each page by `answer`. */
export const Speaking = createContext<Locale>(localeOf('en', 'UTC'))

export const useLocale = (): Locale => useContext(Speaking)
