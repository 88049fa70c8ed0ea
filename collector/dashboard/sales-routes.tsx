import type { Context } from 'hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as v from 'valibot'
import { DecisionBody, NoteBody } from '../api/schema.ts'
import type { Person } from '../staff.ts'
import type { DashboardDeps } from './deps.ts'
import type { Gate } from './gate.tsx'

/** A note may have 4,000 characters, each of up to twelve bytes once encoded. */
const MAX_FORM_BYTES = 65_536

export interface SalesRoutes extends Pick<DashboardDeps, 'sales'> {
  gate: Gate
  /** The page of a lead with what went wrong. */
  lead(c: Context, person: Person, id: string, error: string, status: 404 | 409 | 422): Promise<Response>
}

/** The forms of the lead page. Whoever sends one comes back to the lead. */
export function salesRoutes({ sales, gate: { own, signedIn }, lead }: SalesRoutes): Hono {
  const form = bodyLimit({ maxSize: MAX_FORM_BYTES })

  const posting = <S extends v.GenericSchema>(
    schema: S,
    read: (posted: URLSearchParams) => unknown,
    send: (id: string, body: v.InferOutput<S>, by: Person) => ReturnType<DashboardDeps['sales']['note']>,
  ) =>
    own(
      signedIn(async (c, person) => {
        const id = c.req.param('id') ?? ''
        const parsed = v.safeParse(schema, read(new URLSearchParams(await c.req.text())))
        if (!parsed.success) return lead(c, person, id, parsed.issues[0].message, 422)
        const refused = await send(id, parsed.output, person)
        if (refused) return lead(c, person, id, refused.detail, refused.status)
        return c.redirect(`/leads/${encodeURIComponent(id)}`, 303)
      }, 'leads'),
    )

  return new Hono().post('/leads/:id/decision', form, posting(DecisionBody, readDecision, sales.decide)).post(
    '/leads/:id/notes',
    form,
    posting(NoteBody, (posted) => Object.fromEntries(posted), sales.note),
  )
}

/** A form sends empty texts for what was not filled in, and days without a time. */
function readDecision(posted: URLSearchParams): unknown {
  const fields = Object.fromEntries([...posted].filter(([, value]) => value !== ''))
  const { value, until, expectedVersion, ...rest } = fields
  return {
    ...rest,
    ...(value !== undefined && { value: Number(value) }),
    ...(until !== undefined && { until: `${until}T00:00:00Z` }),
    ...(expectedVersion !== undefined && { expectedVersion: Number(expectedVersion) }),
  }
}
