import { type Context, Hono } from 'hono'
import { type Compressed, compressed } from './compress.ts'
import { SCRIPT_TAG, script } from './script.ts'
import { STYLE_TAG, style } from './style.ts'

/** Stylesheet and script. Their addresses carry their tags, so that what was fetched once is never asked for again. */
export function assets(): Hono {
  const asset = (text: string, etag: string, type: string) => {
    const made = new Map<string, Promise<Compressed>>()
    return async (c: Context) => {
      const headers = {
        etag,
        'x-content-type-options': 'nosniff',
        'cache-control': c.req.query('v') ? 'public, max-age=31536000, immutable' : 'no-cache',
      }
      if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers)
      const encoding = /\bbr\b/.exec(c.req.header('accept-encoding') ?? '')?.[0] ?? ''
      const known = encoding === '' ? undefined : made.get(encoding)
      const smaller = known ?? compressed(c, text, 'asset')
      if (encoding !== '') made.set(encoding, smaller)
      const { body, headers: encoded } = await smaller
      return c.body(body, 200, { ...headers, ...encoded, 'content-type': `${type}; charset=utf-8` })
    }
  }
  return new Hono()
    .get('/assets/style.css', asset(style, STYLE_TAG, 'text/css'))
    .get('/assets/pages.js', asset(script, SCRIPT_TAG, 'text/javascript'))
}
