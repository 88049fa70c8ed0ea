import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Cell, EventKey, Lead, TrackedEvent, Visit } from '../../collector/lead/state.ts'
import { NOTHING_CHANGED } from '../../collector/store/copy.ts'
import {
  type Changes,
  type ConsentRow,
  type Contact,
  type DeliveryRow,
  type DeliveryState,
  type LeadRow,
  MESSAGES_AT_ONCE,
  type MessagePlace,
  type OutboxRow,
  type Site,
  type SliceDelta,
  type StateStore,
  type Totals,
  type Visitor,
  type WebhookRow,
} from '../../collector/store/store.ts'

export interface StoreUnderTest {
  /** A new, empty store with its schema. */
  create(): Promise<StateStore>
  /** The same state, opened once more, as after a restart. */
  reopen(): Promise<StateStore>
  /** Makes writes fail as an engine does that is busy, until the returned function is called. */
  block(): Promise<() => Promise<void>>
  /** Sums of a site with how many visitors they are of, counts and outcomes: what only readers ask for. */
  totals(): Promise<{
    quarters: ({ quarter: number; visitors: number } & Totals)[]
    slices: ({ dimension: string; day: number; value: string; visitors: number } & Totals)[]
    counts: Record<string, number>
    outcomes: string[]
    deadLetters: number
    outbox: string[]
    deliveries: { webhook: string; message: string; state: string; dueAt: number | null; tries: number }[]
    transitions: string[]
    keys: { id: string; revokedAt: number | null; expiresAt: number | null; usedAt: number | null }[]
    staff: { id: string; createdAt: number; removedAt: number | null }[]
    handOvers: { contact: number; rules: string[] | null; isWon: boolean | null }[]
    content: { contact: number; path: string; at: number }[]
  }>
  remove(): Promise<void>
}

const T = Date.UTC(2026, 10, 3, 9)
const DAY = 86_400_000
const TODAY = Math.floor(T / DAY)

let seq = 0
/** A batch that changes this alone; each has the next sequence number, from 1 in each test of the contract. */
export function changes(over: Partial<Changes> = {}): Changes {
  return {
    watermark: { logId: 'log-1', seq: ++seq, now: T },
    ...NOTHING_CHANGED,
    ...over,
  }
}

let place = 0
const message = (id: string, contact: number, over: Partial<OutboxRow> = {}): OutboxRow => ({
  id,
  site: 1,
  contact,
  seq: ++place,
  serial: 1,
  createdAt: T,
  isBrief: false,
  payload: { a: 1 },
  ...over,
})
const delivery = (webhook: string, { id, contact, seq, serial, createdAt }: OutboxRow): DeliveryRow => ({
  webhook,
  message: id,
  contact,
  seq,
  serial,
  createdAt,
})

const hook = (id: string, createdAt: number): WebhookRow => ({
  id,
  site: null,
  url: 'https://hooks.example.org/in',
  events: ['*'],
  format: 'standard',
  description: '',
  token: null,
  secret: 'whsec_AAAA',
  oldSecret: null,
  oldSecretUntil: 0,
  createdAt,
  enabled: true,
  disabledBecause: null,
})

export const site: Site = {
  no: 1,
  id: 'main',
  name: 'Main',
  consent: 'given',
  hosts: ['shop.example'],
  with: ['ga4', 'woo'],
  rulesVersion: 1,
  timeZone: 'Europe/Berlin',
  retention: 400,
  keptFrom: T - 400 * DAY,
}
const SITES = [site, { ...site, no: 2, id: 'other' }]
export const visitor = (no: number, over: Partial<Visitor> = {}): Visitor => ({
  no,
  site: 1,
  key: `visitor-${no}`,
  firstAt: T,
  lastAt: T,
  lastIdMs: T,
  lastIdKey: 7,
  maxIdMs: T,
  contact: null,
  visitStart: T,
  profile: { agent: 'desktop, Firefox, Linux', language: 'de', screen: null, country: 'AT' },
  ...over,
})
const contact = (no: number, over: Partial<Contact> = {}): Contact => ({
  no,
  id: `contact-${no}`,
  site: 1,
  email: 'ada@acme.org',
  phone: null,
  externalId: 'crm-1',
  traits: { role: 'CTO', nested: { a: [1, null] } },
  verified: true,
  identifiedAt: T,
  ownVisitor: no,
  mergedInto: null,
  learned: { $email: ['ada@acme.org', T] },
  company: 'acme.org',
  companyName: null,
  objectedAt: null,
  owner: null,
  ...over,
})
export const visit = (startAt: number, over: Partial<Visit> = {}): Visit => ({
  startAt,
  endAt: startAt + 60_000,
  views: 2,
  engagedMs: 45_000,
  actions: 1,
  entryPath: '/',
  exitPath: '/pricing',
  referrer: 'www.search.example/',
  query: { utm_source: 'news' },
  ...over,
})
const page = (at: number, key: number, path = '/'): TrackedEvent & { kind: 'page' } => ({
  kind: 'page',
  id: { ms: at, key },
  at,
  path,
})
const cell = (day: number, signal: string, over: Partial<Cell> = {}): Cell => ({
  signal,
  day,
  count: 2,
  ms: 1_000,
  keys: [],
  lastAt: T,
  ...over,
})
const leadRow = (no: number, reviewDay: number | null, over: Partial<LeadRow> = {}): LeadRow => ({
  contact: no,
  site: 1,
  lead: {
    stage: 'mql',
    since: T,
    identifiedAt: T,
    lastAt: T,
    reviewDay,
    dueAt: null,
    firsts: { mql: T },
    closed: { a: 0.1 },
  } as unknown as Lead,
  engagement: 4_250,
  fit: 62.5,
  rulesVersion: 1,
  dueAt: null,
  visits: 3,
  views: 7,
  engagedMs: 90_000,
  ...over,
})
const totals = (n: number): Totals => ({
  visits: n,
  bounces: n + 1,
  views: n + 2,
  engagedMs: n + 3,
  downloads: n + 4,
  cartAdds: n + 5,
  cartValue: n + 6,
})
const quarter = (n: number, cameIn: number[] = [], at = 7) => ({
  site: 1,
  quarter: at,
  totals: totals(n),
  cameIn,
  wentOut: [],
})
export const slice = (n: number, over: Partial<SliceDelta> = {}): SliceDelta => ({
  site: 1,
  dimension: 'page',
  day: TODAY,
  value: '/',
  totals: totals(n),
  cameIn: [],
  wentOut: [],
  ...over,
})
export const negative = ({ totals, ...rest }: SliceDelta): SliceDelta => ({
  ...rest,
  totals: Object.fromEntries(Object.entries(totals).map(([key, n]) => [key, -n])) as unknown as Totals,
})
const byAt = (a: TrackedEvent, b: TrackedEvent) => a.at - b.at || a.id.key - b.id.key

