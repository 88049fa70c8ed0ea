import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { ENTRY_VERSION, type Entry } from '../entry.ts'
import { eventKey } from '../event-key.ts'
import type { HeldKey } from '../keys.ts'
import { problem } from '../problem.ts'
import { siteOf } from './access.ts'
import { text } from './answers/fields.ts'
import { DecidedAnswer } from './answers/leads.ts'
import type { ApiDeps } from './deps.ts'
import { EXAMPLE_LEAD, endpoint } from './endpoint.ts'
import { performed } from './performed.ts'
import { LeadParams } from './queries.ts'
import { DecisionBody, NoteBody } from './schema.ts'

/** What sales says of a lead: accepted, sent back, won, lost, and what it noted. */
export function decisionsApi(deps: ApiDeps): Hono {
  const { memory, ask } = deps

  /** The contact of the call and who calls; undefined where the key does not open it. */
  async function called(id: string, key: HeldKey): Promise<Said | undefined> {
    const contact = await ask.contact(id)
    return contact && siteOf(memory, key, contact.site) !== undefined ? { contact, by: key.name } : undefined
  }
  const nobody = (c: Context) => problem(c, 404, 'no such lead')

  return new Hono()
    .post(
      '/v1/leads/:id/decision',
      endpoint(
        deps,
        {
          id: 'decideLead',
          tag: 'Sales',
          summary: 'What sales decides of a lead',
          description:
            '`accept` sets a flag of an SQL; the others move it. `expectedVersion` (how many decisions you have seen) makes the second of two people a 409.',
          right: 'leads',
          params: LeadParams,
          body: DecisionBody,
          answers: { 200: DecidedAnswer },
          refuses: { 409: 'It does not fit where the lead stands, or others have decided since.' },
          appends: true,
          example: { params: { id: EXAMPLE_LEAD }, body: { decision: 'disqualify', reason: 'a student' } },
        },
        async (c, { params, key, body, text }) => {
          const said = await called(params.id, key)
          return said ? performed(c, deps, decisionEntry(said, body, deps), text) : nobody(c)
        },
      ),
    )
    .post(
      '/v1/leads/:id/notes',
      endpoint(
        deps,
        {
          id: 'noteLead',
          tag: 'Sales',
          summary: 'Notes what sales has heard',
          right: 'leads',
          params: LeadParams,
          body: NoteBody,
          answers: { 201: v.object({ id: text }) },
          appends: true,
          example: {
            params: { id: EXAMPLE_LEAD },
            body: { kind: 'budget', text: 'Has 20,000 EUR for this year.' },
          },
        },
        async (c, { params, key, body, text }) => {
          const said = await called(params.id, key)
          return said ? performed(c, deps, noteEntry(said, body, deps), text) : nobody(c)
        },
      ),
    )
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
