import { createHash } from 'node:crypto'
import { brotliCompressSync, constants } from 'node:zlib'
import type { Context } from 'hono'

/** What the snippet's build leaves to be filled in. */
const PLACEHOLDER = '"__LEADWAKE_SETTINGS__"'
/** A page may use an old copy for this long; a changed setting arrives within it, s. */
const MAX_AGE = 3_600

interface Variant {
  plain: string
  brotli: Uint8Array<ArrayBuffer>
  etag: string
}

/** Serves the snippet with a site's settings in it: ETag, brotli, made once for each setting. */
export function scriptServer(snippet: string): (c: Context, settings: Record<string, unknown>) => Response {
  if (!snippet.includes(PLACEHOLDER)) throw new Error('the snippet has no place for settings')
  const variants = new Map<string, Variant>()
  return (c, settings) => {
    const json = JSON.stringify(settings)
    let variant = variants.get(json)
    if (!variant) {
      variant = compose(snippet.replace(PLACEHOLDER, () => json))
      variants.set(json, variant)
    }
    const headers = {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': `public, max-age=${MAX_AGE}`,
      etag: variant.etag,
      vary: 'accept-encoding',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    }
    if (c.req.header('if-none-match')?.includes(variant.etag)) return c.body(null, 304, headers)
    if (!/\bbr\b/.test(c.req.header('accept-encoding') ?? '')) return c.body(variant.plain, 200, headers)
    return c.body(variant.brotli, 200, { ...headers, 'content-encoding': 'br' })
  }
}

function compose(plain: string): Variant {
  return {
    plain,
    brotli: Uint8Array.from(brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })),
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
  }
}
