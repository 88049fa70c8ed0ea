import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { ENTRY_VERSION } from '../entry.ts'
import type { HeldKey } from '../keys.ts'
import { LogUnavailable } from '../log/log.ts'
import { problem } from '../problem.ts'
import { exportOf, type PersonFacts } from '../read/person.ts'
import { siteOf } from './access.ts'
import { text, whole, yes } from './answers/fields.ts'
import { AuditItem } from './answers/people.ts'
import type { ApiDeps } from './deps.ts'
import { EXAMPLE_LEAD, endpoint } from './endpoint.ts'
import { listing, streamed } from './listing.ts'
import { performed } from './performed.ts'
import { LeadParams, TimelineQuery } from './queries.ts'
import { CorrectionBody, ObjectionBody } from './schema.ts'

/** What people may ask for: all that is held of them, correction, no profiling, to be forgotten. Each leaves a row in the audit log. */
export function peopleApi(deps: ApiDeps): Hono {
  const { memory, ask, now } = deps

  /** The person that a call is about, and who asks; undefined where the key does not open it. */
  async function asked(id: string, key: HeldKey): Promise<{ person: PersonFacts; by: string } | undefined> {
    const person = await ask.person(id)
    if (!person || siteOf(memory, key, person.site) === undefined) return undefined
    return { person, by: key.id ?? 'lent key' }
  }
  const nobody = (c: Context) => problem(c, 404, 'no such lead')

  return new Hono()
    .delete(
      '/v1/leads/:id',
      endpoint(
        deps,
        {
          id: 'eraseLead',
          tag: 'People',
          summary: 'Erases a person, who stays away from then on',
          description: 'Answers when nothing is left in state and log. A new opt-in brings the person back.',
          right: 'admin',
          params: LeadParams,
          answers: { 200: v.object({ erased: yes, rows: v.optional(whole) }) },
          appends: true,
          example: { params: { id: EXAMPLE_LEAD } },
        },
        async (c, { params, key }) => {
          const about = await asked(params.id, key)
          if (!about) return nobody(c)
          const { person, by } = about
          const { site, no: contact } = person
          return performed(c, deps, { kind: 'erase', v: ENTRY_VERSION, site, contact, by }, '')
        },
      ),
    )
    .patch(
      '/v1/leads/:id',
      endpoint(
        deps,
        {
          id: 'correctLead',
          tag: 'People',
          summary: 'Corrects what is held of a person, and says who works the lead; null forgets a value',
          right: 'leads',
          params: LeadParams,
          body: CorrectionBody,
          answers: { 200: v.object({ id: text }) },
          refuses: { 409: 'Another contact has that.' },
          appends: true,
          example: {
            params: { id: EXAMPLE_LEAD },
            body: { owner: 'Grace', traits: { title: 'Head of maintenance' } },
          },
        },
        async (c, { params, key, body, text }) => {
          const about = await asked(params.id, key)
          if (!about) return nobody(c)
          const { person, by } = about
          const { email, phone, externalId, traits, owner } = body
          return performed(
            c,
            deps,
            {
              kind: 'correct',
              v: ENTRY_VERSION,
              site: person.site,
              contact: person.no,
              by,
              ...(email !== undefined && { email }),
              ...(phone !== undefined && { phone }),
              ...(externalId !== undefined && { externalId }),
              traits,
              ...(owner !== undefined && { owner }),
              at: now(),
            },
            text,
          )
        },
      ),
    )
    .post(
      '/v1/leads/:id/objection',
      endpoint(
        deps,
        {
          id: 'objectLead',
          tag: 'People',
          summary: 'A person objects to profiling, or no longer does',
          description: 'Who objects is kept and never scored.',
          right: 'leads',
          params: LeadParams,
          body: ObjectionBody,
          answers: { 200: v.object({ id: text, objects: yes }) },
          appends: true,
          example: { params: { id: EXAMPLE_LEAD }, body: { objects: true } },
        },
        async (c, { params, key, body: { objects }, text }) => {
          const about = await asked(params.id, key)
          if (!about) return nobody(c)
          const { person, by } = about
          const { site, no: contact } = person
          const entry = { kind: 'object', v: ENTRY_VERSION, site, contact, by, objects, at: now() } as const
          return performed(c, deps, entry, text)
        },
      ),
    )
    .get(
      '/v1/leads/:id/export',
      endpoint(
        deps,
        {
          id: 'exportLead',
          tag: 'People',
          summary: 'All that is held of a person',
          right: 'admin',
          params: LeadParams,
          answers: { 200: v.record(v.string(), v.unknown()) },
          refuses: { 503: 'What came before is not projected yet.' },
          example: { params: { id: EXAMPLE_LEAD } },
        },
        async (c, { params, key }) => {
          const about = await asked(params.id, key)
          if (!about) return nobody(c)
          const { person, by } = about
          const { site, no: contact } = person
          const told = await deps.perform({ kind: 'exported', v: ENTRY_VERSION, site, contact, by })
          // What was acknowledged before is projected before: the export holds it.
          if (!('outcome' in told))
            throw new LogUnavailable('what came before the export is not projected yet')
          if (told.outcome.status >= 400) return nobody(c)
          const head = {
            id: person.id,
            site: person.site,
            exportedAt: new Date(now()).toISOString(),
            lead: await ask.lead(person.id),
          }
          const text = exportOf(head, (cursor) => ask.personParts(person.no, cursor))
          return c.body(streamed(text), 200, {
            'content-type': 'application/json',
            'content-disposition': `attachment; filename="${person.id}.json"`,
          })
        },
      ),
    )
    .get(
      '/v1/audit',
      listing(
        deps,
        {
          id: 'listAudit',
          tag: 'People',
          summary: 'Who did what about whose data, the newest first',
          description: 'Of the site of the key, or of all.',
          right: 'admin',
          query: TimelineQuery,
          item: AuditItem,
          name: 'audit',
          example: {},
        },
        (_c, { key }, { limit, cursor }) => ask.audit(limit, cursor, key.site),
      ),
    )
}
