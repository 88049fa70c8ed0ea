/**
 * What is going on, for those who look on: one computation for a site, however many they are. What it tells comes
 * from what the projector has committed; while nobody looks on, nothing is computed at all.
 */
import type { LiveEvents, LiveNow, LiveStage } from '../shared/api.ts'
import { type Presence, presence } from './presence.ts'
import { type Glimpse, MOST_SHOWN, PRESENT_MS, type SeenEvent, type SeenMove } from './project/glimpse.ts'

/** After a message the next one of a site waits so long, ms, and holds what came meanwhile. */
export const PAUSE_MS = 1_000
/** A comment this often keeps proxies from closing what is silent, ms; keys are looked at again, too. */
export const HEARTBEAT_MS = 15_000
/** A browser whose connection broke comes back after this, ms. */
const RETRY_MS = 3_000
/** How often it is looked whether visitors have gone, ms. */
export const LOOK_EVERY_MS = 5_000
/** For so long after the last listener a site is still followed, ms: who comes back goes on where it was. */
export const LINGER_MS = 60_000
/** Messages that a listener who comes back can still have. */
const MOST_KEPT = 200
/** The same in characters: what one listener is sent at once must fit its outlet. */
const MOST_KEPT_LENGTH = 65_536
/** Changes of stage in one message's time; the rest shows in lists. */
const MOST_MOVES = 50
/** All listeners together. Each costs a connection and some KiB. */
const MOST_LISTENERS = 1_000

/** Where a listener's messages go. */
export interface Outlet {
  /** Writes bytes; false where the reader is too slow for them: it is dropped then. */
  write(bytes: Uint8Array): boolean
  end(): void
}

export interface Listening {
  site: string
  /** Whether it may know whose things are. */
  leads: boolean
  /** `Last-Event-ID`. */
  lastId?: string | undefined
  /** Whether its key or session still holds. */
  allowed: () => boolean
  outlet: Outlet
}

export interface LiveFeed {
  /** Tells a listener of what comes from now on, and of what it missed; 'full' where there are too many. Stops by the function returned. */
  listen(listening: Listening): Promise<(() => void) | 'full'>
  take(glimpses: readonly Glimpse[]): void
  /** What was told is forgotten: somebody was erased. */
  forget(): void
  /** Ends those whose key or session no longer holds. */
  review(): void
  /** Ends all. */
  close(): void
}

export interface LiveFeedOptions {
  now: () => number
  /** Turns the telling of what is committed on and off. */
  watch: (isWatched: boolean) => void
  /** Visitors of a site who were there since, ms: number and time, one pair after the other. */
  present: (site: string, since: number) => Promise<readonly number[]>
  /** A name that no other run has; 1 to 16 of `a-z0-9`. */
  newEpoch: () => string
  mostListeners?: number
}

/** As it goes over the wire, with the leads and without. */
interface Message {
  no: number
  full: string
  plain: string
}

interface Followed {
  site: string
  here: Presence
  /** Resolves once it is known who was there before. */
  ready: Promise<void>
  listeners: Set<Listening>
  epoch: string
  no: number
  kept: Message[]
  keptLength: number
  /** Number of the last message that is no longer kept. */
  keptBehind: number
  events: SeenEvent[]
  more: number
  moves: SeenMove[]
  /** What was said last of who is there. */
  told: string
  pause: NodeJS.Timeout | undefined
  linger: NodeJS.Timeout | undefined
}

const HEARTBEAT = Buffer.from(':\n\n')
const ID = /^([a-z0-9]{1,16})\.(\d{1,15})$/
const iso = (ms: number): string => new Date(ms).toISOString()

