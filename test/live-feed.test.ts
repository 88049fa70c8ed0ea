import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HEARTBEAT_MS, LINGER_MS, LOOK_EVERY_MS, liveFeed, PAUSE_MS } from '../collector/live-feed.ts'
import { presence } from '../collector/presence.ts'
import { type Glimpse, MOST_SHOWN, PRESENT_MS, type SeenEvent } from '../collector/project/glimpse.ts'
import { START } from './support/collector.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: START })
})
afterEach(() => {
  vi.useRealTimers()
})

const ADA = { id: 'c-1', name: 'Ada' }
const view = (path: string, at = START): SeenEvent => ({ at, kind: 'page', path, what: null, lead: ADA })
const glimpse = (more: Partial<Glimpse>): Glimpse => ({
  site: 'main',
  seen: new Float64Array(),
  events: [],
  more: 0,
  moves: [],
  ...more,
})

function stand({ mostListeners = 10, present = [] as number[] } = {}) {
  const watched: boolean[] = []
  let epochs = 0
  const feed = liveFeed({
    now: Date.now,
    watch: (is) => watched.push(is),
    present: async () => present,
    newEpoch: () => `e${++epochs}`,
    mostListeners,
  })
  async function listen({
    leads = true,
    lastId = undefined as string | undefined,
    room = Number.POSITIVE_INFINITY,
    allowed = (): boolean => true,
    site = 'main',
  } = {}) {
    let text = ''
    let left = room
    let isEnded = false
    const outlet = {
      write(bytes: Uint8Array) {
        if (bytes.length > left) return false
        left -= bytes.length
        text += Buffer.from(bytes)
        return true
      },
      end() {
        isEnded = true
      },
    }
    const stop = await feed.listen({ site, leads, lastId, allowed, outlet })
    return { stop, text: () => text, messages: () => messagesOf(text), isEnded: () => isEnded }
  }
  return { feed, listen, watched }
}

// biome-ignore lint/suspicious/noExplicitAny: asserted on, field by field
function messagesOf(text: string): { event: string; id: string | undefined; data: any }[] {
  return text
    .split('\n\n')
    .filter((part) => part.startsWith('event: '))
    .map((part) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1]
      return { event: field('event')!, id: field('id'), data: JSON.parse(field('data')!) }
    })
}

describe('presence', () => {
  it('counts visitors, not events, and forgets who has gone', () => {
    const here = presence()
    here.see(1, 100)
    here.see(2, 200)
    here.see(1, 300)
    expect(here.count(0)).toEqual({ visitors: 2, full: false })
    expect(here.count(250)).toEqual({ visitors: 1, full: false })
    here.see(1, 240)
    expect(here.count(250)).toEqual({ visitors: 1, full: false })
  })

  it('holds a bounded number and says that there may be more', () => {
    const here = presence(3)
    for (let no = 1; no <= 5; no++) here.see(no, no)
    expect(here.count(0)).toEqual({ visitors: 3, full: true })
    expect(here.count(3)).toEqual({ visitors: 3, full: false })
  })
})

