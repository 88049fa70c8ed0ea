import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import type { Gate } from './gate.tsx'
import { localPath } from './origin.ts'
import { isLanguage, LANGUAGE_COOKIE } from './strings/language.ts'

const YEAR_SECONDS = 365 * 86_400

/** Keeps which language somebody wants, and shows the page again. */
export const languageRoute = ({ own }: Gate): Hono =>
  new Hono().post(
    '/language',
    own(async (c) => {
      const language = new URLSearchParams(await c.req.text()).get('language') ?? undefined
      if (isLanguage(language))
        setCookie(c, LANGUAGE_COOKIE, language, {
          httpOnly: true,
          sameSite: 'Strict',
          path: '/',
          maxAge: YEAR_SECONDS,
        })
      const from = c.req.header('referer') ?? ''
      const { pathname, search } = URL.canParse(from) ? new URL(from) : { pathname: '/', search: '' }
      return c.redirect(localPath(pathname + search), 303)
    }),
  )
