import type { Context } from 'hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { MAX_PASSWORD, MIN_PASSWORD } from '../api/access-schema.ts'
import type { Person } from '../staff.ts'
import { answer } from './answer.tsx'
import type { DashboardDeps } from './deps.ts'
import type { Gate } from './gate.tsx'
import { cameFromElsewhere } from './gate.tsx'
import { guesses } from './guesses.ts'
import type { Frame } from './layout.tsx'
import { Account, Login, Onward, type Words } from './login.tsx'
import { Told } from './message.tsx'
import { localPath } from './origin.ts'

/** No name of somebody who signs in is longer. */
const MAX_NAME = 100
/** A form of ours is a few hundred bytes. */
const MAX_FORM_BYTES = 16_384

export interface EntryDeps extends Pick<DashboardDeps, 'auth' | 'now'> {
  gate: Gate
  frameOf(c: Context, person: Person, rest: Partial<Frame>): Promise<Frame>
}

/** The ways in and out: name and password, key, one-time link, sign-out, choosing a password. */
export function entry({ auth, now, gate, frameOf }: EntryDeps): Hono {
  const { person, signIn, signOut, signedIn, own } = gate
  const app = new Hono()
  const slow = guesses()
  const form = bodyLimit({ maxSize: MAX_FORM_BYTES })

  app.get('/login', async (c) => {
    const next = localPath(c.req.query('next'))
    return person(c) ? c.redirect(next, 303) : answer(c, <Login next={next} />)
  })

  app.post(
    '/login',
    form,
    own(async (c) => {
      const posted = new URLSearchParams(await c.req.text())
      const next = localPath(posted.get('next') ?? '')
      const wait = slow.wait(now())
      if (wait > 0) return tooMany(c, <Login next={next} error={waitInWords(wait)} />, wait)
      const secret = posted.get('secret') ?? ''
      const name = posted.get('name') ?? ''
      let who: Person | undefined
      await slow.guess(now(), async () => {
        who = isSecret(secret) && name.length <= MAX_NAME ? await auth.login(name, secret, now()) : undefined
        return who !== undefined
      })
      if (!who) {
        const error: Words = (t) => (name.trim() === '' ? t.login.noSecret : t.login.nobody)
        return answer(c, <Login {...{ next, name, error }} />, 403)
      }
      signIn(c, who)
      return c.redirect(next, 303)
    }),
  )

  app.get('/login/:token', async (c) => {
    /* Mail scanners ask by HEAD and browsers fetch ahead; neither is the person whom the link is for. */
    const peek = c.req.method === 'HEAD' || /prefetch/.test(c.req.header('sec-purpose') ?? '')
    if (peek) return answer(c, <Login next="/" />)
    const who = await auth.redeem(c.req.param('token'))
    if (!who) return answer(c, <Told what="spent" />, 410)
    signIn(c, who)
    return cameFromElsewhere(c) ? answer(c, <Onward to="/" />) : c.redirect('/', 303)
  })

  app.post(
    '/logout',
    own((c) => {
      signOut(c)
      return c.redirect('/login', 303)
    }),
  )

  app.get(
    '/account',
    signedIn(async (c, who) => {
      const saved = c.req.query('saved') !== undefined
      return answer(c, <Account frame={await frameOf(c, who, { active: 'account' })} saved={saved} />)
    }),
  )

  app.post(
    '/account',
    form,
    own(
      signedIn(async (c, who) => {
        const posted = new URLSearchParams(await c.req.text())
        const password = posted.get('password') ?? ''
        const refuse = async (error: Words) =>
          answer(
            c,
            <Account frame={await frameOf(c, who, { active: 'account' })} saved={false} error={error} />,
            422,
          )

        const error = refusal(password, posted.get('again') ?? '')
        if (error) return refuse(error)
        if (who.id !== null || auth.hasPassword()) {
          /* A session left open on a desk must not be enough to lock its owner out. */
          const wait = slow.wait(now())
          const frame = await frameOf(c, who, { active: 'account' })
          if (wait > 0)
            return tooMany(c, <Account frame={frame} saved={false} error={waitInWords(wait)} />, wait)
          const current = posted.get('current') ?? ''
          const name = who.id === null ? '' : who.name
          const right = await slow.guess(
            now(),
            async () => isSecret(current) && (await auth.login(name, current, now())) !== undefined,
          )
          if (!right) return refuse((t) => (who.id === null ? t.account.notKey : t.account.notPassword))
        }
        await auth.setPassword(who, password)
        signIn(c, who)
        return c.redirect('/account?saved', 303)
      }),
    ),
  )

  return app
}

const isSecret = (secret: string): boolean => secret !== '' && secret.length <= MAX_PASSWORD

function refusal(password: string, again: string): Words | undefined {
  if ([...password].length < MIN_PASSWORD) return (t) => t.account.tooShort(MIN_PASSWORD)
  if (password.length > MAX_PASSWORD) return (t) => t.account.tooLong(MAX_PASSWORD)
  if (password !== again) return (t) => t.account.unequal
  return undefined
}

const seconds = (ms: number): number => Math.ceil(ms / 1_000)
const waitInWords =
  (ms: number): Words =>
  (t) =>
    t.login.wait(seconds(ms))
const tooMany = (c: Context, page: Parameters<typeof answer>[1], wait: number) =>
  answer(c, page, 429, { 'retry-after': String(seconds(wait)) })
