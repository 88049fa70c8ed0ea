import { Hono } from 'hono'
import { type BroughtPerson, ENTRY_VERSION } from '../entry.ts'
import { problem } from '../problem.ts'
import { access, siteOf } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { performed } from './performed.ts'
import { ContactsBody, MAX_BATCH_BYTES, PersonBody } from './schema.ts'
import { checked, jsonBody } from './validate.ts'

/** People of another system, many at once; `refused` names those that were not taken by their place in the list, from 0. */
export function contactsApi(deps: ApiDeps): Hono {
  const { memory, newId, now } = deps
  return new Hono().post('/v1/contacts', async (c) => {
    const allowed = access(c, memory, 'link')
    if ('refused' in allowed) return allowed.refused
    const body = await jsonBody(c, ContactsBody, MAX_BATCH_BYTES)
    if ('refused' in body) return body.refused
    const { site, contacts } = body.value
    if (siteOf(memory, allowed.key, site) === undefined)
      return problem(c, 404, 'site: no such site for this key')
    const people: BroughtPerson[] = []
    const wrong: { line: number; detail: string }[] = []
    for (const [line, contact] of contacts.entries()) {
      const result = checked(PersonBody, contact)
      if ('problem' in result) wrong.push({ line, detail: result.problem })
      else {
        const { email, phone, externalId, traits, consent, at } = result.value
        people.push({
          newContact: newId(),
          line,
          ...(email !== undefined && { email }),
          ...(phone !== undefined && { phone }),
          ...(externalId !== undefined && { externalId }),
          traits,
          ...(consent !== undefined && { consent }),
          at: Math.min(at ?? now(), now()),
        })
      }
    }
    const entry = { kind: 'contacts', v: ENTRY_VERSION, site, people } as const
    return performed(c, deps, entry, body.text, ({ body: { created, updated, refused } }) => {
      const all = [...wrong, ...(refused as typeof wrong)].sort((a, b) => a.line - b.line)
      return c.json({
        created,
        updated,
        refused: all.map(({ line, detail }) => ({ index: line, detail })),
      })
    })
  })
}
