import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { proxySet } from './client-ip.ts'

/**
 * Under which origin a browser sees this collector, like 'https://go.example.com'. Where TLS ends at a trusted proxy
 * the request itself is http, and the proxy says by `X-Forwarded-Proto` what it was; of anybody else that says
 * nothing. The host is the request's own: proxies hand it on. Throws a `Sentence` on a block that cannot be read.
 */
export function publicOrigin(trusted: string[]): (c: Context) => string {
  const isProxy = proxySet(trusted)
  return (c) => {
    const { origin, host } = new URL(c.req.url)
    const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
    // A chain of proxies appends; the last word is of the one that we know.
    const said = c.req.header('x-forwarded-proto')?.split(',').at(-1)?.trim()
    return said === 'https' && isProxy(incoming?.socket.remoteAddress ?? '') ? `https://${host}` : origin
  }
}
