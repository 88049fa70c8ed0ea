import { Hono } from 'hono'
import * as v from 'valibot'
import { ENTRY_VERSION, type Entry, type Outcome, type SentSignal } from '../entry.ts'
import { eventKey } from '../event-key.ts'
import { problem } from '../problem.ts'
import { ERASED } from '../project/suppressing.ts'
import { siteOf } from './access.ts'
import { text } from './answers/fields.ts'
import { EventAnswer, EventsAnswer, IdentifyAnswer, WouldIdentifyAnswer } from './answers/people.ts'
import type { ApiDeps } from './deps.ts'
import { EXAMPLE_LEAD, endpoint } from './endpoint.ts'
import { performed, settled } from './performed.ts'
import { ContactParams } from './queries.ts'
import { EventBody, EventsBody, IdentifyBody, MAX_BATCH_BYTES } from './schema.ts'

/** How forms spell a yes and a no; a checkbox that is ticked says 'on'. */
const GRANTS = new Set<unknown>([true, 'true', 'granted', 'yes', 'on', '1'])
const REFUSALS = new Set<unknown>([false, 'false', 'denied', 'refused', 'no', 'off', '0', ''])

/** A value that nobody can read is no yes. */
const consentSaid = (value: unknown): boolean | undefined => (value == null ? undefined : GRANTS.has(value))

const isBatch = (posted: unknown): boolean =>
  typeof posted === 'object' && posted !== null && 'events' in posted

/** Calls that link visitors to contacts and bring what servers know of them. */
export function identifyApi(deps: ApiDeps): Hono {
  const { memory, newId, now } = deps

  function sent(
    signal: { name: string; id?: string; at?: number; props?: Record<string, unknown> },
    at: number,
  ): SentSignal {
    const { name, props } = signal
    return {
      id: eventKey(`${name}:${signal.id ?? newId()}`),
      name,
      at: Math.min(signal.at ?? at, now()),
      ...(props && { props }),
    }
  }

  return new Hono()
    .post(
      '/v1/identify',
      endpoint(
        deps,
        {
          id: 'identify',
          tag: 'People',
          summary: 'Says who a visitor is',
          description:
            'For the code that takes a form. By e-mail, phone or external id, with or without a visitor. What that visitor did in the 90 days before counts too. Two records of one person become one when a call names both.',
          right: 'link',
          body: IdentifyBody,
          answers: {
            200: v.union([IdentifyAnswer, WouldIdentifyAnswer]),
            201: IdentifyAnswer,
          },
          refuses: {
            409: 'The identifiers are those of two people, or the person was erased and stays away.',
          },
          appends: true,
          example: {
            body: {
              site: 'main',
              visitor: 'k3x9-visitor',
              email: 'ada@acme.org',
              traits: { name: 'Ada Lovelace', company: 'Acme' },
              signal: { name: 'demo_requested', id: 'form-4711' },
            },
          },
        },
        async (c, { site, body, text }) => {
          const { visitor, page, email, phone, externalId, traits, signal, form, dryRun } = body
          const named = {
            ...(email !== undefined && { email }),
            ...(phone !== undefined && { phone }),
            ...(externalId !== undefined && { externalId }),
          }
          const consent = consentSaid(body.consent)
          if (dryRun) return c.json({ dryRun: true, ...(await deps.ask.wouldIdentify(site, named)) })
          const away = (kind: 'visitor' | 'email' | 'phone' | 'external', value: string | undefined) =>
            consent !== true && value !== undefined && memory.suppressed?.(site, kind, value) === true
          // Told here already, so that not even the log holds the name; the projector knows it for certain.
          if (away('email', email) || away('phone', phone) || away('external', externalId))
            return settled(c, ERASED)
          if (consent === false && !REFUSALS.has(body.consent)) deps.counts.note('unreadable-consent')
          const at = Math.min(body.at ?? now(), now())
          const entry: Entry = {
            kind: 'identify',
            v: ENTRY_VERSION,
            site,
            newContact: newId(),
            visitors: [visitor ?? []].flat().filter((id) => id !== '' && !away('visitor', id)),
            ...(page !== undefined && page !== '' && { page: eventKey(page) }),
            ...named,
            traits,
            ...(consent !== undefined && { consent }),
            at,
            signals: signalsOf(signal, form, at),
          }
          return performed(c, deps, entry, text)
        },
      ),
    )
    .post(
      '/v1/events',
      endpoint(
        deps,
        {
          id: 'sendEvents',
          tag: 'People',
          summary: 'Brings what servers know: a click in a mail, a webinar, a demo request',
          description:
            'One signal of a contact or a visitor, or up to 500 in `events`, each of which is answered in its place. Sent again with the same `id` it counts once.',
          right: 'events',
          body: (posted: unknown): typeof EventBody | typeof EventsBody =>
            isBatch(posted) ? EventsBody : EventBody,
          shown: v.union([EventBody, EventsBody]),
          maxBytes: MAX_BATCH_BYTES,
          answers: { 200: v.union([EventAnswer, EventsAnswer]) },
          refuses: { 404: 'Nobody of this site has that id, external id or e-mail.' },
          appends: true,
          example: { body: { site: 'main', contact: 'ada@acme.org', name: 'email_click', id: 'mail-4711' } },
        },
        (c, { site, body, text }) => {
          const batch = 'events' in body
          const events = batch ? body.events : [body]
          const items = events.map(({ contact, visitor, ...signal }) => ({
            ...(contact !== undefined && { contact }),
            ...(visitor !== undefined && { visitor }),
            signal: sent(signal, now()),
          }))
          const entry: Entry = { kind: 'signal', v: ENTRY_VERSION, site, items }
          return performed(c, deps, entry, text, (outcome) => {
            if (batch || outcome.status >= 400) return settled(c, outcome)
            const [{ status, ...only }] = outcome.body.items as [{ status: Outcome['status'] }]
            return settled(c, { status, body: only })
          })
        },
      ),
    )
    .post(
      '/v1/contacts/:id/unmerge',
      endpoint(
        deps,
        {
          id: 'unmergeContact',
          tag: 'People',
          summary: 'Takes a record out of the person that it was merged into',
          right: 'link',
          params: ContactParams,
          answers: { 200: v.object({ id: text }) },
          refuses: { 409: 'That contact was not merged into another.' },
          appends: true,
          example: { params: { id: EXAMPLE_LEAD } },
        },
        async (c, { key, params }) => {
          const contact = await deps.ask.contact(params.id)
          if (!contact || siteOf(memory, key, contact.site) === undefined)
            return problem(c, 404, 'no such contact')
          const { site } = contact
          return performed(c, deps, { kind: 'unmerge', v: ENTRY_VERSION, site, contact: params.id }, '')
        },
      ),
    )

  /** The signal that came along, which bears the form's name; a form without one is a signal of its own. */
  function signalsOf(
    signal: Parameters<typeof sent>[0] | undefined,
    form: string | undefined,
    at: number,
  ): SentSignal[] {
    if (form === undefined) return signal ? [sent(signal, at)] : []
    if (signal) return [sent({ ...signal, props: { ...signal.props, form } }, at)]
    return [sent({ name: 'form_submitted', id: `${form} ${at}`, props: { form } }, at)]
  }
}
