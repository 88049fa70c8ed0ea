import { type Context, Hono } from 'hono'
import { ENTRY_VERSION, type Right } from '../entry.ts'
import { LogUnavailable } from '../log/log.ts'
import { problem } from '../problem.ts'
import { exportOf, type PersonFacts } from '../read/person.ts'
import { access, siteOf } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { performed } from './performed.ts'
import { CorrectionBody, ObjectionBody, TimelineQuery } from './schema.ts'
import { jsonBody, queryOf } from './validate.ts'

/** What people may ask for: all that is held of them, correction, no profiling, to be forgotten. Each leaves a row in the audit log. */
export function peopleApi(deps: ApiDeps): Hono {
  const { memory, ask, now } = deps

  /** The person that a call is about, and who asks; else the answer that says why not. */
  async function asked(
    c: Context,
    right: Right,
  ): Promise<{ person: PersonFacts; by: string } | { refused: Response }> {
    const allowed = access(c, memory, right)
    if ('refused' in allowed) return allowed
    const person = await ask.person(c.req.param('id') ?? '')
    if (!person || siteOf(memory, allowed.key, person.site) === undefined)
      return { refused: problem(c, 404, 'no such lead') }
    return { person, by: allowed.key.id ?? 'lent key' }
  }

  return new Hono()
    .delete('/v1/leads/:id', async (c) => {
      const about = await asked(c, 'admin')
      if ('refused' in about) return about.refused
      const { person, by } = about
      return performed(
        c,
        deps,
        { kind: 'erase', v: ENTRY_VERSION, site: person.site, contact: person.no, by },
        '',
      )
    })
    .patch('/v1/leads/:id', async (c) => {
      const about = await asked(c, 'leads')
      if ('refused' in about) return about.refused
      const body = await jsonBody(c, CorrectionBody)
      if ('refused' in body) return body.refused
      const { person, by } = about
      const { email, phone, externalId, traits } = body.value
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
          at: now(),
        },
        body.text,
      )
    })
    .post('/v1/leads/:id/objection', async (c) => {
      const about = await asked(c, 'leads')
      if ('refused' in about) return about.refused
      const body = await jsonBody(c, ObjectionBody)
      if ('refused' in body) return body.refused
      const { person, by } = about
      const { objects } = body.value
      return performed(
        c,
        deps,
        {
          kind: 'object',
          v: ENTRY_VERSION,
          site: person.site,
          contact: person.no,
          by,
          objects,
          at: now(),
        },
        body.text,
      )
    })
    .get('/v1/leads/:id/export', async (c) => {
      const about = await asked(c, 'admin')
      if ('refused' in about) return about.refused
      const { person, by } = about
      const told = await deps.perform({
        kind: 'exported',
        v: ENTRY_VERSION,
        site: person.site,
        contact: person.no,
        by,
      })
      // What was acknowledged before is projected before: the export holds it.
      if (!('outcome' in told)) throw new LogUnavailable('what came before the export is not projected yet')
      if (told.outcome.status >= 400) return problem(c, 404, 'no such lead')
      const head = {
        id: person.id,
        site: person.site,
        exportedAt: new Date(now()).toISOString(),
        lead: await ask.lead(person.id),
      }
      const text = exportOf(head, (cursor) => ask.personParts(person.no, cursor))
      return new Response(streamed(text), {
        headers: {
          'content-type': 'application/json',
          'content-disposition': `attachment; filename="${person.id}.json"`,
        },
      })
    })
    .get('/v1/audit', async (c) => {
      const allowed = access(c, memory, 'admin')
      if ('refused' in allowed) return allowed.refused
      if (allowed.key.site !== null) return problem(c, 403, 'this call needs a key for every site')
      const query = queryOf(c, TimelineQuery)
      if ('refused' in query) return query.refused
      return c.json(await ask.audit(query.value.limit, query.value.cursor))
    })
}

/** Texts as they are asked for. */
function streamed(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const next = await texts.next()
      if (next.done) controller.close()
      else controller.enqueue(encoder.encode(next.value))
    },
    async cancel() {
      await texts.return(undefined)
    },
  })
}
