import type { Context } from 'hono'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { compressed } from './compress.ts'
import { localeOf, Speaking } from './locale.ts'
import { languageOf } from './strings/language.ts'

/** Scripts of our own alone, no inline style, no frame: what a stranger typed can at worst be read. */
const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

/** The name under which a request keeps its site's time zone. */
export const ZONE = 'zone'

/**
 * Answers a page, in the language of the request and the time zone of its site. Each one shows personal data or a
 * form, so that none may be kept by a cache.
 */
export async function answer(
  c: Context,
  page: HtmlEscapedString | Promise<HtmlEscapedString>,
  status: ContentfulStatusCode = 200,
  headers: Record<string, string> = {},
): Promise<Response> {
  const locale = localeOf(languageOf(c), c.get(ZONE) ?? 'UTC')
  const spoken = <Speaking.Provider value={locale}>{await page}</Speaking.Provider>
  const text = `<!doctype html>${(await spoken).toString()}`
  const { body, headers: encoding } = await compressed(c, text, 'page')
  return c.body(body, status, {
    ...encoding,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
    ...headers,
  })
}
