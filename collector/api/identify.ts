import { Hono } from 'hono'
import { ENTRY_VERSION, type Entry, type SentSignal } from '../entry.ts'
import { eventKey } from '../event-key.ts'
import { problem } from '../problem.ts'
import { access, siteOf } from './access.ts'
import type { ApiDeps } from './deps.ts'
import { performed } from './performed.ts'
import { EventBody, IdentifyBody } from './schema.ts'
import { jsonBody } from './validate.ts'

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
      const { site, visitor, email, phone, externalId, traits, signal } = body.value
      if (siteOf(memory, allowed.key, site) === undefined)
        return problem(c, 404, 'site: no such site for this key')
      const at = Math.min(body.value.at ?? now(), now())
      const entry: Entry = {
        kind: 'identify',
        v: ENTRY_VERSION,
        site,
        newContact: newId(),
        visitors: typeof visitor === 'string' ? (visitor === '' ? [] : [visitor]) : (visitor ?? []),
        ...(email !== undefined && { email }),
        ...(phone !== undefined && { phone }),
        ...(externalId !== undefined && { externalId }),
        traits,
        at,
        ...(signal && { signal: sent(signal, at) }),
      }
      return performed(c, deps, entry)
    })
    .post('/v1/events', async (c) => {
      const allowed = access(c, memory, 'events')
      if ('refused' in allowed) return allowed.refused
      const body = await jsonBody(c, EventBody)
      if ('refused' in body) return body.refused
      const { site, contact, visitor, ...signal } = body.value
      if (siteOf(memory, allowed.key, site) === undefined)
        return problem(c, 404, 'site: no such site for this key')
      const entry: Entry = {
        kind: 'signal',
        v: ENTRY_VERSION,
        site,
        items: [
          {
            ...(contact !== undefined && { contact }),
            ...(visitor !== undefined && { visitor }),
            signal: sent(signal, now()),
          },
        ],
      }
      return performed(c, deps, entry)
    })
}
