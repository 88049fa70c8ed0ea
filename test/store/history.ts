/** A random history of two sites: all kinds of entries, some late, some twice, by the day. */
import type { EntryBody } from '../../collector/entry.ts'
import { standardDocument } from '../../collector/lead/presets/standard.ts'
import type { TrackedEvent } from '../../collector/lead/state.ts'
import { DECISIONS, NOTE_KINDS, REJECT_REASONS } from '../../shared/lead.ts'
import { MAIN_SITE } from '../support/feeding.ts'

export const DAY = 86_400_000
/** Tuesday 6 October 2026. */
export const FIRST_DAY = Date.UTC(2026, 9, 6) / DAY
export const DAYS = 9
const PATHS = ['/', '/pricing', '/blog/ä "x"', '/docs/a_b%c', '/demo']
const FILES = ['/guide.pdf', '/price-list.pdf', '/100%.pdf']
const COMPANIES = ['acme.org', 'example.net', 'ümlaut.example']
const REFERRERS = ['www.google.com/', 'news.example/a', undefined]
const PROFILES = [
  { agent: 'desktop, Firefox, Linux', language: 'de', screen: 'large', country: 'AT' },
  { agent: 'mobile, Chrome, Android', language: 'en', screen: 'small' },
  { agent: null },
]
const PEOPLE = 18
const VISITORS = 45

export interface Draw {
  /** In [0, n). */
  below(n: number): number
  of<T>(values: readonly T[]): T
  chance(share: number): boolean
}

export function drawer(random: () => number): Draw {
  const below = (n: number) => Math.floor(random() * n)
  return { below, of: (values) => values[below(values.length)]!, chance: (share) => random() < share }
}

export const SITES: EntryBody[] = [
  { ...MAIN_SITE, timeZone: 'Europe/Vienna' },
  {
    kind: 'site',
    id: 'other',
    name: 'Other',
    consent: 'given',
    hosts: [],
    rules: standardDocument,
    secret: 't',
  },
  {
    kind: 'webhook',
    webhook: {
      id: 'hook-1',
      site: null,
      url: 'https://hooks.example/1',
      events: ['*'],
      format: 'standard',
      description: '',
      token: null,
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    },
  },
  { kind: 'key', id: 'key-1', hash: 'h1', name: 'One', rights: ['read'], site: null },
  { kind: 'key', id: 'key-2', hash: 'h2', name: 'Two', rights: ['read'], site: 'main' },
  { kind: 'staff', id: 'ann', name: 'Ann', role: 'sales', hash: 'x', site: 'main', isNew: true },
]

