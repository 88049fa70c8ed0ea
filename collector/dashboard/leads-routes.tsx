import type { Context } from 'hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type Person, sees } from '../staff.ts'
import { answer } from './answer.tsx'
import type { DashboardDeps } from './deps.ts'
import type { Gate } from './gate.tsx'
import type { Frame } from './layout.tsx'
import { Leads, type Outcome } from './leads.tsx'
import { askedOf, LEADS_A_PAGE } from './leads-query.ts'
import { nameOf } from './parts.tsx'

/** So many ids and an address. */
const MAX_FORM_BYTES = 32_768

export interface LeadsRoutes extends Pick<DashboardDeps, 'queries' | 'api' | 'now'> {
  gate: Gate
  origin: (c: Context) => string
  siteFrame(
    c: Context,
    person: Person,
    active: Frame['active'],
  ): Promise<(Frame & { site: string }) | Response>
}

/** The list of leads, and decisions about several of them. */
export function leadsRoutes({ queries, api, now, gate, origin, siteFrame }: LeadsRoutes): Hono {
  const { own, signedIn } = gate

  async function page(c: Context, person: Person, params: URLSearchParams, outcome?: Outcome) {
    const frame = await siteFrame(c, person, 'leads')
    if (frame instanceof Response) return frame
    const asked = askedOf(frame.site, params)
    const [stages, leads] = await Promise.all([
      queries.stageCounts(frame.site),
      queries.shownLeads(asked.query),
    ])
    const status = outcome && outcome.refused.length > 0 ? 409 : asked.problem === undefined ? 200 : 422
    return answer(
      c,
      <Leads {...{ frame, asked, leads, stages, outcome, origin: origin(c), now: now() }} />,
      status,
    )
  }

  async function decide(c: Context, person: Person, posted: URLSearchParams): Promise<Outcome> {
    const decision = posted.get('decision')
    const reason = posted.get('reason')
    const outcome: Outcome = { done: 0, refused: [] }
    for (const id of new Set(posted.getAll('id').slice(0, LEADS_A_PAGE))) {
      const body = { decision, ...(decision === 'reject' && { reason }) }
      const { status, detail } = await api(c, 'POST', `/v1/leads/${encodeURIComponent(id)}/decision`, body)
      if (status < 300) outcome.done++
      else {
        const lead = await queries.lead(id)
        outcome.refused.push({ name: lead && sees(person, lead.site) ? nameOf(lead) : id, why: detail })
      }
    }
    return outcome
  }

  return new Hono()
    .get(
      '/leads',
      signedIn((c, person) => {
        const params = new URL(c.req.url).searchParams
        const done = /^\d{1,3}$/.exec(params.get('done') ?? '')?.[0]
        return page(c, person, params, done === undefined ? undefined : { done: Number(done), refused: [] })
      }, 'leads'),
    )
    .post(
      '/leads',
      bodyLimit({ maxSize: MAX_FORM_BYTES }),
      own(
        signedIn(async (c, person) => {
          const posted = new URLSearchParams(await c.req.text())
          const back = new URLSearchParams((posted.get('back') ?? '').split('?')[1])
          const outcome = await decide(c, person, posted)
          if (outcome.refused.length > 0) return page(c, person, back, outcome)
          back.set('done', String(outcome.done))
          return c.redirect(`/leads?${back}`, 303)
        }, 'leads'),
      ),
    )
}
