import { type Context, Hono } from 'hono'
import type * as v from 'valibot'
import { ENTRY_VERSION, type Entry } from '../entry.ts'
import { eventKey } from '../event-key.ts'
import { problem } from '../problem.ts'
import { access, siteOf } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { performed } from './performed.ts'
import { DecisionBody, NoteBody } from './schema.ts'
import { jsonBody } from './validate.ts'

/** What sales says of a lead: accepted, sent back, won, lost, and what it noted. */
export function decisionsApi(deps: ApiDeps): Hono {
  const { memory, ask } = deps

  /** The contact of the call and who calls, or why not. */
  async function called(c: Context) {
    const allowed = access(c, memory, 'leads')
    if ('refused' in allowed) return allowed
    const contact = await ask.contact(c.req.param('id') ?? '')
    if (!contact || siteOf(memory, allowed.key, contact.site) === undefined)
      return { refused: problem(c, 404, 'no such lead') }
    return { said: { contact, by: allowed.key.name } }
  }

  return new Hono()
    .post('/v1/leads/:id/decision', async (c) => {
      const call = await called(c)
      if ('refused' in call) return call.refused
      const body = await jsonBody(c, DecisionBody)
      if ('refused' in body) return body.refused
      return performed(c, deps, decisionEntry(call.said, body.value, deps), body.text)
    })
    .post('/v1/leads/:id/notes', async (c) => {
      const call = await called(c)
      if ('refused' in call) return call.refused
      const body = await jsonBody(c, NoteBody)
      if ('refused' in body) return body.refused
      return performed(c, deps, noteEntry(call.said, body.value, deps), body.text)
    })
}

/** Of whom something is said, and by whom. */
export interface Said {
  contact: { id: string; site: string }
  by: string
}

export function decisionEntry(
  { contact, by }: Said,
  body: v.InferOutput<typeof DecisionBody>,
  { now, newId }: Pick<ApiDeps, 'now' | 'newId'>,
): Entry {
  const { decision, reason = null, until = null, value = null, expectedStage, expectedVersion } = body
  const at = Math.min(body.at ?? now(), now())
  return {
    kind: 'decision',
    v: ENTRY_VERSION,
    site: contact.site,
    contact: contact.id,
    decision: {
      id: { ms: at, key: eventKey(`decision:${newId()}`).key },
      at,
      decision,
      by,
      reason,
      until,
      value,
    },
    expected: {
      ...(expectedStage !== undefined && { stage: expectedStage }),
      ...(expectedVersion !== undefined && { version: expectedVersion }),
    },
  }
}

export function noteEntry(
  { contact, by }: Said,
  { kind: about, text }: v.InferOutput<typeof NoteBody>,
  { now, newId }: Pick<ApiDeps, 'now' | 'newId'>,
): Entry {
  const { id, site } = contact
  return { kind: 'note', v: ENTRY_VERSION, site, contact: id, id: newId(), about, text, at: now(), by }
}
