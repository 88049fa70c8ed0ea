import { type Context, Hono } from 'hono'
import { opens } from '../../shared/access.ts'
import type { LiveFeed } from '../live-feed.ts'
import { problem } from '../problem.ts'
import { access, opensStill, siteOf } from './access.ts'
import { byteStream } from './byte-stream.ts'
import type { ApiDeps } from './deps.ts'
import { type Call, described } from './endpoint.ts'
import { SiteQuery } from './queries.ts'
import { queryOf } from './validate.ts'

export interface LiveApiDeps extends Pick<ApiDeps, 'memory' | 'now' | 'limited' | 'session' | 'used'> {
  live: LiveFeed
}

/** Who found no place may ask again after this, s. */
const RETRY_AFTER = '30'

const LIVE_CALL: Call = {
  id: 'listen',
  tag: 'Live',
  summary: 'Visitors now, what they do, and who moves to which stage',
  description:
    'Server-sent events `now`, `events`, `stage` and `reset`; `docs/live.md` says what they hold. Resumes by `Last-Event-ID`. Without the right `leads` it tells neither ids nor names. Also opens to the session of who is signed in to the dashboard.',
  right: 'read',
  query: SiteQuery,
  answers: { 200: 'text/event-stream' },
  refuses: { 503: 'There is no place for one listener more; come back as `Retry-After` says.' },
  example: { query: { site: 'main' } },
}

/** What is going on, as server-sent events, for a key with the right `read` or the dashboard's session. */
export function liveApi(deps: LiveApiDeps): Hono {
  const { memory, limited, live } = deps
  return new Hono().get('/v1/live', described(LIVE_CALL, listening))

  async function listening(c: Context): Promise<Response> {
    const found = access(c, deps, 'read')
    if ('refused' in found) return found.refused
    const { key } = found
    deps.used?.(key)
    const slow = limited?.(c, key)
    if (slow) return slow
    const query = queryOf(c, SiteQuery)
    if ('refused' in query) return query.refused
    const site = siteOf(memory, key, query.value.site)
    if (site === undefined) return problem(c, 404, 'site: no such site for this key')
    const { readable, outlet, ended } = byteStream()
    const leads = opens(key.rights, 'leads')
    // As long as the key, or the session, opens all that is told.
    const allowed = () => opensStill(c, deps, leads ? 'leads' : 'read', site)
    const lastId = c.req.header('last-event-id')
    const stop = await live.listen({ site, leads, lastId, allowed, outlet })
    if (stop === 'full') {
      c.header('retry-after', RETRY_AFTER)
      return problem(c, 503, 'as many listen as the collector has places for; come back later')
    }
    ended(stop)
    return c.body(readable, 200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // nginx holds back what it proxies until a buffer is full, unless it is told.
      'x-accel-buffering': 'no',
    })
  }
}
