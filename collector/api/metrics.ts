import { Hono } from 'hono'
import { isLoopback } from '../nets.ts'
import { problem } from '../problem.ts'
import { access } from './access.ts'
import type { ApiDeps } from './deps.ts'

export interface MetricsApiDeps extends ApiDeps {
  metrics: { contentType: string; text(): Promise<string> }
  /** The address of the connection that a request came over. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the app's bindings are
  socketOf: (c: any) => string
}

/** What a proxy adds: behind one, loopback is everybody. */
const FORWARDED = ['x-forwarded-for', 'forwarded', 'x-real-ip']

/** For this machine as it is, for others with a key that reads every site. */
export function metricsApi(deps: MetricsApiDeps): Hono {
  const { metrics, socketOf } = deps
  return new Hono().get('/metrics', async (c) => {
    const near = isLoopback(socketOf(c)) && FORWARDED.every((name) => c.req.header(name) === undefined)
    if (!near) {
      const allowed = access(c, deps, 'read')
      if ('refused' in allowed) return allowed.refused
      if (allowed.key.site !== null) return problem(c, 403, 'metrics are of all sites; this key opens one')
    }
    return c.body(await metrics.text(), 200, { 'content-type': metrics.contentType })
  })
}
