import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { SESSION_COOKIE } from '../login.ts'
import { answer } from './answer.ts'
import type { DashboardDeps } from './deps.ts'
import { Onward } from './login.tsx'
import { Message } from './message.tsx'
import { localPath, madeByOwnPage } from './origin.ts'

/** How long a browser keeps the cookie; whether it is still good is for `auth.valid` to say. */
const SESSION_SECONDS = 30 * 86_400

type Handler = (c: Context) => Response | Promise<Response>

export interface Gate {
  isSignedIn(c: Context): boolean
  signIn(c: Context): void
  signOut(c: Context): void
  /** Shows a page to who is signed in; anybody else is asked to, and comes back to it. */
  signedIn(show: Handler): Handler
  /** Lets pass what one of our own pages has posted. */
  own(handle: Handler): Handler
}

export function gate({
  auth,
  now,
  origin,
}: Pick<DashboardDeps, 'auth' | 'now'> & { origin: (c: Context) => string }): Gate {
  const isSignedIn = (c: Context) => auth.valid(getCookie(c, SESSION_COOKIE), now())

  return {
    isSignedIn,
    signIn(c) {
      setCookie(c, SESSION_COOKIE, auth.issue(now()), {
        httpOnly: true,
        sameSite: 'Strict',
        secure: origin(c).startsWith('https:'),
        path: '/',
        maxAge: SESSION_SECONDS,
      })
    },
    signOut(c) {
      deleteCookie(c, SESSION_COOKIE, { path: '/' })
    },
    signedIn: (show) => (c) => {
      if (isSignedIn(c)) return show(c)
      const { pathname, search } = new URL(c.req.url)
      const next = c.req.method === 'GET' ? localPath(pathname + search) : '/'
      if (c.req.method === 'GET' && cameFromElsewhere(c)) return answer(c, <Onward to={next} />)
      return c.redirect(next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`, 303)
    },
    own: (handle) => (c) => (madeByOwnPage(c.req.raw) ? handle(c) : answer(c, <Foreign />, 403)),
  }
}

/** By a link on another site: the browser has then kept our cookie back. */
export const cameFromElsewhere = (c: Context): boolean => c.req.header('sec-fetch-site') === 'cross-site'

function Foreign() {
  return (
    <Message
      title="This did not come from a page of ours"
      text="The request was made from another site, so nothing was done. Open the page here and try again."
      to="/"
      link="To the overview"
    />
  )
}