export function liveFeed(options: LiveFeedOptions): LiveFeed {
  const { now, watch, present, newEpoch, mostListeners = MOST_LISTENERS } = options
  const sites = new Map<string, Followed>()
  let timers: NodeJS.Timeout[] = []
  let isClosed = false
  let listening = 0

  function follow(site: string): Followed {
    const known = sites.get(site)
    if (known) return known
    if (sites.size === 0) begin()
    const here = presence()
    const since = now() - PRESENT_MS
    const followed: Followed = {
      site,
      here,
      ready: present(site, since).then((pairs) => {
        for (let i = 0; i < pairs.length; i += 2) here.see(pairs[i]!, pairs[i + 1]!)
      }),
      listeners: new Set(),
      epoch: newEpoch(),
      no: 0,
      kept: [],
      keptLength: 0,
      keptBehind: 0,
      events: [],
      more: 0,
      moves: [],
      told: '',
      pause: undefined,
      linger: undefined,
    }
    sites.set(site, followed)
    return followed
  }

  function begin(): void {
    watch(true)
    timers = [
      setInterval(() => {
        for (const followed of sites.values()) if (hasLeft(followed)) tell(followed)
      }, LOOK_EVERY_MS),
      setInterval(() => {
        review()
        for (const { listeners } of sites.values()) for (const one of [...listeners]) send(one, HEARTBEAT)
      }, HEARTBEAT_MS),
    ]
    for (const timer of timers) timer.unref()
  }

  function leave(followed: Followed): void {
    clearTimeout(followed.pause)
    clearTimeout(followed.linger)
    sites.delete(followed.site)
    if (sites.size > 0) return
    watch(false)
    for (const timer of timers) clearInterval(timer)
  }

  function drop(listener: Listening): void {
    const followed = sites.get(listener.site)
    if (!followed?.listeners.delete(listener)) return
    listening--
    listener.outlet.end()
    if (followed.listeners.size > 0) return
    followed.linger = setTimeout(() => leave(followed), LINGER_MS)
    followed.linger.unref()
  }

  function send(listener: Listening, bytes: Uint8Array): void {
    if (!listener.outlet.write(bytes)) drop(listener)
  }

  function nowOf({ site, here }: Followed): LiveNow {
    const { visitors, full } = here.count(now() - PRESENT_MS)
    return { site, at: iso(now()), visitors, ...(full && { atLeast: true }) }
  }

  const told = ({ visitors, atLeast }: LiveNow): string => `${visitors} ${atLeast}`
  const hasLeft = (followed: Followed): boolean => told(nowOf(followed)) !== followed.told

  /** Makes a frame of all that is new and sends it; what comes within the pause behind it waits for the next. */
  function tell(followed: Followed): void {
    if (followed.pause) return
    const { events, more, moves, listeners } = followed
    const standing = nowOf(followed)
    const news: [name: string, full: unknown, plain: unknown][] = []
    if (events.length > 0) news.push(['events', eventsOf(events, more, true), eventsOf(events, more, false)])
    for (const move of moves) news.push(['stage', stageOf(move, true), stageOf(move, false)])
    if (told(standing) !== followed.told) news.push(['now', standing, standing])
    if (news.length === 0) return
    followed.told = told(standing)
    followed.events = []
    followed.more = 0
    followed.moves = []
    const messages = news.map(([name, full, plain]): Message => {
      const no = ++followed.no
      const id = `${followed.epoch}.${no}`
      return { no, full: messageOf(name, full, id), plain: messageOf(name, plain, id) }
    })
    for (const message of messages) keep(followed, message)
    const bytes = { full: bytesOf(messages, 'full'), plain: bytesOf(messages, 'plain') }
    for (const listener of [...listeners]) send(listener, listener.leads ? bytes.full : bytes.plain)
    followed.pause = setTimeout(() => {
      followed.pause = undefined
      tell(followed)
    }, PAUSE_MS)
    followed.pause.unref()
  }

  /** What a listener who comes back has missed; undefined where that is no longer known. */
  function missed({ epoch, no, kept, keptBehind }: Followed, lastId: string): Message[] | undefined {
    const [, itsEpoch, itsNo] = ID.exec(lastId) ?? []
    const last = Number(itsNo)
    if (itsEpoch !== epoch || last > no || last < keptBehind) return undefined
    return kept.filter((message) => message.no > last)
  }

  function review(): void {
    for (const { listeners } of sites.values())
      for (const listener of [...listeners]) if (!listener.allowed()) drop(listener)
  }

  return {
    async listen(listener) {
      if (isClosed || listening >= mostListeners) return 'full'
      listening++
      const followed = follow(listener.site)
      clearTimeout(followed.linger)
      try {
        await followed.ready
      } catch (error) {
        listening--
        if (followed.listeners.size === 0) leave(followed)
        throw error
      }
      if (isClosed) return 'full'
      followed.listeners.add(listener)
      const { lastId, leads, outlet } = listener
      const messages = lastId === undefined ? [] : missed(followed, lastId)
      const standing = nowOf(followed)
      if (followed.told === '') followed.told = told(standing)
      const start = [
        `retry: ${RETRY_MS}\n\n`,
        messages
          ? messages.map(({ full, plain }) => (leads ? full : plain)).join('')
          : messageOf('reset', { reason: 'what came since is no longer kept' }),
        messageOf('now', standing, `${followed.epoch}.${followed.no}`),
      ]
      if (!outlet.write(Buffer.from(start.join('')))) drop(listener)
      return () => drop(listener)
    },
    take(glimpses) {
      for (const { site, seen, events, more, moves } of glimpses) {
        const followed = sites.get(site)
        if (!followed) continue
        for (let i = 0; i < seen.length; i += 2) followed.here.see(seen[i]!, seen[i + 1]!)
        const all = followed.events.concat(events)
        followed.events = all.slice(-MOST_SHOWN)
        followed.more += more + all.length - followed.events.length
        followed.moves = followed.moves.concat(moves).slice(-MOST_MOVES)
        tell(followed)
      }
    },
    forget() {
      for (const followed of sites.values()) {
        followed.epoch = newEpoch()
        followed.no = 0
        followed.kept = []
        followed.keptLength = 0
        followed.keptBehind = 0
        followed.events = []
        followed.more = 0
        followed.moves = []
      }
    },
    review,
    close() {
      isClosed = true
      for (const followed of [...sites.values()]) {
        for (const listener of [...followed.listeners]) drop(listener)
        leave(followed)
      }
    },
  }
}

function keep(followed: Followed, message: Message): void {
  followed.kept.push(message)
  followed.keptLength += message.full.length
  while (followed.kept.length > MOST_KEPT || followed.keptLength > MOST_KEPT_LENGTH) {
    const first = followed.kept.shift()!
    followed.keptLength -= first.full.length
    followed.keptBehind = first.no
  }
}

const bytesOf = (messages: readonly Message[], which: 'full' | 'plain'): Uint8Array =>
  Buffer.from(messages.map((message) => message[which]).join(''))

/** https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream: JSON holds no line end. */
const messageOf = (name: string, data: unknown, id?: string): string =>
  `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`

function eventsOf(events: readonly SeenEvent[], more: number, leads: boolean): LiveEvents {
  const items = events.map(({ at, kind, path, what, lead }) => ({
    at: iso(at),
    kind,
    ...(path !== null && { path }),
    ...(leads && what !== null && { what }),
    ...(leads && lead !== null && { lead }),
  }))
  return { items, more }
}

function stageOf({ at, from, to, lead }: SeenMove, leads: boolean): LiveStage {
  return { at: iso(at), from, to, ...(leads && { lead }) }
}
