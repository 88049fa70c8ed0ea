/**
 * Where the main thread lays a commit for the appender, and finds what became of it: memory that both see, for a message and the
 * copy that it carries cost both of them, and there are hundreds of commits a second.
 */
import type { Commit, Committed } from './sqlite-write.ts'

export interface Desk {
  /** Counters and switches; see the places below. */
  flags: Int32Array<SharedArrayBuffer>
  /** Of the commit: entries, ms, where it may be trimmed to; of the answer: sequence number, whether nothing is left to trim. */
  numbers: Float64Array<SharedArrayBuffer>
  /** The entries, or why they could not be stored: UTF-8. */
  text: Uint8Array<SharedArrayBuffer>
}

/** Counts what the appender is to look up for; both counters grow by 1 with each commit. */
const CALLS = 0
const LAID = 1
const ANSWERED = 2
const FAILED = 3
const SHREDDING = 4
const CLOSING = 5
/** Bytes of the text; -1 of one that came by message, being longer than there is room for. */
const LENGTH = 6

/** Bytes of entries: of 64 connections, each with the longest body. */
const ROOM = 2 ** 20

export function newDesk(): Desk {
  return {
    flags: new Int32Array(new SharedArrayBuffer(32)),
    numbers: new Float64Array(new SharedArrayBuffer(24)),
    text: new Uint8Array(new SharedArrayBuffer(ROOM)),
  }
}

const call = ({ flags }: Desk): void => {
  Atomics.add(flags, CALLS, 1)
  Atomics.notify(flags, CALLS)
}

/** The main thread's side. `post` brings over a text that there is no room for. */
export function layer(desk: Desk, post: (text: string) => void) {
  const { flags, numbers } = desk
  const text = Buffer.from(desk.text.buffer)
  return {
    /** One at a time. Resolves when it is answered; rejects where it was not stored. */
    async lay({ n, at, body, trimTo }: Commit): Promise<Committed> {
      numbers[0] = n
      numbers[1] = at
      numbers[2] = trimTo
      const fits = body.length * 3 <= ROOM || Buffer.byteLength(body) <= ROOM
      if (!fits) post(body)
      flags[LENGTH] = fits ? text.write(body) : -1
      const before = Atomics.load(flags, ANSWERED)
      Atomics.add(flags, LAID, 1)
      call(desk)
      const answer = Atomics.waitAsync(flags, ANSWERED, before)
      if (answer.async) await answer.value
      if (flags[FAILED] === 1) throw new Error(text.toString('utf8', 0, flags[LENGTH]))
      return { seq: numbers[0], trimmed: numbers[1] === 1 }
    },
    shred(): void {
      Atomics.store(flags, SHREDDING, 1)
      call(desk)
    },
    close(): void {
      Atomics.store(flags, CLOSING, 1)
      call(desk)
    },
  }
}

export interface DeskWork {
  commit(commit: Commit<string | Uint8Array>): Committed
  shred(): void
  /** The text that was posted. */
  posted(): string
}

/** The appender's side: works until it is to close. Blocks the thread. */
export function workAt(desk: Desk, { commit, shred, posted }: DeskWork): void {
  const { flags, numbers } = desk
  const text = Buffer.from(desk.text.buffer)
  let isShredding = false
  const isLaid = () => Atomics.load(flags, LAID) !== Atomics.load(flags, ANSWERED)
  for (let called = 0; isLaid() || Atomics.load(flags, CLOSING) === 0; ) {
    Atomics.wait(flags, CALLS, called)
    called = Atomics.load(flags, CALLS)
    if (!isShredding && Atomics.load(flags, SHREDDING) === 1) {
      isShredding = true
      shred()
    }
    if (!isLaid()) continue
    try {
      const length = flags[LENGTH]!
      const body = length < 0 ? posted() : text.subarray(0, length)
      const { seq, trimmed } = commit({ n: numbers[0]!, at: numbers[1]!, trimTo: numbers[2]!, body })
      numbers[0] = seq
      numbers[1] = Number(trimmed)
      flags[FAILED] = 0
    } catch (error) {
      flags[LENGTH] = text.write(error instanceof Error ? error.message : String(error))
      flags[FAILED] = 1
    }
    Atomics.add(flags, ANSWERED, 1)
    Atomics.notify(flags, ANSWERED)
  }
}
