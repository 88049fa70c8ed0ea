import { randomUUID } from 'node:crypto'

/** What a form handler does with Leadwake: the one call that any site's server code would make. */

/** A person, as the form said. */
export interface Visitor {
  email: string
  name: string
  company: string
  title: string
  /** Visitor id that the snippet filled in; empty without script. */
  visitor: string
  /** Page view that the snippet filled in. */
  page: string
  submission: string
}

export type Submitted = 'saved' | 'refused' | 'failed'

export interface Collector {
  /** Such as http://127.0.0.1:4380. */
  origin: string
  site: string
  /** A key with the right to link and to send events. */
  key: string
  fetch: typeof fetch
}

/** Longest value of a field; the inputs say so too. */
const MAX_FIELD = 200
/** A form handler must not keep a person waiting for its analytics. */
const TIMEOUT_MS = 5_000
/** Ids from outside are opaque: 1 to 64 of these. */
const ID = /^[A-Za-z0-9_-]{1,64}$/
/** Something, an at sign, a host with a dot; whether it exists only a mail can tell. */
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/

/** Reads the posted fields; `valid` when the e-mail looks like one. */
export function readForm(posted: URLSearchParams): { person: Visitor; valid: boolean } {
  const field = (name: string) => (posted.get(name) ?? '').trim().slice(0, MAX_FIELD)
  const id = (name: string) => (ID.test(field(name)) ? field(name) : '')
  const person = {
    email: field('email'),
    name: field('name'),
    company: field('company'),
    title: field('title'),
    visitor: id('leadwake_visitor'),
    page: id('leadwake_page'),
    submission: id('submission') || randomUUID(),
  }
  return { person, valid: EMAIL.test(person.email) }
}

/**
 * Tells the collector who this is and what they asked for. Sent again with the same `submission` it counts once.
 * `refused`: the collector found a value that it does not take; `failed`: it could not be reached or could not save.
 */
export async function identify(
  collector: Collector,
  person: Visitor,
  signal: string,
  now: number,
): Promise<Submitted> {
  const body = {
    site: collector.site,
    ...(person.visitor && { visitor: person.visitor }),
    ...(person.page && { page: person.page }),
    email: person.email,
    traits: {
      ...(person.name && { name: person.name }),
      ...(person.company && { company: { name: person.company } }),
      ...(person.title && { title: person.title }),
    },
    signal: { name: signal, id: person.submission, at: new Date(now).toISOString() },
  }
  try {
    const answer = await collector.fetch(`${collector.origin}/v1/identify`, {
      method: 'POST',
      headers: { authorization: `Bearer ${collector.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await answer.body?.cancel()
    if (answer.ok) return 'saved'
    return answer.status === 400 || answer.status === 422 ? 'refused' : 'failed'
  } catch {
    /* No connection or too slow: the same to the person, who keeps what was typed and may try again. */
    return 'failed'
  }
}