describe('the live feed', () => {
  it('computes nothing while nobody looks on, and stops some time after the last has gone', async () => {
    const { listen, watched } = stand()
    expect(watched).toEqual([])
    const first = await listen()
    const second = await listen({ site: 'other' })
    expect(watched).toEqual([true])
    if (first.stop === 'full' || second.stop === 'full') throw new Error('full')
    first.stop()
    second.stop()
    vi.advanceTimersByTime(LINGER_MS - 1)
    expect(watched).toEqual([true])
    vi.advanceTimersByTime(1)
    expect(watched).toEqual([true, false])
  })

  it('begins with who was there before anybody looked on', async () => {
    const { listen } = stand({ present: [8, START - PRESENT_MS - 1, 7, START - 1_000] })
    expect((await listen()).messages()).toEqual([
      { event: 'now', id: 'e1.0', data: { site: 'main', at: new Date(START).toISOString(), visitors: 1 } },
    ])
  })

  it('tells at once, then once a second at most, the latest of what came meanwhile', async () => {
    const { feed, listen } = stand()
    const { messages } = await listen()
    feed.take([glimpse({ seen: Float64Array.of(1, START), events: [view('/a')] })])
    expect(messages().map(({ event }) => event)).toEqual(['now', 'events', 'now'])
    for (let i = 0; i < MOST_SHOWN + 5; i++) feed.take([glimpse({ events: [view(`/${i}`)], more: 2 })])
    expect(messages()).toHaveLength(3)
    vi.advanceTimersByTime(PAUSE_MS)
    expect(messages()).toHaveLength(4)
    const { items, more } = messages().at(-1)!.data
    expect(items.map(({ path }: { path: string }) => path)).toEqual(
      Array.from({ length: MOST_SHOWN }, (_, i) => `/${i + 5}`),
    )
    expect(more).toBe(5 + 2 * (MOST_SHOWN + 5))
  })

  it('tells whose things are to those alone who may know', async () => {
    const { feed, listen } = stand()
    const may = await listen({ leads: true })
    const mayNot = await listen({ leads: false })
    const form: SeenEvent = { at: START, kind: 'form', path: null, what: 'contact Ada', lead: ADA }
    const moves = [{ at: START, from: 'lead', to: 'sql', lead: ADA } as const]
    feed.take([glimpse({ events: [view('/a'), form], moves })])
    const at = new Date(START).toISOString()
    expect(may.messages().slice(1)).toMatchObject([
      {
        event: 'events',
        data: {
          items: [
            { at, kind: 'page', path: '/a', lead: ADA },
            { what: 'contact Ada', lead: ADA },
          ],
        },
      },
      { event: 'stage', data: { at, from: 'lead', to: 'sql', lead: ADA } },
    ])
    expect(mayNot.messages().slice(1)).toEqual([
      {
        event: 'events',
        id: 'e1.1',
        data: {
          items: [
            { at, kind: 'page', path: '/a' },
            { at, kind: 'form' },
          ],
          more: 0,
        },
      },
      { event: 'stage', id: 'e1.2', data: { at, from: 'lead', to: 'sql' } },
    ])
    expect(mayNot.text()).not.toMatch(/Ada|c-1/)
  })

  it('tells nobody of another site', async () => {
    const { feed, listen } = stand()
    const other = await listen({ site: 'other' })
    feed.take([glimpse({ seen: Float64Array.of(1, START), events: [view('/a')] })])
    expect(other.messages().map(({ event }) => event)).toEqual(['now'])
  })

  it('says when visitors have gone, with nothing else happening', async () => {
    const { feed, listen } = stand()
    const { messages } = await listen()
    feed.take([glimpse({ seen: Float64Array.of(1, START) })])
    expect(messages().at(-1)).toMatchObject({ event: 'now', data: { visitors: 1 } })
    vi.advanceTimersByTime(PRESENT_MS + LOOK_EVERY_MS)
    expect(messages().at(-1)).toMatchObject({ event: 'now', data: { visitors: 0 } })
  })

  it('goes on behind the last message that a listener had', async () => {
    const { feed, listen } = stand()
    const first = await listen()
    for (const path of ['/a', '/b', '/c']) {
      feed.take([glimpse({ events: [view(path)] })])
      vi.advanceTimersByTime(PAUSE_MS)
    }
    const [, a, b, c] = first.messages()
    const back = await listen({ lastId: a!.id })
    expect(back.messages().map(({ id }) => id)).toEqual([b!.id, c!.id, c!.id])
    expect(back.messages().map(({ event }) => event)).toEqual(['events', 'events', 'now'])
    expect((await listen({ lastId: c!.id })).messages().map(({ event }) => event)).toEqual(['now'])
  })

  it.each([
    ['too old', 'e1.1'],
    ['of another run', 'e9.2'],
    ['not yet told', 'e1.9999'],
    ['nonsense', '"><script>'],
    ['empty', ''],
  ])('says by `reset` that what came since is unknown: an id that is %s', async (_, lastId) => {
    const { feed, listen } = stand()
    await listen()
    for (let i = 0; i < 300; i++) {
      feed.take([glimpse({ events: [view(`/${i}`)] })])
      vi.advanceTimersByTime(PAUSE_MS)
    }
    const { messages } = await listen({ lastId })
    expect(messages().map(({ event }) => event)).toEqual(['reset', 'now'])
  })

  it('keeps a bounded past, however long the messages are', async () => {
    const { feed, listen } = stand()
    await listen()
    for (let i = 0; i < 100; i++) {
      feed.take([glimpse({ events: [view('/'.padEnd(2_000, 'x'))] })])
      vi.advanceTimersByTime(PAUSE_MS)
    }
    expect((await listen({ lastId: 'e1.2' })).messages()[0]!.event).toBe('reset')
    const late = await listen({ lastId: 'e1.80' })
    expect(late.messages()).toHaveLength(21)
    expect(late.text().length).toBeLessThan(70_000)
  })

  it('forgets what it told once somebody is erased', async () => {
    const { feed, listen } = stand()
    await listen()
    feed.take([glimpse({ events: [view('/a')] })])
    feed.forget()
    const { messages, text } = await listen({ lastId: 'e1.0' })
    expect(messages().map(({ event }) => event)).toEqual(['reset', 'now'])
    expect(text()).not.toContain('Ada')
  })

  it('drops a reader who is too slow, and nobody else', async () => {
    const { feed, listen } = stand()
    const slow = await listen({ room: 400 })
    const quick = await listen()
    feed.take([glimpse({ events: [view('/a'.padEnd(500, 'x'))] })])
    expect(slow.isEnded()).toBe(true)
    expect(quick.isEnded()).toBe(false)
    expect(quick.messages()).toHaveLength(2)
  })

  it('keeps the connection with comments, and ends it when the key no longer holds', async () => {
    const { feed, listen } = stand()
    let holds = true
    const { text, isEnded } = await listen({ allowed: () => holds })
    vi.advanceTimersByTime(HEARTBEAT_MS)
    expect(text()).toMatch(/\n\n:\n\n$/)
    holds = false
    feed.review()
    expect(isEnded()).toBe(true)
  })

  it('ends one whose key has run out, with the next heartbeat', async () => {
    const { listen } = stand()
    const { isEnded } = await listen({ allowed: () => Date.now() < START + 1_000 })
    vi.advanceTimersByTime(HEARTBEAT_MS)
    expect(isEnded()).toBe(true)
  })

  it('has a bounded number of places, each free again', async () => {
    const { listen } = stand({ mostListeners: 2 })
    const first = await listen()
    await listen()
    expect((await listen()).stop).toBe('full')
    if (first.stop !== 'full') first.stop()
    expect((await listen()).stop).not.toBe('full')
  })

  it('ends everybody when the collector stops, and takes nobody more', async () => {
    const { feed, listen, watched } = stand()
    const { isEnded } = await listen()
    feed.close()
    expect(isEnded()).toBe(true)
    expect(watched).toEqual([true, false])
    expect((await listen()).stop).toBe('full')
  })
})
