import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { opens, RIGHTS_OF_ROLE, type Right } from '../../shared/access.ts'
import type { HeldKey } from '../keys.ts'
import { SESSION_COOKIE } from '../login.ts'
import { keyOfPerson, type Person } from '../staff.ts'
import { answer } from './answer.tsx'
import type { DashboardDeps } from './deps.ts'
import { Onward } from './login.tsx'
import { Told } from './message.tsx'
import { localPath, madeByOwnPage } from './origin.ts'

/** How long a browser keeps the cookie; whether it is still good is for `auth.valid` to say. */
const SESSION_SECONDS = 30 * 86_400

type Handler = (c: Context) => Response | Promise<Response>

export interface Gate {
  /** Who is signed in. */
  person(c: Context): Person | undefined
  signIn(c: Context, person: Person): void
  signOut(c: Context): void
  /**
   * Shows a page to who is signed in and whose role has the right; anybody else is asked to sign in, and comes back
   * to it.
   */
  signedIn(show: (c: Context, person: Person) => Response | Promise<Response>, right?: Right): Handler
  /** Lets pass what one of our own pages has posted. */
  own(handle: Handler): Handler
}

export function gate({
  auth,
  now,
  origin,
}: Pick<DashboardDeps, 'auth' | 'now'> & { origin: (c: Context) => string }): Gate {
  const person = (c: Context) => auth.person(getCookie(c, SESSION_COOKIE), now())

  return {
    person,
    signIn(c, who) {
      setCookie(c, SESSION_COOKIE, auth.issue(who, now()), {
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
    signedIn:
      (show, right = 'read') =>
      (c) => {
        const who = person(c)
        if (who)
          return opens(RIGHTS_OF_ROLE[who.role], right)
            ? show(c, who)
            : answer(c, <Told what="notYours" />, 403)
        const { pathname, search } = new URL(c.req.url)
        const next = c.req.method === 'GET' ? localPath(pathname + search) : '/'
        if (c.req.method === 'GET' && cameFromElsewhere(c)) return answer(c, <Onward to={next} />)
        return c.redirect(next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`, 303)
      },
    own: (handle) => (c) => (madeByOwnPage(c.req.raw) ? handle(c) : answer(c, <Told what="foreign" />, 403)),
  }
}

/**
 * Opens the API to a page of ours by its session. What reads is kept from others by the cookie being Strict and the
 * answer being ours; what changes something must say that it comes from one of our pages.
 */
export const sessionKey =
  (auth: DashboardDeps['auth'], now: () => number) =>
  (c: Context): HeldKey | undefined => {
    const reads = c.req.method === 'GET' || c.req.method === 'HEAD'
    if (!reads && !madeByOwnPage(c.req.raw)) return undefined
    const person = auth.person(getCookie(c, SESSION_COOKIE), now())
    return person && keyOfPerson(person)
  }

/** By a link on another site: the browser has then kept our cookie back. */
export const cameFromElsewhere = (c: Context): boolean => c.req.header('sec-fetch-site') === 'cross-site'
