import { Hono } from 'hono'
import { type BroughtPerson, ENTRY_VERSION } from '../entry.ts'
import { KnownContact } from './answers/operation.ts'
import { ContactsAnswer } from './answers/people.ts'
import type { ApiDeps } from './deps.ts'
import { endpoint } from './endpoint.ts'
import { listing } from './listing.ts'
import { performed, settled } from './performed.ts'
import { ContactsQuery } from './queries.ts'
import { ContactsBody, ContactsShown, MAX_BATCH_BYTES, PersonBody } from './schema.ts'
import { checked } from './validate.ts'

/** People of another system, many at once; `refused` names those that were not taken by their place in the list, from 0. */
export function contactsApi(deps: ApiDeps): Hono {
  const { newId, now } = deps
  return new Hono()
    .get(
      '/v1/contacts',
      listing(
        deps,
        {
          id: 'findContacts',
          tag: 'People',
          summary: 'Who bears an e-mail address, a phone number or an external id',
          right: 'leads',
          query: ContactsQuery,
          item: KnownContact,
          name: 'contacts',
          example: { query: { email: 'ada@acme.org' } },
        },
        async (_c, { site, query: { email, phone, externalId } }) => {
          const { contacts } = await deps.ask.wouldIdentify(site, {
            ...(email !== undefined && { email }),
            ...(phone !== undefined && { phone }),
            ...(externalId !== undefined && { externalId }),
          })
          return { items: contacts, next: null }
        },
      ),
    )
    .post(
      '/v1/contacts',
      endpoint(
        deps,
        {
          id: 'bringContacts',
          tag: 'People',
          summary: 'Brings people whom you know already',
          description:
            'At most 500 at a time; what they do counts from their first visit. Wrong ones are named and cost no other. Tells no webhook: nobody came.',
          right: 'link',
          body: ContactsBody,
          shown: ContactsShown,
          maxBytes: MAX_BATCH_BYTES,
          answers: { 200: ContactsAnswer },
          appends: true,
          example: {
            body: { site: 'main', contacts: [{ email: 'grace@acme.org', traits: { name: 'Grace Hopper' } }] },
          },
        },
        (c, { site, body, text }) => {
          const people: BroughtPerson[] = []
          const wrong: { line: number; detail: string }[] = []
          for (const [line, contact] of body.contacts.entries()) {
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
          return performed(c, deps, entry, text, (outcome) => {
            if (outcome.status >= 400) return settled(c, outcome)
            const { created, updated, refused } = outcome.body
            const all = [...wrong, ...(refused as typeof wrong)].sort((a, b) => a.line - b.line)
            return c.json({
              created,
              updated,
              refused: all.map(({ line, detail }) => ({ index: line, detail })),
            })
          })
        },
      ),
    )
}
