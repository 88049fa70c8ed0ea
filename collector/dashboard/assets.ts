import { type Context, Hono } from 'hono'
import { SCRIPT_TAG, script } from './script.ts'
import { STYLE_TAG, style } from './style.ts'

/** Stylesheet and script. Their addresses carry their tags, so that what was fetched once is never asked for again. */
export function assets(): Hono {
  const asset = (body: string, etag: string, type: string) => (c: Context) => {
    const headers = {
      etag,
      'x-content-type-options': 'nosniff',
      'cache-control': c.req.query('v') ? 'public, max-age=31536000, immutable' : 'no-cache',
    }
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers)
    return c.body(body, 200, { ...headers, 'content-type': `${type}; charset=utf-8` })
  }
  return new Hono()
    .get('/assets/style.css', asset(style, STYLE_TAG, 'text/css'))
    .get('/assets/pages.js', asset(script, SCRIPT_TAG, 'text/javascript'))
}
