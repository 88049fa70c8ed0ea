import type { Context } from 'hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type Person, sees } from '../staff.ts'
import { answer } from './answer.tsx'
import { Confirm } from './confirm.tsx'
import type { DashboardDeps } from './deps.ts'
import type { Gate } from './gate.tsx'
import { type Frame, siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { Message } from './message.tsx'
import { nameOf } from './parts.tsx'

const MAX_FORM_BYTES = 4_096

export interface PersonRoutes extends Pick<DashboardDeps, 'queries' | 'api'> {
  gate: Gate
  frameOf(c: Context, person: Person, rest: Partial<Frame>): Promise<Frame>
  missing(c: Context, person: Person): Promise<Response>
  /** The page of a lead with what went wrong. */
  lead(c: Context, person: Person, id: string, error: string, status: 404 | 409 | 422): Promise<Response>
}

function Erased({ frame }: { frame: Frame }) {
  const { t } = useLocale()
  return (
    <Message
      frame={frame}
      title={t.person.erased}
      text={t.person.erasedHow}
      to={siteUrl('/leads', frame.site)}
      link={t.nav.leads}
    />
  )
}

function Erasing({ frame, id, name, error }: { frame: Frame; id: string; name: string; error?: string }) {
  const { t } = useLocale()
  const lead = `/leads/${encodeURIComponent(id)}`
  return (
    <Confirm
      {...{ frame, error }}
      title={t.person.eraseTitle}
      name={name}
      text={t.person.eraseText}
      action={`${lead}/erase`}
      button={t.person.erase}
      back={lead}
    />
  )
}

/** What a person may ask for, and who works it: forms of the lead page. */
export function personRoutes({ queries, api, gate, frameOf, missing, lead }: PersonRoutes): Hono {
  const { own, signedIn } = gate
  const form = bodyLimit({ maxSize: MAX_FORM_BYTES })
  const path = (id: string) => `/leads/${encodeURIComponent(id)}`

  /** A form that calls the API and comes back to the lead. */
  const calling = (call: (posted: URLSearchParams) => ['POST' | 'PATCH', string, unknown]) =>
    own(
      signedIn(async (c, person) => {
        const id = c.req.param('id') ?? ''
        const [method, rest, body] = call(new URLSearchParams(await c.req.text()))
        const { status, detail } = await api(c, method, `/v1${path(id)}${rest}`, body)
        if (status < 300) return c.redirect(path(id), 303)
        return lead(c, person, id, detail, status === 404 || status === 409 ? status : 422)
      }, 'leads'),
    )

  async function about(c: Context, person: Person) {
    const found = await queries.lead(c.req.param('id') ?? '')
    if (!found || !sees(person, found.site)) return undefined
    return { found, frame: await frameOf(c, person, { site: found.site, active: 'leads' }) }
  }

  return new Hono()
    .post(
      '/leads/:id/objection',
      form,
      calling((posted) => ['POST', '/objection', { objects: posted.get('objects') === 'yes' }]),
    )
    .post(
      '/leads/:id/owner',
      form,
      calling((posted) => ['PATCH', '', { owner: posted.get('owner')?.trim() || null }]),
    )
    .get(
      '/leads/:id/erase',
      signedIn(async (c, person) => {
        const asked = await about(c, person)
        if (!asked) return missing(c, person)
        const { frame, found } = asked
        return answer(c, <Erasing frame={frame} id={found.id} name={nameOf(found)} />)
      }, 'admin'),
    )
    .post(
      '/leads/:id/erase',
      form,
      own(
        signedIn(async (c, person) => {
          const asked = await about(c, person)
          if (!asked) return missing(c, person)
          const { frame, found } = asked
          const { status, detail } = await api(c, 'DELETE', `/v1${path(found.id)}`)
          if (status < 300) return answer(c, <Erased frame={frame} />)
          return answer(c, <Erasing frame={frame} id={found.id} name={nameOf(found)} error={detail} />, 409)
        }, 'admin'),
      ),
    )
}