/** What every store promises of `StateStore`; each runs it on its real storage. */
export function storeContract(name: string, subject: () => StoreUnderTest): void {
  describe(`store contract: ${name}`, () => {
    let under: StoreUnderTest
    let store: StateStore
    beforeEach(async () => {
      seq = 0
      under = subject()
      store = await under.create()
    })
    afterEach(() => under.remove())

    describe('a new store', () => {
      it('was projected from no log', async () => {
        expect(await store.watermark()).toEqual({ logId: null, seq: 0, now: 0 })
      })

      it('holds nothing, and says so without an error', async () => {
        expect(await store.sites()).toEqual([])
        expect(await store.rules(1)).toBeUndefined()
        expect(await store.setting('password')).toBeUndefined()
        expect(await store.lastNumbers()).toEqual({ site: 0, visitor: 0, contact: 0, transition: 0 })
        expect(await store.visitor(1, 'v')).toBeUndefined()
        expect(await store.visitorByNo(1)).toBeUndefined()
        expect(await store.visit(1, T)).toBeUndefined()
        expect(await store.visits(1)).toEqual([])
        expect(await store.events(1, 0, null)).toEqual([])
        expect(await store.eventsWithMs(1, T)).toEqual([])
        expect(await store.hasEvent(1, { ms: T, key: 1 })).toBe(false)
        expect(await store.contact(1)).toBeUndefined()
        expect(await store.contactByIdentity(1, 'email', 'a@b.org')).toBeUndefined()
        expect(await store.edges(1)).toEqual([])
        expect(await store.lead(1)).toBeUndefined()
        expect(await store.cell(1, 1, 'a')).toBeUndefined()
        expect(await store.cells(1)).toEqual([])
        expect(await store.leadsToReview(1, 99_999, 10)).toEqual([])
      })
    })

    describe('commit', () => {
      it('moves the watermark, which a restart finds again', async () => {
        const watermark = { logId: 'log-1', seq: 41, now: T + 5 }
        await store.commit(changes({ watermark }))
        expect(await store.watermark()).toEqual(watermark)
        await store.close()
        store = await under.reopen()
        expect(await store.watermark()).toEqual(watermark)
      })

      it('lands all or nothing: one row that cannot be takes the others back', async () => {
        const event = page(T, 1, '/kept')
        await store.commit(
          changes({
            sites: [site],
            visitors: [visitor(1)],
            events: [{ visitor: 1, site: 1, event }],
            quarters: [quarter(1)],
            cells: [{ contact: 1, cell: cell(TODAY, 'page_view') }],
            settings: [['password', 'old']],
          }),
        )
        const before = { watermark: await store.watermark(), totals: await under.totals() }
        const twice = page(T + 1, 2, '/twice')
        await expect(
          (async () =>
            store.commit(
              changes({
                sites: [{ ...site, no: 2, id: 'other' }],
                keys: [
                  {
                    id: 'k',
                    hash: 'h',
                    name: 'n',
                    rights: ['read'],
                    site: null,
                    createdAt: T,
                    revokedAt: null,
                    expiresAt: null,
                    usedAt: null,
                  },
                ],
                settings: [['password', 'new']],
                rules: [{ site: 1, version: 2, document: {}, appliedAt: T, by: 'x' }],
                visitors: [visitor(1, { lastAt: T + 9 }), visitor(2)],
                events: [
                  { visitor: 1, site: 1, event: twice },
                  { visitor: 1, site: 1, event: twice },
                ],
                visits: [{ visitor: 1, visit: visit(T) }],
                contacts: [contact(1)],
                identities: [{ site: 1, kind: 'email', value: 'ada@acme.org', contact: 1 }],
                edgesReplaced: [{ visitor: 1, edges: [{ contact: 1, visitor: 1, from: 0, to: null }] }],
                links: [{ visitor: 1, at: 0, contact: 1, viewAt: null }],
                leads: [leadRow(1, 5)],
                cellsReplaced: [{ contact: 1, cells: [] }],
                quarters: [quarter(100, [1, 2])],
                counts: [['stored', 100]],
                outcomes: [{ ref: 'r', at: T, outcome: { status: 200, body: {} } }],
              }),
            ))(),
        ).rejects.toThrow()
        expect(await store.watermark()).toEqual(before.watermark)
        expect(await under.totals()).toEqual(before.totals)
        expect((await store.sites()).map(({ id }) => id)).toEqual(['main'])
        expect(await store.setting('password')).toBe('old')
        expect(await store.rules(1)).toBeUndefined()
        expect(await store.visitorByNo(1)).toEqual(visitor(1))
        expect(await store.lastNumbers()).toEqual({ site: 1, visitor: 1, contact: 0, transition: 0 })
        expect(await store.events(1, 0, null)).toEqual([event])
        expect(await store.visits(1)).toEqual([])
        expect(await store.contactByIdentity(1, 'email', 'ada@acme.org')).toBeUndefined()
        expect(await store.edges(1)).toEqual([])
        expect(await store.lead(1)).toBeUndefined()
        expect(await store.cells(1)).toHaveLength(1)

        // Nothing of the failed one is remembered where it would spoil the next.
        await store.commit(
          changes({
            events: [{ visitor: 1, site: 1, event: twice }],
            slices: [slice(1, { value: '/other', cameIn: [1] })],
          }),
        )
        expect((await store.events(1, 0, null)).sort(byAt)).toEqual([event, twice])
        expect((await under.totals()).slices).toMatchObject([{ value: '/other', visitors: 1, ...totals(1) }])
      })

      it('lands nothing while the engine refuses, and all of it when it is tried again', async () => {
        const change = changes({
          counts: [['stored', 1]],
          quarters: [quarter(1)],
        })
        const release = await under.block()
        const error = await failure(() => store.commit(change))
        expect(store.isOutage(error)).toBe(true)
        await release()
        expect((await store.watermark()).seq).toBe(0)
        await store.commit(change)
        expect((await under.totals()).counts).toEqual({ stored: 1 })
        expect((await under.totals()).quarters).toEqual([{ quarter: 7, visitors: 0, ...totals(1) }])
      })
    })

    describe('isOutage', () => {
      it('is false for what no second try would mend', async () => {
        for (const error of [
          new Error('x'),
          new TypeError('x'),
          undefined,
          'SQLITE_BUSY',
          { code: 'SQLITE_BUSY' },
        ])
          expect(store.isOutage(error)).toBe(false)
        const event = page(T, 1)
        const row = { visitor: 1, site: 1, event }
        const violated = await failure(() => store.commit(changes({ events: [row, row] })))
        expect(store.isOutage(violated)).toBe(false)
      })
    })

    describe('totals and counts', () => {
      it('are added, by quarter hour, by day and value, and by name', async () => {
        const change = (n: number) =>
          changes({
            quarters: [quarter(n, [n]), quarter(n, [5], 8)],
            slices: [
              slice(n, { cameIn: [n, 9] }),
              slice(n, { value: '/b', day: TODAY + 1 }),
              slice(n, { dimension: 'entry' }),
            ],
            counts: [
              ['stored', n],
              [`only-${n}`, n],
            ],
          })
        await store.commit(change(3))
        await store.commit(change(4))
        const sum = Object.fromEntries(
          Object.entries(totals(3)).map(([key, n]) => [key, n + totals(4)[key as keyof Totals]]),
        )
        const found = await under.totals()
        expect(found.quarters).toEqual([
          { quarter: 7, visitors: 2, ...sum },
          { quarter: 8, visitors: 1, ...sum },
        ])
        expect(found.slices).toEqual([
          { dimension: 'page', day: TODAY, value: '/', visitors: 3, ...sum },
          { dimension: 'page', day: TODAY + 1, value: '/b', visitors: 0, ...sum },
          { dimension: 'entry', day: TODAY, value: '/', visitors: 0, ...sum },
        ])
        expect(found.counts).toEqual({ stored: 7, 'only-3': 3, 'only-4': 4 })
      })

      it('may be taken back: of a slice nothing is left then', async () => {
        await store.commit(changes({ slices: [slice(5, { cameIn: [1, 2] })] }))
        await store.commit(changes({ slices: [negative(slice(5, { wentOut: [1, 2] }))] }))
        expect((await under.totals()).slices).toEqual([])
      })

      it('know their visitors after a restart, and let go of one', async () => {
        await store.commit(
          changes({ quarters: [quarter(1, [1, 300])], slices: [slice(1, { cameIn: [1, 300, 70_000] })] }),
        )
        store = await under.reopen()
        await store.commit(
          changes({
            quarters: [{ ...quarter(1, [300, 4]), wentOut: [1] }],
            slices: [slice(1, { cameIn: [300], wentOut: [70_000] })],
          }),
        )
        const { quarters, slices } = await under.totals()
        expect(quarters.map(({ visitors }) => visitors)).toEqual([2])
        expect(slices.map(({ visitors }) => visitors)).toEqual([2])
      })

      it('do not keep visitors of a batch that failed', async () => {
        await store.commit(changes({ slices: [slice(1, { cameIn: [1] })] }))
        const row = { visitor: 1, site: 1, event: page(T, 1) }
        await failure(() =>
          store.commit(
            changes({
              slices: [slice(1, { cameIn: [2] })],
              deadLetters: [
                { seq: 1, at: T, body: '', reason: '' },
                { seq: 1, at: T, body: '', reason: '' },
              ],
              events: [row],
            }),
          ),
        )
        await store.commit(changes({ slices: [slice(1, { cameIn: [3] })] }))
        expect((await under.totals()).slices.map(({ visitors }) => visitors)).toEqual([2])
      })

      it('are dropped, a part at a time, with those of no other site', async () => {
        const other = { ...quarter(1, [1]), site: 2 }
        await store.commit(
          changes({
            quarters: [quarter(1, [1]), quarter(1, [1], 8), other],
            slices: [slice(1, { cameIn: [1] })],
          }),
        )
        const all = (site: number) => ({ site, quarter: 0, day: 0 })
        const later = { site: 1, quarter: 8, day: TODAY + 1 }
        while (await store.hasRollUps(later))
          await store.commit(changes({ rollUpsDropped: { ...later, limit: 1 } }))
        expect((await under.totals()).quarters.map((row) => row.quarter)).toEqual([7])
        expect((await under.totals()).slices).toHaveLength(1)
        let parts = 0
        while (await store.hasRollUps(all(1))) {
          await store.commit(changes({ rollUpsDropped: { ...all(1), limit: 1 } }))
          parts++
        }
        expect(parts).toBe(1)
        expect((await under.totals()).slices).toEqual([])
        expect(await store.hasRollUps(all(2))).toBe(true)
      })
    })

    describe('what is no longer kept', () => {
      const old = T - 100 * DAY
      const both = (no: number) =>
        [old, T].map((at) => ({ visitor: no, site: 1, event: page(at, 1) as TrackedEvent }))

      it('goes with its visitor where that is whole and nobody has it', async () => {
        const linked = visitor(2, { firstAt: old })
        await store.commit(
          changes({
            visitors: [visitor(1, { firstAt: old }), linked, visitor(3, { firstAt: old }), visitor(4)],
            links: [{ visitor: 2, at: T, viewAt: null, contact: 1 }],
            events: [1, 2, 3, 4].flatMap(both),
            consents: [1, 2].map((no) => ({ visitor: no, at: T, state: 'granted', source: 'browser' })),
            visits: [1, 2, 3].flatMap((no) => [old, T].map((at) => ({ visitor: no, visit: visit(at) }))),
          }),
        )
        const range = { after: 0, to: 3, before: T }
        expect((await store.visitorsSince(1, range, 9)).map(({ no }) => no)).toEqual([1, 2, 3])
        expect(await store.visitorsSince(1, { ...range, after: 1 }, 1)).toEqual([linked])
        expect(await store.visitorsSince(2, range, 9)).toEqual([])
        await store.commit(
          changes({
            forgotten: [
              { visitor: 1, before: T + 1, isWhole: true },
              { visitor: 2, before: T + 1, isWhole: true },
              { visitor: 3, before: T, isWhole: false },
            ],
          }),
        )
        expect(await store.visitorByNo(1)).toBeUndefined()
        expect(await store.consent(1)).toBeUndefined()
        expect(await store.visitorByNo(2)).toEqual(linked)
        expect((await store.consent(2))?.at).toBe(T)
        const left = async (no: number) => [await store.events(no, 0, null), await store.visits(no)]
        expect(await left(1)).toEqual([[], []])
        expect(await left(2)).toEqual([[], []])
        expect(await left(3)).toEqual([[page(T, 1)], [visit(T)]])
        expect(await store.events(4, 0, null)).toHaveLength(2)
      })

      it('leaves the last number taken, so that nobody else is given it', async () => {
        await store.commit(changes({ visitors: [visitor(1, { firstAt: old })] }))
        await store.commit(changes({ forgotten: [{ visitor: 1, before: T + 1, isWhole: true }] }))
        expect((await store.lastNumbers()).visitor).toBe(1)
      })

      it('leaves the cells that it came to', async () => {
        const past = (contact: number, one: Cell) => ({ visitor: 7, contact, cell: one })
        const visited = past(1, cell(1, 'visit'))
        const [more, another] = [
          past(1, cell(2, 'download', { keys: ['a', 'b'] })),
          past(2, cell(1, 'visit')),
        ]
        await store.commit(changes({ pastCells: [visited, more, another] }))
        const grown = past(1, cell(1, 'visit', { count: 9 }))
        await store.commit(changes({ pastCells: [grown] }))
        expect(await store.pastCells(7)).toEqual([grown, more, another])
        expect(await store.pastCells(8)).toEqual([])
      })
    })

    describe('configuration', () => {
      it('gives sites back whole, in order, the newest version of each', async () => {
        const other: Site = {
          no: 2,
          id: 'other',
          name: 'Ü',
          consent: 'required',
          hosts: [],
          with: [],
          rulesVersion: 1,
          timeZone: 'UTC',
          retention: null,
          keptFrom: 0,
        }
        await store.commit(changes({ sites: [other, site] }))
        expect(await store.sites()).toEqual([site, other])
        await store.commit(changes({ sites: [{ ...site, name: 'New', rulesVersion: 2 }] }))
        expect(await store.sites()).toEqual([{ ...site, name: 'New', rulesVersion: 2 }, other])
      })

      it('gives the newest rules of a site', async () => {
        const row = (version: number) => ({
          site: 1,
          version,
          document: { v: [version] },
          appliedAt: T,
          by: 'ada',
        })
        await store.commit(changes({ rules: [row(2), row(10), row(9)] }))
        expect(await store.rules(1)).toEqual(row(10))
        expect(await store.rules(2)).toBeUndefined()
      })

      it('puts, replaces and removes settings', async () => {
        await store.commit(
          changes({
            settings: [
              ['a', '1'],
              ['b', '2'],
            ],
          }),
        )
        await store.commit(
          changes({
            settings: [
              ['a', '3'],
              ['b', null],
              ['never', null],
            ],
          }),
        )
        expect([await store.setting('a'), await store.setting('b')]).toEqual(['3', undefined])
        await store.commit(
          changes({
            settings: [
              ['a', null],
              ['a', '4'],
            ],
          }),
        )
        expect(await store.setting('a')).toBe('4')
      })

      it('keeps the time of a key’s first revocation', async () => {
        const key = {
          id: 'k',
          hash: 'h',
          name: 'n',
          rights: ['read' as const],
          site: null,
          createdAt: T,
          revokedAt: null,
          expiresAt: T + 9,
          usedAt: null,
        }
        await store.commit(changes({ keys: [key, { ...key, id: 'other' }] }))
        await store.commit(changes({ keysRevoked: [{ id: 'k', at: T + 1 }] }))
        await store.commit(
          changes({
            keysRevoked: [
              { id: 'k', at: T + 2 },
              { id: 'nobody', at: T },
            ],
          }),
        )
        expect((await under.totals()).keys).toEqual([
          { id: 'k', revokedAt: T + 1, expiresAt: T + 9, usedAt: null },
          { id: 'other', revokedAt: null, expiresAt: T + 9, usedAt: null },
        ])
      })

      it('keeps the sooner expiry of a key and its later use', async () => {
        const key = {
          hash: 'h',
          name: 'n',
          rights: ['read' as const],
          site: null,
          createdAt: T,
          revokedAt: null,
        }
        await store.commit(
          changes({
            keys: [
              { ...key, id: 'a', expiresAt: null, usedAt: null },
              { ...key, id: 'b', expiresAt: T + 5, usedAt: T + 5 },
            ],
          }),
        )
        const set = ['a', 'b'].flatMap((id) => [
          { id, expiresAt: T + 6 },
          { id, usedAt: T + 6 },
          { id, usedAt: T + 4 },
        ])
        await store.commit(changes({ keysSet: [...set, { id: 'nobody', usedAt: T }] }))
        expect((await under.totals()).keys).toEqual([
          { id: 'a', revokedAt: null, expiresAt: T + 6, usedAt: T + 6 },
          { id: 'b', revokedAt: null, expiresAt: T + 5, usedAt: T + 6 },
        ])
      })

      it('knows since when somebody may sign in, whatever changed since', async () => {
        const one = {
          id: 's',
          name: 'Ada',
          role: 'sales' as const,
          hash: 'h',
          site: 'main',
          createdAt: T,
          removedAt: null,
        }
        await store.commit(changes({ staff: [one] }))
        await store.commit(
          changes({ staff: [{ ...one, role: 'admin', createdAt: T + 9, removedAt: T + 9 }] }),
        )
        expect((await under.totals()).staff).toEqual([{ id: 's', createdAt: T, removedAt: T + 9 }])
        // A change that was under way when the account was removed brings nobody back.
        await store.commit(changes({ staff: [{ ...one, hash: 'other' }] }))
        expect((await under.totals()).staff).toEqual([{ id: 's', createdAt: T, removedAt: T + 9 }])
      })
    })

    describe('visitors', () => {
      it('are found by key within their site and by number, as they were put last', async () => {
        const elsewhere = visitor(2, {
          site: 2,
          key: 'visitor-1',
          contact: 9,
          visitStart: null,
          profile: null,
        })
        await store.commit(changes({ visitors: [visitor(1), elsewhere] }))
        expect(await store.visitor(1, 'visitor-1')).toEqual(visitor(1))
        expect(await store.visitor(2, 'visitor-1')).toEqual(elsewhere)
        expect(await store.visitorByNo(2)).toEqual(elsewhere)
        const later = visitor(1, {
          lastAt: T + 1,
          lastIdMs: 5,
          lastIdKey: 6,
          maxIdMs: T + 1,
          contact: 4,
          visitStart: T + 1,
        })
        await store.commit(changes({ visitors: [later] }))
        expect(await store.visitor(1, 'visitor-1')).toEqual(later)
      })

      it('number on from the highest', async () => {
        await store.commit(
          changes({
            sites: [{ ...site, no: 3 }],
            visitors: [visitor(7), visitor(5)],
            contacts: [contact(4)],
          }),
        )
        expect(await store.lastNumbers()).toEqual({ site: 3, visitor: 7, contact: 4, transition: 0 })
      })
    })

    describe('visits', () => {
      const bare = visit(T + DAY, { entryPath: null, exitPath: null, referrer: null, query: null })

      it('are given back whole, oldest first, of that visitor alone', async () => {
        await store.commit(
          changes({
            visitors: [visitor(1), visitor(2)],
            visits: [
              { visitor: 1, visit: bare },
              { visitor: 1, visit: visit(T) },
              { visitor: 2, visit: visit(T, { views: 9 }) },
            ],
          }),
        )
        expect(await store.visits(1)).toEqual([visit(T), bare])
        expect(await store.visit(1, T + DAY)).toEqual(bare)
        expect(await store.visit(2, T)).toEqual(visit(T, { views: 9 }))
      })

      it('are replaced by their start, and removed', async () => {
        await store.commit(
          changes({
            visitors: [visitor(1), visitor(2)],
            visits: [
              { visitor: 1, visit: visit(T) },
              { visitor: 1, visit: bare },
            ],
          }),
        )
        await store.commit(
          changes({
            visitsRemoved: [
              { visitor: 1, startAt: bare.startAt },
              { visitor: 2, startAt: T },
            ],
            visits: [{ visitor: 1, visit: visit(T, { views: 3 }) }],
          }),
        )
        expect(await store.visits(1)).toEqual([visit(T, { views: 3 })])
      })

      it('that are removed and put in one commit are there', async () => {
        await store.commit(changes({ visitors: [visitor(1)], visits: [{ visitor: 1, visit: visit(T) }] }))
        await store.commit(
          changes({
            visitsRemoved: [{ visitor: 1, startAt: T }],
            visits: [{ visitor: 1, visit: visit(T, { views: 4 }) }],
          }),
        )
        expect(await store.visits(1)).toEqual([visit(T, { views: 4 })])
      })
    })

    describe('events', () => {
      const view: EventKey = { ms: T, key: 11 }
      const all: TrackedEvent[] = [
        {
          kind: 'page',
          id: view,
          at: T,
          path: '/pricing',
          referrer: 'a.example/',
          query: { utm_source: 'x' },
          pageKind: 'pricing',
        },
        { kind: 'engage', id: { ms: T, key: 12 }, at: T + 1, page: view, ms: 30_000, scroll: 0 },
        { kind: 'download', id: { ms: T + 2, key: 1 }, at: T + 2, url: 'shop.example/a.pdf' },
        {
          kind: 'cart',
          id: { ms: T + 3, key: 1 },
          at: T + 3,
          product: 'Valve',
          quantity: 1.5,
          price: 0,
          currency: 'EUR',
        },
        { kind: 'outbound', id: { ms: T + 4, key: 1 }, at: T + 4, url: 'other.example/' },
        { kind: 'form', id: { ms: T + 5, key: 1 }, at: T + 5, form: 'contact', action: '/send' },
        {
          kind: 'custom',
          id: { ms: T + 6, key: 1 },
          at: T + 6,
          name: 'did',
          props: { a: 'ü', b: 1, c: true },
        },
        {
          kind: 'signal',
          id: { ms: 0, key: 2 ** 47 - 1 },
          at: T + 7,
          name: 'demo_requested',
          props: { deep: [{ a: null }] },
        },
        { kind: 'cart', id: { ms: T + 8, key: 36 ** 9 - 1 }, at: T + 8, product: '', quantity: 1 },
      ]
      const put = (events: TrackedEvent[], visitor = 1) =>
        store.commit(changes({ events: events.map((event) => ({ visitor, site: 1, event })) }))

      beforeEach(() =>
        store.commit(changes({ sites: SITES, visitors: [visitor(1), visitor(2), visitor(3, { site: 2 })] })),
      )

      it.each(all)('gives a $kind back as it was put', async (event) => {
        await put([event])
        expect(await store.events(1, 0, null)).toEqual([event])
      })

      it('keeps them over a restart', async () => {
        await put(all)
        await store.close()
        store = await under.reopen()
        expect((await store.events(1, 0, null)).sort(byAt)).toEqual(all)
      })

      it('gives those from a moment on and before another', async () => {
        await put([1, 2, 3, 4].map((n) => page(T + n, n)))
        await put([page(T + 2, 9)], 2)
        const found = async (from: number, to: number | null) =>
          (await store.events(1, from, to)).map(({ at }) => at - T).sort()
        expect(await found(T + 2, T + 4)).toEqual([2, 3])
        expect(await found(T + 2, null)).toEqual([2, 3, 4])
        expect(await found(0, T + 1)).toEqual([])
        expect(await found(T + 3, T + 3)).toEqual([])
      })

      it('gives those whose id bears a ms: a page view and its engagements', async () => {
        await put(all)
        await put([page(T, 11)], 2)
        expect((await store.eventsWithMs(1, T)).sort(byAt)).toEqual(all.slice(0, 2))
        expect(await store.eventsWithMs(1, T + 1)).toEqual([])
      })

      it('knows which ids a visitor has', async () => {
        await put([page(T, 1)])
        expect(await store.hasEvent(1, { ms: T, key: 1 })).toBe(true)
        for (const [visitor, id] of [
          [1, { ms: T, key: 2 }],
          [1, { ms: T + 1, key: 1 }],
          [2, { ms: T, key: 1 }],
        ] as const)
          expect(await store.hasEvent(visitor, id)).toBe(false)
      })

      it('become another visitor’s, and come back, within one commit', async () => {
        const row = (visitor: number) => ({ visitor, site: 1, event: page(T, 1) })
        await store.commit(changes({ events: [row(1)] }))
        const id = { ms: T, key: 1 }
        await store.commit(changes({ eventsRemoved: [{ visitor: 1, id }], events: [row(2)] }))
        expect([await store.hasEvent(1, id), await store.hasEvent(2, id)]).toEqual([false, true])
        await store.commit(changes({ eventsRemoved: [{ visitor: 2, id }], events: [row(2)] }))
        expect(await store.eventsWithMs(2, T)).toEqual([page(T, 1)])
      })

      it('keeps one whose texts bear what an engine may not like', async () => {
        const odd = { ...page(T, 1, '/\0/"\\/\ud83d\ude00'), title: '\0', referrer: '\\u0000' }
        await store.commit(
          changes({
            events: [{ visitor: 1, site: 1, event: odd }],
            slices: [slice(1, { value: odd.path, cameIn: [1] })],
          }),
        )
        const { title: _, ...found } = odd
        expect(await store.events(1, 0, null)).toEqual([found])
        expect((await under.totals()).slices).toMatchObject([{ visitors: 1 }])
      })

      it('tells the paths of two sites apart', async () => {
        await store.commit(
          changes({
            events: [
              { visitor: 1, site: 1, event: page(T, 1, '/a') },
              { visitor: 3, site: 2, event: page(T, 1, '/a') },
            ],
          }),
        )
        expect(await store.events(1, 0, null)).toEqual([page(T, 1, '/a')])
        expect(await store.events(3, 0, null)).toEqual([page(T, 1, '/a')])
      })
    })

    describe('contacts', () => {
      it('are given back whole, as they were put last', async () => {
        await store.commit(changes({ contacts: [contact(1)] }))
        expect(await store.contact(1)).toEqual(contact(1))
        const changed = contact(1, {
          email: null,
          externalId: null,
          phone: '+4930',
          traits: {},
          verified: false,
        })
        await store.commit(changes({ contacts: [changed] }))
        expect(await store.contact(1)).toEqual(changed)
      })

      it('are found by each kind of identity, within their site', async () => {
        await store.commit(
          changes({
            identities: [
              { site: 1, kind: 'email', value: 'x', contact: 1 },
              { site: 1, kind: 'external', value: 'x', contact: 2 },
              { site: 2, kind: 'email', value: 'x', contact: 3 },
            ],
          }),
        )
        expect(await store.contactByIdentity(1, 'email', 'x')).toBe(1)
        expect(await store.contactByIdentity(1, 'external', 'x')).toBe(2)
        expect(await store.contactByIdentity(2, 'email', 'x')).toBe(3)
        expect(await store.contactByIdentity(1, 'phone', 'x')).toBeUndefined()
        expect(await store.contactByIdentity(1, 'email', 'X')).toBeUndefined()
      })

      it('keep their visitors by when they became theirs', async () => {
        const open = { contact: 1, visitor: 2, from: T, to: null }
        const other = { contact: 2, visitor: 3, from: T, to: null }
        await store.commit(
          changes({
            edgesReplaced: [
              { visitor: 2, edges: [open] },
              { visitor: 3, edges: [other] },
            ],
          }),
        )
        await store.commit(
          changes({
            edgesReplaced: [
              {
                visitor: 2,
                edges: [
                  { ...open, to: T + 5 },
                  { ...open, from: T + 9 },
                ],
              },
            ],
          }),
        )
        expect(await store.edgesOfVisitor(3)).toEqual([other])
        expect(await store.edgesOfVisitor(2)).toHaveLength(2)
        expect((await store.edges(1)).sort((a, b) => a.from - b.from)).toEqual([
          { ...open, to: T + 5 },
          { ...open, from: T + 9 },
        ])
      })

      it('keep what visitors said of themselves, each once, until it is taken back', async () => {
        const link = { visitor: 2, at: T, contact: 1, viewAt: null }
        await store.commit(
          changes({
            links: [link, { ...link, at: T + 1 }, { visitor: 3, at: T, contact: 4, viewAt: T - 5 }],
          }),
        )
        await store.commit(changes({ links: [link] }))
        expect(await store.links(2)).toHaveLength(2)
        expect(await store.linksOfContact(4)).toEqual([{ visitor: 3, at: T, contact: 4, viewAt: T - 5 }])
        await store.commit(changes({ linksRemoved: [link] }))
        expect(await store.links(2)).toEqual([{ ...link, at: T + 1 }])
      })

      it('know what a visitor said last of being followed', async () => {
        const said = (no: number, at: number, state: ConsentRow['state']): ConsentRow => ({
          visitor: no,
          at,
          state,
          source: 'browser',
        })
        await store.commit(changes({ consents: [said(1, T + 5, 'refused'), said(1, T, 'granted')] }))
        expect(await store.consent(1)).toEqual(said(1, T + 5, 'refused'))
        await store.commit(changes({ consents: [said(1, T + 5, 'granted')] }))
        expect(await store.consent(1)).toEqual(said(1, T + 5, 'granted'))
        expect(await store.consent(2)).toBeUndefined()
      })

      it.each([
        ['up to a moment', T + 10, [T, T + 10]],
        ['for good', null, [T]],
      ])('lose what was said and viewed in their time, %s', async (_, to, left) => {
        const times = [T, T + 5, T + 10]
        const id = { ms: T, key: 7 }
        await store.commit(
          changes({
            sites: [site],
            visitors: [visitor(1), visitor(2)],
            consents: times.map((at) => ({ visitor: 1, at, state: 'granted', source: 'browser' })),
            measuredViews: [
              { visitor: 1, id, at: T + 5 },
              { visitor: 2, id, at: T + 5 },
            ],
          }),
        )
        await store.erasePart({ visitor: 1, from: T + 5, to })
        expect((await store.consent(1))?.at).toBe(left.at(-1))
        expect((await store.measuredViews(1, id, T)).map((view) => view.visitor)).toEqual([2])
      })

      it('know measured page views by their id, for two days', async () => {
        const view = { visitor: 1, id: { ms: T, key: 7 }, at: T }
        await store.commit(
          changes({
            sites: [site],
            visitors: [visitor(1), visitor(2), visitor(3, { site: 2 })],
            measuredViews: [view, view, { ...view, visitor: 2, at: T - DAY }, { ...view, visitor: 3 }],
          }),
        )
        expect(await store.measuredViews(1, view.id, T)).toEqual([{ ...view, visitor: 2, at: T - DAY }, view])
        expect(await store.measuredViews(1, view.id, T + DAY)).toEqual([view])
        expect(await store.measuredViews(1, { ms: T, key: 8 }, T)).toEqual([])
        await store.commit(changes({ measuredViewsBefore: TODAY + 1 }))
        expect(await store.measuredViews(1, view.id, T)).toEqual([])
      })

      it('know the forms that wait for a page view, for two days', async () => {
        const form = { site: 1, id: { ms: T, key: 7 }, contact: 1, at: T + DAY }
        const another = { ...form, site: 2, contact: 2 }
        await store.commit(changes({ sites: SITES, awaitedViews: [form, form, another] }))
        expect(await store.awaitedViews(1, form.id, T)).toEqual([form])
        expect(await store.awaitedViews(1, form.id, T + DAY)).toEqual([form])
        expect(await store.awaitedViews(2, form.id, T)).toEqual([another])
        expect(await store.awaitedViews(1, form.id, T - DAY)).toEqual([])
        expect(await store.awaitedViews(1, { ms: T, key: 8 }, T)).toEqual([])
        await store.commit(changes({ measuredViewsBefore: TODAY + 2 }))
        expect(await store.awaitedViews(1, form.id, T)).toEqual([])
      })

      it('know the records that were merged into them', async () => {
        await store.commit(
          changes({ contacts: [contact(1), contact(2, { mergedInto: 1 }), contact(3, { mergedInto: 1 })] }),
        )
        expect((await store.mergedInto(1)).map(({ no }) => no)).toEqual([2, 3])
        await store.commit(changes({ contacts: [contact(2)] }))
        expect((await store.mergedInto(1)).map(({ no }) => no)).toEqual([3])
      })

      it('lose a name that is taken from them', async () => {
        const name = { site: 1, kind: 'email' as const, value: 'x' }
        await store.commit(changes({ identities: [{ ...name, contact: 1 }] }))
        await store.commit(changes({ identitiesRemoved: [name], identities: [{ ...name, contact: 2 }] }))
        expect(await store.contactByIdentity(1, 'email', 'x')).toBe(2)
        await store.commit(changes({ identitiesRemoved: [name] }))
        expect(await store.contactByIdentity(1, 'email', 'x')).toBeUndefined()
      })
    })

    describe('leads', () => {
      beforeEach(() =>
        store.commit(
          changes({
            sites: SITES,
            contacts: [1, 2, 3, 4, 5, 6].map((no) => contact(no, { site: no === 6 ? 2 : 1 })),
          }),
        ),
      )

      it('know what their first visit came by, until they are no more', async () => {
        const touch = { at: T, source: 'search Google', entry: '/a', campaign: null }
        await store.commit(
          changes({
            leads: [leadRow(1, 5), leadRow(2, 5)],
            touches: [
              { contact: 1, touch },
              { contact: 2, touch: null },
            ],
          }),
        )
        expect([await store.touchedAt(1), await store.touchedAt(2), await store.touchedAt(3)]).toEqual([
          T,
          null,
          null,
        ])
        await store.commit(changes({ touches: [{ contact: 1, touch: { ...touch, at: T - 5 } }] }))
        expect(await store.touchedAt(1)).toBe(T - 5)
        await store.commit(changes({ leadsRemoved: [1] }))
        await store.commit(changes({ leads: [leadRow(1, 5)] }))
        expect(await store.touchedAt(1)).toBeNull()
      })

      it('keep the rules of their hand-over while only its end changes', async () => {
        await store.commit(
          changes({
            leads: [leadRow(1, 5), leadRow(2, 5)],
            handOvers: [
              { contact: 1, rules: ['a', 'b'], isWon: null },
              { contact: 2, rules: ['c'], isWon: true },
            ],
          }),
        )
        await store.commit(changes({ handOvers: [{ contact: 1, isWon: false }] }))
        expect((await under.totals()).handOvers).toEqual([
          { contact: 1, rules: ['a', 'b'], isWon: false },
          { contact: 2, rules: ['c'], isWon: true },
        ])
        await store.commit(
          changes({ handOvers: [{ contact: 1, rules: null, isWon: null }], leadsRemoved: [2] }),
        )
        expect((await under.totals()).handOvers).toEqual([])
      })

      it('lose a cell, and keep one that is written in the same commit', async () => {
        await store.commit(
          changes({
            leads: [leadRow(1, 5)],
            cellsReplaced: [{ contact: 1, cells: [cell(1, 'visit'), cell(2, 'visit')] }],
          }),
        )
        const gone = (day: number) => ({ contact: 1, day, signal: 'visit' })
        const grown = cell(2, 'visit', { count: 9 })
        await store.commit(
          changes({ cellsRemoved: [gone(1), gone(2)], cells: [{ contact: 1, cell: grown }] }),
        )
        expect(await store.cells(1)).toEqual([grown])
      })

      it('keep when they first downloaded a file', async () => {
        const seen = (from: number | null, files: [string, number][]) =>
          changes({ contentSeen: [{ contact: 1, from, files }] })
        await store.commit(changes({ leads: [leadRow(1, 5)] }))
        await store.commit(
          seen(null, [
            ['/a', T],
            ['/b', T],
          ]),
        )
        await store.commit(
          seen(null, [
            ['/a', T + 5],
            ['/b', T - 5],
          ]),
        )
        expect((await under.totals()).content).toEqual([
          { contact: 1, path: '/a', at: T },
          { contact: 1, path: '/b', at: T - 5 },
        ])
        await store.commit(seen(T, [['/c', T + 9]]))
        expect((await under.totals()).content).toEqual([
          { contact: 1, path: '/b', at: T - 5 },
          { contact: 1, path: '/c', at: T + 9 },
        ])
        await store.commit(seen(0, [['/b', T + 9]]))
        expect((await under.totals()).content).toEqual([{ contact: 1, path: '/b', at: T + 9 }])
        await store.commit(changes({ leadsRemoved: [1] }))
        expect((await under.totals()).content).toEqual([])
      })

      it('are given back whole, as they were put last', async () => {
        await store.commit(changes({ leads: [leadRow(1, 5)] }))
        expect(await store.lead(1)).toEqual(leadRow(1, 5))
        const changed = leadRow(1, null, { engagement: 0, fit: 0, rulesVersion: 2 })
        await store.commit(changes({ leads: [changed] }))
        expect(await store.lead(1)).toEqual(changed)
      })

      it('can be removed, with their cells', async () => {
        await store.commit(changes({ leads: [leadRow(1, 5), leadRow(2, 5)] }))
        await store.commit(changes({ leadsRemoved: [1] }))
        expect(await store.lead(1)).toBeUndefined()
        expect(await store.cells(1)).toEqual([])
        expect(await store.lead(2)).toEqual(leadRow(2, 5))
      })

      it('are reviewed when their day has come, the longest due first, at most so many', async () => {
        await store.commit(
          changes({
            leads: [
              leadRow(1, 12),
              leadRow(2, 10),
              leadRow(3, null),
              leadRow(4, 10),
              leadRow(5, 11),
              leadRow(6, 1, { site: 2 }),
            ],
          }),
        )
        expect(await store.leadsToReview(1, 11, 10)).toEqual([2, 4, 5])
        expect(await store.leadsToReview(1, 12, 10)).toEqual([2, 4, 5, 1])
        expect(await store.leadsToReview(1, 12, 2)).toEqual([2, 4])
        expect(await store.leadsToReview(1, 9, 10)).toEqual([])
        expect(await store.leadsToReview(2, 9, 10)).toEqual([6])
        await store.commit(changes({ leads: [leadRow(2, 20)] }))
        expect(await store.leadsToReview(1, 12, 2)).toEqual([4, 5])
      })
    })

    describe('cells', () => {
      it('are given back by day and signal, as they were put last', async () => {
        const keyed = cell(2, 'download', { keys: ['a.pdf', 'b.pdf'] })
        await store.commit(
          changes({
            cells: [keyed, cell(2, 'a'), cell(1, 'z')].map((one) => ({ contact: 1, cell: one })),
          }),
        )
        await store.commit(changes({ cells: [{ contact: 1, cell: cell(2, 'a', { count: 5 }) }] }))
        expect(await store.cells(1)).toEqual([cell(1, 'z'), cell(2, 'a', { count: 5 }), keyed])
        expect(await store.cell(1, 2, 'download')).toEqual(keyed)
        expect(await store.cell(1, 1, 'a')).toBeUndefined()
        expect(await store.cell(2, 2, 'a')).toBeUndefined()
      })

      it('are replaced all at once, and then those of the same commit are put', async () => {
        await store.commit(changes({ cells: [1, 2].map((contact) => ({ contact, cell: cell(1, 'old') })) }))
        await store.commit(
          changes({
            cellsReplaced: [{ contact: 1, cells: [cell(2, 'new')] }],
            cells: [{ contact: 1, cell: cell(3, 'newer') }],
          }),
        )
        expect(await store.cells(1)).toEqual([cell(2, 'new'), cell(3, 'newer')])
        expect(await store.cells(2)).toEqual([cell(1, 'old')])
      })
    })

    describe('what is only appended', () => {
      it('keeps dead letters by their number until they are removed or too old', async () => {
        const letter = (seq: number, at: number) => ({ seq, at, body: `{"n":${seq}}`, reason: 'x' })
        await store.commit(changes({ deadLetters: [letter(3, T), letter(7, T), letter(9, T + 1)] }))
        expect(await store.deadLetter(7)).toEqual(letter(7, T))
        await store.commit(
          changes({ deadLettersRemoved: [7], deadLetters: [{ ...letter(7, T + 5), reason: 'again' }] }),
        )
        expect((await store.deadLetter(7))?.reason).toBe('again')
        await store.commit(changes({ deadLettersRemoved: [7], deadLettersBefore: T + 1 }))
        expect(await store.deadLetter(3)).toBeUndefined()
        expect(await store.deadLetter(7)).toBeUndefined()
        expect(await store.deadLetter(9)).toEqual(letter(9, T + 1))
      })

      it('forgets the oldest dead letters where there are too many bytes of them', async () => {
        const body = 'x'.repeat(16 * 1024 * 1024)
        for (const seq of [1, 2, 3, 4, 5])
          await store.commit(changes({ deadLetters: [{ seq, at: T, body, reason: 'x' }] }))
        expect(await store.deadLetter(1)).toBeUndefined()
        expect((await store.deadLetter(2))?.seq).toBe(2)
      })

      it('stays in order: transitions, outbox, dead letters', async () => {
        const transition = (no: number, to: 'mql' | 'sql', supersedes: number[] = []) => ({
          no,
          contact: 1,
          from: 'lead' as const,
          to,
          effectiveAt: T,
          recordedAt: T,
          by: 'rules:1',
          why: 'x',
          supersedes,
        })
        await store.commit(
          changes({
            transitions: [transition(1, 'mql'), transition(2, 'sql')],
            outbox: [message('msg_1', 1)],
            deadLetters: [{ seq: 1, at: T, body: '{}', reason: 'x' }],
          }),
        )
        expect(await under.totals()).toMatchObject({
          transitions: ['mql', 'sql'],
          outbox: ['msg_1'],
          deadLetters: 1,
        })
        await store.commit(changes({ transitions: [transition(3, 'mql', [1, 2]), transition(4, 'sql')] }))
        expect(await under.totals()).toMatchObject({ transitions: ['mql', 'sql', 'mql', 'sql'] })
        expect(await store.transitions(1)).toEqual([transition(3, 'mql'), transition(4, 'sql')])
        expect(await store.transitions(2)).toEqual([])
        expect(await store.lastNumbers()).toMatchObject({ transition: 4 })
      })

      describe('deliveries', () => {
        const waiting = async () =>
          (await under.totals()).deliveries.map(({ webhook, message, state, dueAt, tries }) =>
            [webhook, message, state, dueAt === null ? '-' : dueAt - T, tries].join(' '),
          )
        const told = (...rows: OutboxRow[]) =>
          changes({ outbox: rows, deliveries: rows.map((row) => delivery('wh_1', row)) })
        const result = (message: string, state: DeliveryState, dueAt: number | null = null) =>
          changes({
            deliveryResults: [
              {
                webhook: 'wh_1',
                message,
                tried: { at: T, status: 503, ms: 9, error: 'status' },
                state,
                dueAt,
              },
            ],
          })

        it('are due in the order of a contact, one after the other; others at once', async () => {
          await store.commit(told(message('a1', 1), message('a2', 1), message('b1', 2)))
          await store.commit(told(message('a3', 1)))
          expect(await waiting()).toEqual([
            'wh_1 a1 waiting 0 0',
            'wh_1 a2 waiting - 0',
            'wh_1 a3 waiting - 0',
            'wh_1 b1 waiting 0 0',
          ])
          await store.commit(result('a1', 'waiting', T + 5_000))
          expect((await waiting()).slice(0, 2)).toEqual(['wh_1 a1 waiting 5000 1', 'wh_1 a2 waiting - 0'])
          await store.commit(result('a1', 'delivered'))
          expect((await waiting()).slice(0, 3)).toEqual([
            'wh_1 a1 delivered - 2',
            'wh_1 a2 waiting 0 0',
            'wh_1 a3 waiting - 0',
          ])
          await store.commit(result('unknown', 'delivered'))
          await store.commit(result('a2', 'dead'))
          expect((await waiting())[2]).toBe('wh_1 a3 waiting 0 0')
        })

        it('of nobody wait for nothing', async () => {
          await store.commit(told(message('x', 0), message('y', 0)))
          expect(await waiting()).toEqual(['wh_1 x waiting 0 0', 'wh_1 y waiting 0 0'])
        })

        const FIRST = { seq: -1, serial: 0, message: '' }

        it('of one place are gone through without leaving any out', async () => {
          const ids = ['msg_B', 'msg_a', 'msg_-', 'msg__', 'msg_C']
          await store.commit(told(...ids.map((id, i) => ({ ...message(id, i + 1), seq: 7, serial: 1 }))))
          for (const id of ids) await store.commit(result(id, 'dead'))
          const found: string[] = []
          for (let last: MessagePlace | undefined = FIRST; last; ) {
            const [next]: MessagePlace[] = await store.deadAfter('wh_1', last, 1)
            if (next) found.push(next.message)
            last = next
          }
          expect(found).toEqual(ids.toSorted())
        })

        it('that are dead wait again, in their order, as if never tried', async () => {
          await store.commit(told(message('a1', 1), message('a2', 1), message('b1', 2)))
          for (const id of ['a1', 'a2', 'b1']) await store.commit(result(id, 'dead'))
          const dead = await store.deadAfter('wh_1', FIRST, 9)
          expect(dead.map(({ message }) => message)).toEqual(['a1', 'a2', 'b1'])
          expect(await store.deadAfter('wh_1', FIRST, 2)).toEqual(dead.slice(0, 2))
          expect(await store.deadAfter('wh_1', dead[1]!, 2)).toEqual(dead.slice(2))
          expect(await store.deadAfter('wh_2', FIRST, 9)).toEqual([])
          expect(await store.deadDeliveries('wh_1', ['a1', 'no'])).toBe(1)
          expect([
            await store.deadDeliveries('wh_1', null),
            await store.deadDeliveries('wh_2', null),
          ]).toEqual([3, 0])
          await store.commit(changes({ deliveriesRevived: [{ webhook: 'wh_1', messages: ['b1'] }] }))
          expect(await waiting()).toEqual(['wh_1 a1 dead - 1', 'wh_1 a2 dead - 1', 'wh_1 b1 waiting 0 0'])
          await store.commit(changes({ deliveriesRevived: [{ webhook: 'wh_1', messages: ['a1', 'a2'] }] }))
          expect(await waiting()).toEqual([
            'wh_1 a1 waiting 0 0',
            'wh_1 a2 waiting - 0',
            'wh_1 b1 waiting 0 0',
          ])
        })

        it('that wait again later wait for those of the same contact that did before', async () => {
          await store.commit(
            told(...[1, 2, 3].map((n) => message(`a${n}`, 1)), message('x', 0), message('y', 0)),
          )
          for (const id of ['a1', 'a2', 'a3', 'x', 'y']) await store.commit(result(id, 'dead'))
          const revived = (...messages: string[]) =>
            changes({ deliveriesRevived: [{ webhook: 'wh_1', messages }] })
          await store.commit(revived('a2'))
          await store.commit(revived('a3', 'x', 'y', 'none'))
          expect((await waiting()).slice(0, 3)).toEqual([
            'wh_1 a1 dead - 1',
            'wh_1 a2 waiting 0 0',
            'wh_1 a3 waiting - 0',
          ])
          // Of nobody: neither waits for the other.
          expect((await waiting()).slice(3)).toEqual(['wh_1 x waiting 0 0', 'wh_1 y waiting 0 0'])
          await store.commit(result('a2', 'delivered'))
          expect((await waiting())[2]).toBe('wh_1 a3 waiting 0 0')
        })

        it('end with the webhook, with its age, and with the person', async () => {
          await store.commit(
            changes({
              contacts: [contact(1, { ownVisitor: 1 })],
              visitors: [visitor(1)],
              outbox: [message('old', 0, { createdAt: T - 10 }), message('a', 1), message('b', 0)],
              deliveries: [
                delivery('wh_1', message('old', 0, { createdAt: T - 10 })),
                delivery('wh_1', message('a', 1)),
                delivery('wh_1', message('b', 0)),
                delivery('wh_2', message('b', 0)),
              ],
            }),
          )
          await store.commit(changes({ webhooksRemoved: ['wh_2'] }))
          expect((await waiting()).map((line) => line.slice(0, 8))).toEqual([
            'wh_1 a w',
            'wh_1 b w',
            'wh_1 old',
          ])
          expect(await store.hasMessagesBefore(T - 10)).toBe(false)
          expect(await store.hasMessagesBefore(T - 9)).toBe(true)
          await store.commit(changes({ messagesBefore: T - 5 }))
          expect(await store.hasMessagesBefore(T - 5)).toBe(false)
          expect((await waiting()).map((line) => line.slice(0, 8))).toEqual(['wh_1 a w', 'wh_1 b w'])
          await store.erase({ site: 1, contacts: [1], visitors: [1], parts: [], names: [] }, 100)
          expect((await waiting()).map((line) => line.slice(0, 8))).toEqual(['wh_1 b w'])
          expect((await under.totals()).outbox).toEqual(['b'])
        })

        it('go with their webhook some at a time, and it with the last of them', async () => {
          const some = Array.from({ length: MESSAGES_AT_ONCE + 1 }, (_, i) =>
            delivery('wh_1', message(`m${i}`, 0)),
          )
          await store.commit(changes({ webhooks: [hook('wh_1', T)], deliveries: some }))
          const left = async () => [(await waiting()).length, (await store.webhooks()).length]
          await store.commit(changes({ webhooksRemoved: ['wh_1'] }))
          expect(await left()).toEqual([1, 1])
          await store.commit(changes({ webhooksRemoved: ['wh_1'] }))
          expect(await left()).toEqual([0, 0])
        })

        it('that are done stay so when somebody else tells late of an earlier try; what arrived has arrived', async () => {
          await store.commit(told(message('a1', 1), message('a2', 2)))
          await store.commit(result('a1', 'delivered'))
          await store.commit(result('a1', 'waiting', T + 5))
          await store.commit(result('a2', 'dead'))
          await store.commit(result('a2', 'waiting', T + 5))
          expect(await waiting()).toEqual(['wh_1 a1 delivered - 2', 'wh_1 a2 dead - 2'])
          await store.commit(result('a2', 'delivered'))
          expect(await waiting()).toEqual(['wh_1 a1 delivered - 2', 'wh_1 a2 delivered - 3'])
        })

        it('of a brief message take it along once all webhooks have it', async () => {
          const row = message('gone', 0, { isBrief: true })
          await store.commit(
            changes({ outbox: [row], deliveries: [delivery('wh_1', row), delivery('wh_2', row)] }),
          )
          await store.commit(result('gone', 'delivered'))
          expect((await under.totals()).outbox).toEqual(['gone'])
          const other = result('gone', 'delivered')
          other.deliveryResults[0]!.webhook = 'wh_2'
          await store.commit(other)
          expect((await under.totals()).outbox).toEqual([])
        })
      })

      it('keeps webhooks in the order in which they were made', async () => {
        await store.commit(changes({ webhooks: [hook('wh_b', T), hook('wh_a', T + 1)] }))
        await store.commit(changes({ webhooks: [{ ...hook('wh_b', T), enabled: false }] }))
        expect(await store.webhooks()).toEqual([{ ...hook('wh_b', T), enabled: false }, hook('wh_a', T + 1)])
        await store.commit(changes({ webhooksRemoved: ['wh_b'] }))
        expect((await store.webhooks()).map(({ id }) => id)).toEqual(['wh_a'])
      })

      it('forgets outcomes that were given before a moment', async () => {
        const outcome = (ref: string, at: number) => ({
          ref,
          at,
          outcome: { status: 200 as const, body: {} },
        })
        await store.commit(changes({ outcomes: [outcome('old', T), outcome('new', T + 10)] }))
        await store.commit(changes({ outcomesBefore: T + 10 }))
        expect((await under.totals()).outcomes).toEqual(['new'])
      })
    })

    describe('checkpoint', () => {
      it('gives the last sequence number that was projected', async () => {
        for (let n = 0; n < 5; n++) await store.commit(changes())
        expect(await store.checkpoint()).toBe(5)
        await store.commit(changes())
        expect(await store.checkpoint()).toBe(6)
      })

      it('gives it in a store that was opened again, too', async () => {
        await store.commit(changes({ watermark: { logId: 'log-1', seq: 9, now: T } }))
        await store.close()
        store = await under.reopen()
        expect(await store.checkpoint()).toBe(9)
      })
    })
  })
}

async function failure(work: () => unknown): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}
