import { Hono } from 'hono'
import { ENTRY_VERSION, type Entry } from '../entry.ts'
import { eventKey } from '../event-key.ts'
import { problem } from '../problem.ts'
import { access, siteOf } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { performed } from './performed.ts'
import { DecisionBody } from './schema.ts'
import { jsonBody } from './validate.ts'

/** What sales says of a lead: accepted, sent back, won, lost. */
export function decisionsApi(deps: ApiDeps): Hono {
  const { memory, ask, newId, now } = deps
  return new Hono().post('/v1/leads/:id/decision', async (c) => {
    const allowed = access(c, memory, 'leads')
    if ('refused' in allowed) return allowed.refused
    const contact = await ask.contact(c.req.param('id'))
    if (!contact || siteOf(memory, allowed.key, contact.site) === undefined)
      return problem(c, 404, 'no such lead')
    const body = await jsonBody(c, DecisionBody)
    if ('refused' in body) return body.refused
    const { decision, reason = null, until = null, value = null, expectedStage, expectedVersion } = body.value
    const at = Math.min(body.value.at ?? now(), now())
    const entry: Entry = {
      kind: 'decision',
      v: ENTRY_VERSION,
      site: contact.site,
      contact: contact.id,
      decision: {
        id: { ms: at, key: eventKey(`decision:${newId()}`).key },
        at,
        decision,
        by: allowed.key.name,
        reason,
        until,
        value,
      },
      expected: {
        ...(expectedStage !== undefined && { stage: expectedStage }),
        ...(expectedVersion !== undefined && { version: expectedVersion }),
      },
    }
    return performed(c, deps, entry, body.text)
  })
}
