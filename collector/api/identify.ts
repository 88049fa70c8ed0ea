import { Hono } from 'hono'
import { ENTRY_VERSION, type Entry, type Outcome, type SentSignal } from '../entry.ts'
import { eventKey } from '../event-key.ts'
import { problem } from '../problem.ts'
import { ERASED } from '../project/suppressing.ts'
import { access, siteOf } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { performed, settled } from './performed.ts'
import { EventBody, EventsBody, IdentifyBody, MAX_BATCH_BYTES } from './schema.ts'
import { jsonBody } from './validate.ts'

/** How forms spell a yes and a no; a checkbox that is ticked says 'on'. */
const GRANTS = new Set<unknown>([true, 'true', 'granted', 'yes', 'on', '1'])
const REFUSALS = new Set<unknown>([false, 'false', 'denied', 'refused', 'no', 'off', '0', ''])

/** A value that nobody can read is no yes. */
const consentSaid = (value: unknown): boolean | undefined => (value == null ? undefined : GRANTS.has(value))

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
    .post('/v1/identify', async (c) => {
      const allowed = access(c, memory, 'link')
      if ('refused' in allowed) return allowed.refused
      const body = await jsonBody(c, IdentifyBody)
      if ('refused' in body) return body.refused
      const { site, visitor, page, email, phone, externalId, traits, signal, form, dryRun } = body.value
      if (siteOf(memory, allowed.key, site) === undefined)
        return problem(c, 404, 'site: no such site for this key')
      const named = {
        ...(email !== undefined && { email }),
        ...(phone !== undefined && { phone }),
        ...(externalId !== undefined && { externalId }),
      }
      const consent = consentSaid(body.value.consent)
      if (dryRun) return c.json({ dryRun: true, ...(await deps.ask.wouldIdentify(site, named)) })
      const away = (kind: 'visitor' | 'email' | 'phone' | 'external', value: string | undefined) =>
        consent !== true && value !== undefined && memory.suppressed?.(site, kind, value) === true
      // Told here already, so that not even the log holds the name; the projector knows it for certain.
      if (away('email', email) || away('phone', phone) || away('external', externalId))
        return settled(c, ERASED)
      if (consent === false && !REFUSALS.has(body.value.consent)) deps.counts.note('unreadable-consent')
      const at = Math.min(body.value.at ?? now(), now())
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
      return performed(c, deps, entry, body.text)
    })
    .post('/v1/events', async (c) => {
      const allowed = access(c, memory, 'events')
      if ('refused' in allowed) return allowed.refused
      const isBatch = (posted: unknown) => typeof posted === 'object' && posted !== null && 'events' in posted
      const body = await jsonBody<typeof EventBody | typeof EventsBody>(
        c,
        (posted) => (isBatch(posted) ? EventsBody : EventBody),
        MAX_BATCH_BYTES,
      )
      if ('refused' in body) return body.refused
      const { site } = body.value
      if (siteOf(memory, allowed.key, site) === undefined)
        return problem(c, 404, 'site: no such site for this key')
      const batch = 'events' in body.value
      const events = 'events' in body.value ? body.value.events : [body.value]
      const items = events.map(({ contact, visitor, ...signal }) => ({
        ...(contact !== undefined && { contact }),
        ...(visitor !== undefined && { visitor }),
        signal: sent(signal, now()),
      }))
      const entry: Entry = { kind: 'signal', v: ENTRY_VERSION, site, items }
      return performed(c, deps, entry, body.text, (outcome) => {
        if (batch || outcome.status >= 400) return settled(c, outcome)
        const [{ status, ...only }] = outcome.body.items as [{ status: Outcome['status'] }]
        return settled(c, { status, body: only })
      })
    })
    .post('/v1/contacts/:id/unmerge', async (c) => {
      const allowed = access(c, memory, 'link')
      if ('refused' in allowed) return allowed.refused
      const contact = await deps.ask.contact(c.req.param('id'))
      if (!contact || siteOf(memory, allowed.key, contact.site) === undefined)
        return problem(c, 404, 'no such contact')
      const { id, site } = contact
      return performed(c, deps, { kind: 'unmerge', v: ENTRY_VERSION, site, contact: id }, '')
    })

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
