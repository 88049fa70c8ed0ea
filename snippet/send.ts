import { MAX_EVENTS } from '../shared/protocol.ts'
import { choice, flags, OUT } from './consent.ts'
import { newId } from './id.ts'
import { visitor } from './identify.ts'
import { path, view } from './page.ts'
import { safe } from './safe.ts'
import { endpoint, site } from './settings.ts'
import { read, write } from './storage.ts'

/**
 * Characters of all that waits. Three bytes each at worst, so that it fits one body of 16 kB, and the stored
 * queue stays far below its 30 kB.
 */
const MAX_WAITING = 5_000
/** Before the next try, when a busy server does not say. */
const RETRY_SECONDS = 60

const KEY = 'leadwake_queue'

type Queued = [kind: string, id: string, at: number, ...rest: unknown[]]

/** What is not acknowledged. */
let waiting: Queued[] = []
/** What of it is under way. */
const flying = new Set<Queued>()
/** What of it lies in storage, as text. */
let kept: string | undefined
let holdUntil = 0

/** Queues an event; a total takes the place of the one before. */
export const put = (kind: string, id: string, ...rest: unknown[]) => {
  const others = waiting.filter((event) => event[0] + event[1] !== kind + id)
  const all: Queued[] = [...others, [kind, id, Date.now(), ...rest]]
  if (choice !== OUT && JSON.stringify(all).length < MAX_WAITING) waiting = all
}

/** Queues an event of the current page view and sends it at once, since a click may end the page. */
export const record = (kind: string, ...rest: unknown[]) => {
  put(kind, newId(), view, ...rest)
  flush()
}

/**
 * Keeps what waits for the next page, in identify mode only. Tabs share the place, so one that has nothing new
 * writes nothing.
 */
export const keep = () => {
  const text = path && visitor && waiting[0] ? JSON.stringify(waiting) : undefined
  if (kept !== text) {
    kept = text
    write(KEY, text)
  }
}

/** Sends what waits, unless nobody saw the page yet or the server asked for time. */
export const flush = () => {
  const batch = waiting.filter((event) => !flying.has(event)).slice(0, MAX_EVENTS)
  if (path && batch[0] && Date.now() >= holdUntil) send(batch)
  keep()
}

const send = async (batch: Queued[]) => {
  batch.map(flying.add, flying)
  const body = JSON.stringify({ s: site, v: visitor, t: Date.now(), f: flags(), w: screen.width, e: batch })
  try {
    // A string travels as text/plain, which asks for no preflight.
    const { status, headers } = await fetch(endpoint, {
      body,
      credentials: 'omit',
      keepalive: true,
      method: 'POST',
    })
    if (status === 429 || status > 499) {
      holdUntil = Date.now() + (+headers.get('retry-after')! || RETRY_SECONDS) * 1_000
    } else waiting = waiting.filter((event) => !batch.includes(event))
  } catch {
    // It says true even where a blocker stops it, so the events stay in the queue with their ids.
    navigator.sendBeacon?.(endpoint, body)
  }
  batch.map(flying.delete, flying)
  keep()
}

/** Forgets what waits, save one last word by which the collector can count the refusal. */
export const leave = () => {
  waiting = [['e', view, Date.now(), 0]]
}

/** Takes over what an earlier page could not send. Whatever else lies there fails here, and nowhere else. */
export const restore = safe(() => {
  if (visitor) waiting = [...JSON.parse(read(KEY) as string)]
})
