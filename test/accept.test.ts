import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type AcceptMemory, accept, type RequestFacts, type SiteFacts } from '../collector/accept.ts'
import { agentReader } from '../collector/agent.ts'
import { cleanTexts } from '../collector/clean-texts.ts'
import type { Beacon, BeaconEvent } from '../collector/parse.ts'
import { measuredVisitor } from '../collector/salt.ts'
import { sameAdds } from '../collector/same-add.ts'
import { FLAG } from '../shared/protocol.ts'
import { BROWSER, DAY, eventId, START } from './support/collector.ts'

const folder = mkdtempSync(join(tmpdir(), 'leadwake-accept-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const IP = '203.0.113.77'

const sites: Record<string, SiteFacts> = {
  main: { consent: 'given', hosts: [] },
  other: { consent: 'given', hosts: [] },
  asking: { consent: 'required', hosts: [] },
  hosted: { consent: 'given', hosts: ['shop.example', 'localhost:3000'] },
}
const memoryOf = (file = 'x.salt'): AcceptMemory => ({
  site: (id) => sites[id],
  secret: () => 'secret',
  newId: () => 'new-contact',
  sameAdd: sameAdds(),
  agent: agentReader(),
  clean: cleanTexts(),
  net: (ip) => (ip === '203.0.113.1' ? 'staff' : ip === '203.0.113.2' ? 'data-centre' : undefined),
  webdriver: 'refuse',
  country: (ip) => (ip === IP ? 'AT' : null),
  measured: measuredVisitor(join(folder, file)),
})
const memory = memoryOf()

const page = (at: number, url = '/pricing'): BeaconEvent => ({ kind: 'page', id: eventId(at, 1), at, url })
const beacon = (over: Partial<Beacon> = {}): Beacon => ({
  site: 'main',
  visitor: 'visitor-1',
  sentAt: START,
  flags: 0,
  screen: null,
  events: [page(START)],
  ...over,
})
const facts = (over: Partial<RequestFacts> = {}): RequestFacts => ({
  receivedAt: START,
  ip: IP,
  userAgent: BROWSER,
  origin: undefined,
  privacy: false,
  languages: undefined,
  ...over,
})

function entryOf(over: Partial<Beacon> = {}, request: Partial<RequestFacts> = {}, using = memory) {
  const accepted = accept(beacon(over), facts(request), using)
  if ('drop' in accepted) throw new Error(`dropped: ${accepted.drop}`)
  return accepted.entry
}

describe('a cart add', () => {
  const add = (way: number): BeaconEvent => ({
    kind: 'cart',
    id: eventId(START, way),
    at: START,
    page: 'p',
    product: 'Valve',
    quantity: 1,
    way,
  })

  it('that another way told of before is left out, and counted as such', () => {
    const using = memoryOf('adds.salt')
    expect(entryOf({ events: [add(3)] }, {}, using).events).toHaveLength(1)
    expect(accept(beacon({ events: [add(1)] }), facts(), using)).toEqual({ drop: 'same-add' })
    expect(accept(beacon({ events: [add(1), page(START)] }), facts(), using)).toMatchObject({
      left: ['same-add'],
    })
    expect(accept(beacon({ events: [add(1)], visitor: 'another' }), facts(), using)).toHaveProperty('entry')
  })
})

describe('the time of an event', () => {
  const HOUR = 3_600_000
  const table: [what: string, at: number, sentAt: number, expected: number][] = [
    ['is when it was received, if it was sent at once', START, START, START],
    ['lies as far before its receipt as it lay before its sending', START - 5_000, START, START - 5_000],
    [
      'does not mind a clock that is a year behind',
      START - 365 * DAY - 5_000,
      START - 365 * DAY,
      START - 5_000,
    ],
    [
      'does not mind a clock that is a year ahead',
      START + 365 * DAY - 5_000,
      START + 365 * DAY,
      START - 5_000,
    ],
    ['does not mind a clock at 1970', 1_000, 6_000, START - 5_000],
    ['may be old', START - 6 * DAY, START, START - 6 * DAY],
    ['is never before seven days ago', START - 8 * DAY, START, START - 7 * DAY],
    ['is never in the future', START + HOUR, START, START],
  ]
  it.each(table)('%s', (_what, at, sentAt, expected) => {
    expect(entryOf({ sentAt, events: [page(at)] }).events[0]!.at).toBe(expected)
  })

  it('leaves the key of the event as the browser made it', () => {
    const at = START - 365 * DAY
    expect(entryOf({ sentAt: at, events: [page(at)] }).events[0]!.id).toEqual({ ms: at, key: 1 })
  })
})

describe('the visitor', () => {
  it('is the browser’s id where there is one and nothing speaks against it', () => {
    expect(entryOf().visitor).toBe('visitor-1')
  })

  const measured: [what: string, over: Partial<Beacon>, request: Partial<RequestFacts>][] = [
    ['the beacon carries no id', { visitor: null }, {}],
    ['the browser sends GPC or DNT as a header, though it has an id', {}, { privacy: true }],
    ['the snippet says so by its flag, though it has an id', { flags: FLAG.privacy }, {}],
    ['several say so', { flags: FLAG.privacy | FLAG.refused }, { privacy: true }],
  ]
  it.each(measured)('is only measured where %s', (_what, over, request) => {
    expect(entryOf(over, request).visitor).toMatch(/^~[\w-]{21}$/)
  })

  it('keeps its id where the visitor said yes on this site, whatever the browser says of all sites', () => {
    expect(entryOf({ flags: FLAG.granted }, { privacy: true }).visitor).toBe('visitor-1')
  })

  const view = eventId(START - 5_000, 1)
  const engage: BeaconEvent = { kind: 'engage', page: view, at: START, ms: 1_000, scroll: 0 }
  const after = eventId(START - 1_000, 2)
  const before = eventId(START - 9_000, 2)
  const changes: [title: string, over: Partial<Beacon>, from: 'measured' | 'said' | undefined][] = [
    [
      'a yes in the middle of the view',
      { visitor: after, flags: FLAG.granted, events: [engage] },
      'measured',
    ],
    ['a yes before the view', { visitor: before, flags: FLAG.granted, events: [engage] }, undefined],
    ['an id of a server', { visitor: 'visitor-1', flags: FLAG.granted, events: [engage] }, undefined],
    ['nobody was asked', { visitor: after, flags: FLAG.given, events: [engage] }, undefined],
    ['a no, as the last word of the id', { visitor: before, flags: FLAG.refused, events: [engage] }, 'said'],
    ['a no of earlier', { visitor: null, flags: FLAG.refused, events: [engage] }, undefined],
    ['a wish of the browser', { visitor: after, flags: FLAG.privacy, events: [engage] }, undefined],
  ]
  it.each(changes)('tells whose view it was: %s', (_title, over, from) => {
    const entry = entryOf(over)
    const measured = entryOf({ visitor: null }).visitor
    expect(entry.from).toBe(from === 'measured' ? measured : from === 'said' ? over.visitor : undefined)
    if (from === 'said') expect(entry.visitor).toBe(measured)
  })

  it('is measured where a copy of the script still keeps ids unasked, and the site requires consent by now', () => {
    expect(entryOf({ flags: FLAG.given }).visitor).toBe('visitor-1')
    expect(entryOf({ site: 'asking', flags: FLAG.given }).visitor).toMatch(/^~/)
    expect(entryOf({ site: 'asking', flags: FLAG.given | FLAG.granted }).visitor).toBe('visitor-1')
    expect(entryOf({ site: 'asking', flags: FLAG.granted }).visitor).toBe('visitor-1')
  })

  it('is not measured because of another flag', () => {
    expect(entryOf({ flags: FLAG.given }).visitor).toBe('visitor-1')
  })

  const key = (over: Partial<Beacon>, request: Partial<RequestFacts>) =>
    entryOf({ visitor: null, ...over }, request).visitor
  it('is the same all day when it is measured, at midnight another', () => {
    const today = key({}, {})
    const midnight = (Math.floor(START / DAY) + 1) * DAY
    expect(key({}, { receivedAt: midnight - 1 })).toBe(today)
    expect(key({}, { receivedAt: midnight })).not.toBe(today)
  })

  const others: [what: string, over: Partial<Beacon>, request: Partial<RequestFacts>][] = [
    ['site', { site: 'other' }, {}],
    ['address', {}, { ip: '203.0.113.78' }],
    ['browser', {}, { userAgent: `${BROWSER} Other/1` }],
  ]
  it.each(others)('is another one for another %s', (_what, over, request) => {
    const using = memoryOf('others.salt')
    const [one, other] = [
      entryOf({ visitor: null }, {}, using).visitor,
      entryOf({ visitor: null, ...over }, request, using).visitor,
    ]
    expect(one).not.toBe(other)
  })

  it('is kept over a restart, and cannot be told by who has another salt', () => {
    const before = entryOf({ visitor: null }, {}, memoryOf('kept.salt')).visitor
    expect(entryOf({ visitor: null }, {}, memoryOf('kept.salt')).visitor).toBe(before)
    expect(entryOf({ visitor: null }, {}, memoryOf('elsewhere.salt')).visitor).not.toBe(before)
    expect(statSync(join(folder, 'kept.salt')).mode & 0o777).toBe(0o600)
  })
})

describe('the entry', () => {
  const all: BeaconEvent[] = [
    {
      ...page(START, 'https://shop.example/u/ada@acme.org?utm_source=news&token=abc'),
      title: 'Mail of ada@acme.org',
      referrer: 'https://www.search.example/find?q=ada',
    } as BeaconEvent,
    { kind: 'engage', page: eventId(START, 1), at: START, ms: 30_000, scroll: 40 },
    {
      kind: 'download',
      marked: false,
      id: 'd',
      at: START,
      page: 'p',
      url: 'https://shop.example/a.pdf?key=secret',
    },
    {
      kind: 'cart',
      id: 'c',
      at: START,
      page: 'p',
      product: 'Valve for ada@acme.org',
      quantity: 2,
      price: 9.5,
      currency: 'EUR',
      way: 0,
    },
    { kind: 'outbound', id: 'o', at: START, page: 'p', url: 'https://ada:pw@other.example/a?b=c#d' },
    { kind: 'form', id: 'f', at: START, page: 'p', form: 'contact', action: '/send?token=x' },
    {
      kind: 'custom',
      id: 'x',
      at: START,
      page: 'p',
      name: 'calculated',
      props: { of: 'ada@acme.org', n: 3, yes: true },
    },
  ]

  it('holds neither the address nor the user agent, in either mode', () => {
    for (const visitor of ['visitor-1', null]) {
      const text = JSON.stringify(entryOf({ visitor, events: all }, { origin: 'https://shop.example' }))
      expect(text).not.toContain(IP)
      expect(text).not.toContain('203.0.113')
      expect(text).not.toContain('Mozilla')
      expect(text).not.toContain('140.0')
    }
  })

  it('holds no secret that was in an address, a title or a property', () => {
    const text = JSON.stringify(entryOf({ events: all }))
    for (const secret of ['ada', 'abc', 'secret', 'pw', 'token=', '?']) expect(text).not.toContain(secret)
  })

  it('keeps no referrer of the site itself', () => {
    const from = (referrer: string) => {
      const request = { origin: 'https://shop.example' }
      const [view] = entryOf(
        { site: 'hosted', events: [{ ...page(START), referrer } as BeaconEvent] },
        request,
      ).events
      return view!.kind === 'page' ? view!.referrer : undefined
    }
    expect(from('http://localhost:3000/a')).toBeUndefined()
    expect(from('https://shop.example/a')).toBeUndefined()
    expect(from('https://other.example/a')).toBe('other.example/a')
  })

  it('says what happened in our own words', () => {
    expect(entryOf({ events: all }).events.map(({ id: _id, at: _at, ...event }) => event)).toEqual([
      {
        kind: 'page',
        path: '/u/[email]',
        query: { utm_source: 'news' },
        title: 'Mail of [email]',
        referrer: 'www.search.example/find',
      },
      { kind: 'engage', page: { ms: START, key: 1 }, ms: 30_000, scroll: 40 },
      { kind: 'download', url: 'shop.example/a.pdf' },
      { kind: 'cart', product: 'Valve for [email]', quantity: 2, price: 9.5, currency: 'EUR' },
      { kind: 'outbound', url: 'other.example/a' },
      { kind: 'form', form: 'contact', action: '/send' },
      { kind: 'custom', name: 'calculated', props: { of: '[email]', n: 3, yes: true } },
    ])
  })

  it.each([
    ['https://shop.example/', 'https://shop.example/other', undefined],
    ['https://shop.example/', 'https://www.shop.example/other', 'www.shop.example/other'],
  ])('of a view of %s from %s keeps %s as where it came from', (url, referrer, kept) => {
    const { events } = entryOf({ events: [{ ...page(START, url), referrer } as BeaconEvent] })
    expect(events[0]).toEqual(expect.objectContaining({ kind: 'page' }))
    expect((events[0] as { referrer?: string }).referrer).toBe(kept)
  })

  it('names the kind of device, the browser and the system', () => {
    expect(entryOf().agent).toBe('desktop, Firefox, Linux')
    expect(entryOf({}, { userAgent: 'Mozilla/5.0 (Unheard of) Strange/1.0' }).agent).toBe(
      'desktop, other, other',
    )
  })

  it.each([
    ['de-AT,de;q=0.9,en;q=0.5', 'de'],
    ['EN', 'en'],
    [' gsw-CH', 'gsw'],
    ['*', undefined],
    ['', undefined],
    ['x-klingon', undefined],
    ['english please', undefined],
    [undefined, undefined],
  ])('tells the language that %j prefers: %s', (languages, expected) => {
    expect(entryOf({}, { languages }).language).toBe(expected)
  })

  it.each([
    [0, 'small'],
    [390, 'small'],
    [600, 'medium'],
    [1_024, 'large'],
    [1_599, 'large'],
    [1_600, 'wide'],
    [null, undefined],
  ])('tells the class of a screen %s wide: %s', (screen, expected) => {
    expect(entryOf({ screen }).screen).toBe(expected)
  })

  it('tells the country of the address, where that is known', () => {
    expect(entryOf().country).toBe('AT')
    expect(entryOf({}, { ip: '198.51.100.1' })).not.toHaveProperty('country')
  })
})

describe('a beacon is dropped', () => {
  const table: [reason: string, over: Partial<Beacon>, request: Partial<RequestFacts>][] = [
    ['unknown-site', { site: 'nobody' }, {}],
    ['opt-out', { flags: FLAG.optOut }, {}],
    ['opt-out', { flags: FLAG.optOut | FLAG.privacy }, { userAgent: 'curl/8' }],
    ['bot', {}, { userAgent: 'Googlebot/2.1 (+http://www.google.com/bot.html)' }],
    ['bot', {}, { userAgent: 'curl/8.5.0' }],
    ['no-user-agent', {}, { userAgent: undefined }],
    ['webdriver', { flags: FLAG.webdriver }, {}],
    ['staff', {}, { ip: '203.0.113.1' }],
    ['data-centre', {}, { ip: '203.0.113.2' }],
    ['wrong-origin', { site: 'hosted' }, { origin: 'https://elsewhere.example' }],
    ['wrong-origin', { site: 'hosted' }, { origin: 'https://shop.example.evil.example' }],
    ['wrong-origin', { site: 'hosted' }, { origin: 'https://evilshop.example' }],
    ['wrong-origin', { site: 'hosted' }, { origin: 'null' }],
    ['wrong-origin', { site: 'hosted' }, { origin: undefined }],
    ['wrong-origin', { site: 'hosted' }, { origin: 'http://localhost:3001' }],
  ]
  it.each(table)('as %s: %j %j', (reason, over, request) => {
    expect(accept(beacon(over), facts(request), memory)).toMatchObject({ drop: reason })
  })

  it.each(['https://shop.example', 'http://SHOP.example', 'http://localhost:3000'])(
    'but not from %s',
    (origin) => {
      expect(entryOf({ site: 'hosted' }, { origin }).site).toBe('hosted')
    },
  )
})
