import type { Context } from 'hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { answer } from './answer.ts'
import type { DashboardDeps } from './deps.ts'
import type { Gate } from './gate.tsx'
import { cameFromElsewhere } from './gate.tsx'
import { guesses } from './guesses.ts'
import type { Frame } from './layout.tsx'
import { Account, Login, MAX_PASSWORD, MIN_PASSWORD, Onward } from './login.tsx'
import { Message } from './message.tsx'
import { localPath } from './origin.ts'

/** A form of ours is a few hundred bytes. */
const MAX_FORM_BYTES = 16_384

export interface EntryDeps extends Pick<DashboardDeps, 'auth' | 'now'> {
  gate: Gate
  frameOf(rest: Partial<Frame>): Promise<Frame>
}

/** The ways in and out: password or key, one-time link, sign-out, choosing a password. */
export function entry({ auth, now, gate, frameOf }: EntryDeps): Hono {
  const { isSignedIn, signIn, signOut, signedIn, own } = gate
  const app = new Hono()
  const slow = guesses()
  const form = bodyLimit({ maxSize: MAX_FORM_BYTES })

  app.get('/login', async (c) => {
    const next = localPath(c.req.query('next'))
    return isSignedIn(c) ? c.redirect(next, 303) : answer(c, <Login next={next} />)
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
      const right = await slow.guess(now(), async () => isSecret(secret) && auth.login(secret))
      if (!right)
        return answer(c, <Login next={next} error="That is neither the password nor an admin key." />, 403)
      signIn(c)
      return c.redirect(next, 303)
    }),
  )

  app.get('/login/:token', async (c) => {
    /* Mail scanners ask by HEAD and browsers fetch ahead; neither is the person whom the link is for. */
    const peek = c.req.method === 'HEAD' || /prefetch/.test(c.req.header('sec-purpose') ?? '')
    if (peek) return answer(c, <Login next="/" />)
    if (!(await auth.redeem(c.req.param('token')))) return answer(c, <SpentLink />, 410)
    signIn(c)
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
    signedIn(async (c) => {
      const saved = c.req.query('saved') !== undefined
      return answer(c, <Account frame={await frameOf({ active: 'account' })} saved={saved} />)
    }),
  )

  app.post(
    '/account',
    form,
    own(
      signedIn(async (c) => {
        const posted = new URLSearchParams(await c.req.text())
        const password = posted.get('password') ?? ''
        const refuse = async (error: string) =>
          answer(c, <Account frame={await frameOf({ active: 'account' })} saved={false} error={error} />, 422)

        const error = refusal(password, posted.get('again') ?? '')
        if (error) return refuse(error)
        if (auth.hasPassword()) {
          /* A session left open on a desk must not be enough to lock its owner out. */
          const wait = slow.wait(now())
          const frame = await frameOf({ active: 'account' })
          if (wait > 0)
            return tooMany(c, <Account frame={frame} saved={false} error={waitInWords(wait)} />, wait)
          const current = posted.get('current') ?? ''
          const right = await slow.guess(now(), async () => isSecret(current) && auth.login(current))
          if (!right) return refuse('The first field is neither the password nor an admin key.')
        }
        await auth.setPassword(password)
        signIn(c)
        return c.redirect('/account?saved', 303)
      }),
    ),
  )

  return app
}

const isSecret = (secret: string): boolean => secret !== '' && secret.length <= MAX_PASSWORD

function refusal(password: string, again: string): string | undefined {
  if ([...password].length < MIN_PASSWORD) return `A password has at least ${MIN_PASSWORD} characters.`
  if (password.length > MAX_PASSWORD) return `A password has at most ${MAX_PASSWORD} characters.`
  if (password !== again) return 'The two new passwords are not the same.'
  return undefined
}

const seconds = (ms: number): number => Math.ceil(ms / 1_000)
const waitInWords = (ms: number): string => `Too many wrong guesses. Try again in ${seconds(ms)} s.`
const tooMany = (c: Context, page: Parameters<typeof answer>[1], wait: number) =>
  answer(c, page, 429, { 'retry-after': String(seconds(wait)) })

function SpentLink() {
  return (
    <Message
      title="This link does not work any more"
      text="A link works once and not for long. Print a new one on the collector's machine, or sign in with the password or an admin key."
      command="leadwake key new"
      to="/login"
      link="Sign in"
    />
  )
}
