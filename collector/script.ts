/** Serves the script: composed of the built parts, for a site and what it asks for, by name and by hash. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import type { Context } from 'hono'
import { FLAG } from '../shared/protocol.ts'

/** A page may use an old copy for this long; a changed setting arrives within it, s. */
const MAX_AGE = 3_600
/** What a hash names never changes. */
const FOREVER = 31_536_000
/** What a site or a script tag may ask for beside the core, and the parts that it takes. */
const COMPOSED: Record<string, string[]> = {
  ga4: ['layer', 'ga4'],
  woo: ['shop'],
  shopify: ['shop'],
  consent: ['layer', 'google', 'tcf'],
  domains: ['domains'],
  hash: ['hash'],
  identify: ['identify'],
  attributes: ['attributes'],
  cookie: [],
}

/** Parts that stand in the part `layer`. */
const LOOKS = new Set(['ga4', 'google'])

/** The names that a site's setting and a tag's `with=` may hold. */
export const PIECE_NAMES = Object.keys(COMPOSED)

export interface ScriptSettings {
  /** A known site's id; where the URL names none, the file reads `data-site`. */
  site: string | undefined
  /** Ids may be kept without asking. */
  given: boolean
  /** The collector sets the visitor's cookie too, see `visitor-cookie.ts`: a site's setting, which no tag may turn on. */
  cookie?: boolean
  /** Names of `COMPOSED`; unknown ones are left out. */
  composed: string[]
}

/** What a site's script is made of; `more` are the names that its tag adds. */
export function settingsOf(
  site: { id: string; consent: 'required' | 'given'; with: string[] },
  more: string[] = [],
): ScriptSettings {
  const { id, consent } = site
  const cookie = site.with.includes('cookie')
  return { site: id, given: consent === 'given', cookie, composed: [...site.with, ...more] }
}

interface Variant {
  plain: string
  brotli: Uint8Array<ArrayBuffer>
  /** The first 22 digits of the SHA-256 in base64url, which are its name too. */
  hash: string
  /** For the tag's `integrity`. */
  integrity: string
}

export interface ScriptServer {
  /** The answer to `/l.js`. */
  serve(c: Context, settings: ScriptSettings): Response
  /** The answer to `/l.HASH.js`: the same bytes as on the day when the hash was handed out, or undefined. */
  serveHash(c: Context, hash: string): Response | undefined
  /** The answer to `/l.debug.js`, which explains to a page's author what is sent. */
  serveDebug(c: Context): Response
  /** Hands out a versioned URL's hash; its bytes are on disk when this returns. */
  handOut(settings: ScriptSettings): { hash: string; integrity: string }
}

/** Puts scripts together out of the parts that snippet/build.ts makes. */
export function composer(built: string): (settings: ScriptSettings) => string {
  const [core, parts] = partsOf(built)
  return ({ site, given, cookie = false, composed }) => {
    const wanted = new Set(composed.flatMap((name) => (Object.hasOwn(COMPOSED, name) ? COMPOSED[name]! : [])))
    const chosen = [...parts].filter(([name]) => wanted.has(name))
    const textOf = (isLook: boolean) =>
      chosen.flatMap(([name, part]) => (LOOKS.has(name) === isLook ? part : [])).join('')
    const pieces = textOf(false).replace('__LEADWAKE_LOOKS__', () => textOf(true))
    return core
      .replace('__LEADWAKE_WITH__,', () => pieces)
      .replace('__LEADWAKE_SITE__', () => (site === undefined ? parts.get('site')! : JSON.stringify(site)))
      .replace('__LEADWAKE_CREDENTIALS__', cookie ? '"include"' : '"omit"')
      .replace('__LEADWAKE_GIVEN__', given ? `${FLAG.given}` : '0')
  }
}

/** `built` are the parts that snippet/build.ts makes, `folder` keeps the bytes of each hash that was handed out. */
export function scriptServer(built: string, folder: string): ScriptServer {
  const compose = composer(built)
  const debug = packed(partsOf(built)[1].get('debug')!)
  // By known sites and a closed set of parts, so that no stranger can grow it without end.
  const variants = new Map<string, Variant>()
  const kept = new Map<string, Variant>()

  function variantFor(settings: ScriptSettings): Variant {
    const plain = compose(settings)
    let variant = variants.get(plain)
    if (!variant) {
      variant = packed(plain)
      variants.set(plain, variant)
    }
    return variant
  }

  function handOut(settings: ScriptSettings) {
    const variant = variantFor(settings)
    if (!kept.has(variant.hash)) {
      mkdirSync(folder, { recursive: true })
      const file = join(folder, `l.${variant.hash}.js`)
      writeFileSync(`${file}.new`, variant.plain, { flush: true })
      renameSync(`${file}.new`, file)
      kept.set(variant.hash, variant)
    }
    return { hash: variant.hash, integrity: variant.integrity }
  }

  function byHash(hash: string): Variant | undefined {
    const known = kept.get(hash)
    if (known) return known
    let plain: string
    try {
      plain = readFileSync(join(folder, `l.${hash}.js`), 'utf8')
    } catch {
      return undefined
    }
    const variant = packed(plain)
    // A file that somebody changed is not what the tag's `integrity` expects.
    if (variant.hash !== hash) return undefined
    kept.set(hash, variant)
    return variant
  }

  return {
    serve: (c, settings) => answer(c, variantFor(settings), `public, max-age=${MAX_AGE}`),
    serveHash(c, hash) {
      const variant = /^[\w-]{22}$/.test(hash) ? byHash(hash) : undefined
      return variant && answer(c, variant, `public, max-age=${FOREVER}, immutable`)
    },
    serveDebug: (c) => answer(c, debug, `public, max-age=${MAX_AGE}`),
    handOut,
  }
}

/** The core, then each piece behind a line `//NAME`. */
function partsOf(built: string): [core: string, parts: Map<string, string>] {
  const [core, ...rest] = built.trimEnd().split(/\n\/\/(\w+)\n/)
  const parts = new Map<string, string>()
  for (let i = 0; i < rest.length; i += 2) parts.set(rest[i]!, rest[i + 1]!)
  for (const name of ['WITH', 'SITE', 'GIVEN', 'CREDENTIALS']) {
    if (!core!.includes(`__LEADWAKE_${name}__`)) throw new Error(`the snippet has no place for ${name}`)
  }
  for (const name of ['debug', 'site', ...Object.values(COMPOSED).flat()]) {
    if (!parts.has(name)) throw new Error(`the snippet has no part ${name}`)
  }
  return [core!, parts]
}

function packed(plain: string): Variant {
  const sha256 = createHash('sha256').update(plain).digest()
  return {
    plain,
    brotli: Uint8Array.from(brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })),
    hash: sha256.toString('base64url').slice(0, 22),
    integrity: `sha256-${sha256.toString('base64')}`,
  }
}

function answer(c: Context, variant: Variant, cache: string): Response {
  const etag = `"${variant.hash}"`
  const headers = {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': cache,
    etag,
    vary: 'accept-encoding',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
  }
  if (c.req.header('if-none-match')?.includes(etag)) return c.body(null, 304, headers)
  if (!/\bbr\b/.test(c.req.header('accept-encoding') ?? '')) return c.body(variant.plain, 200, headers)
  return c.body(variant.brotli, 200, { ...headers, 'content-encoding': 'br' })
}
