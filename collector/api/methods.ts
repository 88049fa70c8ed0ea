import type { MiddlewareHandler } from 'hono'
import { TrieRouter } from 'hono/router/trie-router'
import { problem } from '../problem.ts'

/** Routes as `Hono.routes` lists them. */
type Routes = readonly { method: string; path: string }[]

/**
 * Answers what asks for a path of the routes by a method that none of them has: 405 with `Allow` (RFC 9110, 15.5.6), and
 * `OPTIONS` with `Allow` alone. Goes behind the routes, whose `HEAD` is their `GET`.
 */
export function otherMethods(routes: Routes): MiddlewareHandler {
  const known = new TrieRouter<string>()
  for (const { method, path } of routes) if (method !== 'ALL') known.add('ALL', path, method)
  return async (c, next) => {
    const methods = new Set(known.match('ALL', c.req.path)[0].map(([method]) => method))
    if (methods.size === 0) return next()
    if (methods.has('GET')) methods.add('HEAD')
    methods.add('OPTIONS')
    const allow = [...methods].sort().join(', ')
    c.header('allow', allow)
    if (c.req.method === 'OPTIONS') return c.body(null, 204)
    return problem(c, 405, `${c.req.path} takes ${allow}, and no ${c.req.method}`)
  }
}