/** What came in on a day, with when. `contacts` are ids of those who were known in the morning, with their numbers. */
export function dayOf(
  day: number,
  { below, of, chance }: Draw,
  contacts: readonly { id: string; no: number; site: string }[],
): { at: number; body: EntryBody }[] {
  const entries: { at: number; body: EntryBody }[] = []
  let serial = 0
  const key = () => day * 10_000 + ++serial
  const begin = day * DAY
  const add = (at: number, body: EntryBody) => entries.push({ at, body })

  for (let n = 0; n < 28; n++) {
    const visitor = below(VISITORS)
    const site = visitor % 5 === 0 ? 'other' : 'main'
    const received = begin + below(DAY)
    const at = chance(0.1) ? received - below(3 * DAY) : received
    const events: TrackedEvent[] = []
    for (let page = 0, time = at; page <= below(4); page++, time += 1_000 + below(120_000)) {
      const id = { ms: time, key: key() }
      events.push({
        kind: 'page',
        id,
        at: time,
        path: of(PATHS),
        title: of(['Title', 'Other title']),
        ...(page === 0 && { referrer: of(REFERRERS) as string }),
        ...(page === 0 &&
          chance(0.3) && { query: { utm_source: 'mail', utm_campaign: of(['spring', 'fall']) } }),
      })
      if (chance(0.7))
        events.push({
          kind: 'engage',
          id: { ms: time, key: key() },
          at: time,
          page: id,
          ms: below(90_000),
          scroll: below(101),
        })
      if (chance(0.25))
        events.push({ kind: 'download', id: { ms: time, key: key() }, at: time, url: of(FILES) })
      if (chance(0.15))
        events.push({
          kind: 'cart',
          id: { ms: time, key: key() },
          at: time,
          product: of(['Pump', 'Valve']),
          quantity: 1 + below(3),
          ...(chance(0.5) && { price: 19.5, currency: 'EUR' }),
        })
      if (chance(0.1)) events.push({ kind: 'form', id: { ms: time, key: key() }, at: time, form: 'contact' })
      if (chance(0.1))
        events.push({ kind: 'outbound', id: { ms: time, key: key() }, at: time, url: 'docs.example/x' })
      if (chance(0.1))
        events.push({
          kind: 'custom',
          id: { ms: time, key: key() },
          at: time,
          name: 'configured',
          props: { size: below(9) },
        })
    }
    for (const event of events)
      if (event.kind === 'page' && event.referrer === undefined) delete event.referrer
    const body: EntryBody = {
      kind: 'beacon',
      site,
      visitor: `visitor-${visitor}`,
      ...PROFILES[visitor % PROFILES.length]!,
      ...(chance(0.1) && { consent: of(['granted', 'refused'] as const) }),
      events,
    }
    add(received, body)
    if (chance(0.08)) add(received + 1, body)
    if (chance(0.3)) {
      const person = below(PEOPLE)
      add(received + 2, {
        kind: 'identify',
        site,
        newContact: `c-${day}-${n}`,
        visitors: [`visitor-${visitor}`],
        ...(chance(0.8) && { email: `p${person}@${COMPANIES[person % 3]}` }),
        ...(chance(0.3) && { phone: `+43123456${person}` }),
        ...(chance(0.3) && { externalId: `x-${person}` }),
        traits: {
          ...(chance(0.6) && { name: `Person_${person} "Ö%"`, title: of(['CEO', 'Engineer']) }),
          ...(chance(0.4) && { company: { name: `Company ${person % 3}` }, employees: below(900) }),
        },
        at: received,
        signals: chance(0.25)
          ? [{ id: { ms: received, key: key() }, name: 'demo_requested', at: received }]
          : [],
      })
    }
  }
  for (const contact of contacts) {
    const at = begin + below(DAY)
    if (chance(0.12))
      add(at, {
        kind: 'decision',
        site: contact.site,
        contact: contact.id,
        decision: {
          id: { ms: at, key: key() },
          at,
          decision: of(DECISIONS),
          by: 'ann',
          reason: of(REJECT_REASONS),
          until: null,
          value: chance(0.3) ? 1_250.5 : null,
        },
        expected: {},
      })
    if (chance(0.1))
      add(at, {
        kind: 'note',
        site: contact.site,
        contact: contact.id,
        id: `n-${key()}`,
        about: of(NOTE_KINDS),
        text: 'Said so.',
        at,
        by: 'ann',
      })
    if (chance(0.15))
      add(at, {
        kind: 'signal',
        site: contact.site,
        items: [
          {
            contact: contact.id,
            signal: {
              id: { ms: at, key: key() },
              name: of(['email_open', 'quote_requested', 'webinar_attended']),
              at,
            },
          },
        ],
      })
    if (chance(0.04))
      add(at, {
        kind: 'correct',
        site: contact.site,
        contact: contact.no,
        traits: {},
        owner: of(['ann', null]),
        at,
        by: 'key-1',
      })
    if (chance(0.02))
      add(at, { kind: 'object', site: contact.site, contact: contact.no, objects: true, at, by: 'key-1' })
    if (chance(0.02)) add(at, { kind: 'exported', site: contact.site, contact: contact.no, by: 'key-1' })
    if (chance(0.01)) add(at, { kind: 'unmerge', site: contact.site, contact: contact.id })
  }
  if (chance(0.3))
    add(begin + below(DAY), {
      kind: 'erase',
      site: of(contacts)?.site ?? 'main',
      contact: of(contacts)?.no ?? 0,
      by: 'key-1',
    })
  add(begin + below(DAY), {
    kind: 'counts',
    dropped: { bot: 3 },
    rejected: { 'not-json': 1 },
    noted: {},
    sites: { main: { bot: 3 } },
  })
  add(begin + below(DAY), { kind: 'keys-used', keys: { 'key-1': begin } })
  add(begin + DAY - 1, { kind: 'sla' })
  entries.sort((a, b) => a.at - b.at)
  return [{ at: begin, body: { kind: 'tick', day: day - 1 } }, ...entries]
}

/** What days seldom bring, at their end: a form without its page view, an erasure, what is forgotten, what cannot be projected. */
export function rare(at: number, erased: { no: number; site: string }): (EntryBody & { ref?: string })[] {
  const id = { ms: at - 500, key: 77 }
  return [
    {
      kind: 'beacon',
      site: 'main',
      visitor: '~measured-today',
      agent: null,
      events: [{ kind: 'page', id, at: id.ms, path: '/pricing' }],
    },
    {
      kind: 'identify',
      site: 'main',
      newContact: 'c-awaiting',
      visitors: [],
      page: { ms: at - 300, key: 78 },
      email: 'awaiting@example.net',
      traits: {},
      at,
      signals: [],
      ref: 'ref-1',
    },
    { kind: 'beacon', site: 'gone', visitor: 'v', agent: null, events: [] },
    { kind: 'erase', site: erased.site, contact: erased.no, by: 'key-1' },
    { kind: 'site-set', id: 'other', retention: 4 },
    { kind: 'tick', day: Math.floor(at / DAY) },
  ]
}

/** Other rules, which move people. */
export function otherRules(): EntryBody {
  const document = structuredClone(standardDocument) as unknown as { thresholds: { mql: number } }
  return { kind: 'rules', site: 'main', document, by: 'ann', notify: 'silent' }
}
