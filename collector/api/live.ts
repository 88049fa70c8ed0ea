import { type Context, Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import type { LiveFeed } from '../live-feed.ts'
import { SESSION_COOKIE } from '../login.ts'
import { problem } from '../problem.ts'
import { access, siteOf } from './access.ts'
import { byteStream } from './byte-stream.ts'
import type { ApiDeps } from './deps.ts'
import { type Call, described } from './endpoint.ts'
import { SiteQuery } from './schema.ts'
import { queryOf } from './validate.ts'

export interface LiveApiDeps extends Pick<ApiDeps, 'memory' | 'now' | 'limited'> {
  live: LiveFeed
  /** Whether a cookie is a session that holds. */
  session: (cookie: string | undefined, now: number) => boolean
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
export function liveApi({ memory, now, limited, live, session }: LiveApiDeps): Hono {
  /** Who listens: what it may know, and whether it still may. */
  function listener(c: Context) {
    const cookie = getCookie(c, SESSION_COOKIE)
    if (c.req.header('authorization') === undefined && session(cookie, now()))
      return { key: undefined, leads: true, allowed: () => session(cookie, now()) }
    const found = access(c, memory, 'read')
    if ('refused' in found) return found
    const { key } = found
    const leads = key.rights.includes('leads') || key.rights.includes('admin')
    const secret = (c.req.header('authorization') ?? '').replace(/^Bearer +/i, '')
    return { key, leads, allowed: () => memory.key(secret) !== undefined }
  }

  return new Hono().get('/v1/live', described(LIVE_CALL, listening))

  async function listening(c: Context): Promise<Response> {
    const who = listener(c)
    if ('refused' in who) return who.refused
    const slow = who.key && limited?.(c, who.key)
    if (slow) return slow
    const query = queryOf(c, SiteQuery)
    if ('refused' in query) return query.refused
    const site = siteOf(memory, who.key ?? { site: null }, query.value.site)
    if (site === undefined) return problem(c, 404, 'site: no such site for this key')
    const { readable, outlet, ended } = byteStream()
    const { leads, allowed } = who
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
