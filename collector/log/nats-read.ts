import { AckPolicy, DeliverPolicy, type JetStreamManager } from '@nats-io/jetstream'
import { createInbox, type Msg, nanos } from '@nats-io/transport-node'
import { type Link, serverAway } from './nats-link.ts'

/** Messages asked for at a time, and bytes of them: a server cuts off who has 64 MB of answers unread. */
const PULL_MESSAGES = 1_000
const PULL_BYTES = 8 * 2 ** 20
/** The server forgets where a reader stood that asks nothing for so long, ms; it is not asked again after half of that. */
const FORGET_MS = 60_000

export interface StreamMessage {
  seq: number
  body: string
}

/** A consumer of the server's: where a reader stands. */
interface Position {
  consumer: string
  /** Number of the last message that was read. */
  after: number
  /** How many messages it has delivered: a gap in that count is a lost message. */
  delivered: number
  usedAt: number
}

interface Pulled {
  messages: StreamMessage[]
  isEnd: boolean
}

/**
 * Reads a stream in batches, in its order. Reading on where the last batch ended costs one question; from anywhere
 * else a consumer is made first. `read` rejects with `LogUnavailable`.
 */
export function streamReader(
  link: Link,
  jsm: JetStreamManager,
  stream: string,
  { waitMs }: { waitMs: number },
) {
  let position: Position | undefined
  let turn: Promise<unknown> = Promise.resolve()
  link.onLost(() => {
    position = undefined
  })

  async function standBehind(seq: number): Promise<Position> {
    const isFresh = position && performance.now() - position.usedAt < FORGET_MS / 2
    if (position && isFresh && position.after === seq) return position
    // One that is not deleted is forgotten.
    if (position) jsm.consumers.delete(stream, position.consumer).catch(() => {})
    position = undefined
    const { name } = await jsm.consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: seq + 1,
      inactive_threshold: nanos(FORGET_MS),
      mem_storage: true,
      num_replicas: 1,
    })
    position = { consumer: name, after: seq, delivered: 0, usedAt: performance.now() }
    return position
  }

  /** What is there now, at most `batch`. */
  function pull(from: Position, batch: number): Promise<Pulled> {
    const inbox = createInbox()
    const messages: StreamMessage[] = []
    let last = from.delivered
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer)
        off()
        subscription.unsubscribe()
        settle()
      }
      const done = (isEnd: boolean) => {
        from.delivered = last
        from.after = messages.at(-1)?.seq ?? from.after
        from.usedAt = performance.now()
        end(() => resolve({ messages, isEnd }))
      }
      const fail = (error: Error) => end(() => reject(error))
      const timer = setTimeout(() => fail(serverAway()), waitMs)
      const off = link.onLost(() => fail(serverAway()))
      const subscription = link.nc.subscribe(inbox, {
        callback(error, message) {
          if (error) return fail(error)
          const status = message.headers?.code
          // No messages, or no more of them; 409: the bytes are used up.
          if (status === 404 || status === 408) return done(true)
          if (status === 409 && messages.length > 0) return done(false)
          if (status) return fail(new Error(`${status} ${message.headers?.description}`))
          const { seq, delivery } = numbersOf(message)
          if (delivery !== last + 1) return fail(new Error('a message of the intake log was lost on its way'))
          last = delivery
          timer.refresh()
          messages.push({ seq, body: message.string() })
          if (messages.length === batch) done(false)
        },
      })
      // Never less than one message may have, or the reader would not get past it.
      const max_bytes = Math.max(PULL_BYTES, 2 * link.server().max_payload)
      const question = JSON.stringify({ batch, no_wait: true, max_bytes })
      link.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${from.consumer}`, question, { reply: inbox })
    })
  }

  async function readBehind(seq: number, limit: number): Promise<StreamMessage[]> {
    const found: StreamMessage[] = []
    try {
      while (found.length < limit) {
        const from = await standBehind(found.at(-1)?.seq ?? seq)
        const { messages, isEnd } = await pull(from, Math.min(PULL_MESSAGES, limit - found.length))
        for (const message of messages) found.push(message)
        if (isEnd) break
      }
    } catch (error) {
      // Nobody knows how far it came.
      position = undefined
      throw error
    }
    // Behind the end of the stream a consumer begins with whatever comes next.
    return found.filter((message) => message.seq > seq)
  }

  /** Messages after `seq`, at most `limit`. One read at a time: they share the place where the reader stands. */
  return function read(seq: number, limit: number): Promise<StreamMessage[]> {
    const mine = turn.then(() => link.ask(() => readBehind(seq, limit)))
    turn = mine.catch(() => {})
    return mine
  }
}

/**
 * Of the subject under which a message would be acknowledged, which is
 * `$JS.ACK.[DOMAIN.ACCOUNT.]STREAM.CONSUMER.TRIES.SEQ.DELIVERY.TIME.LEFT[.RANDOM]`
 * (https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md).
 */
function numbersOf({ reply = '' }: Msg): { seq: number; delivery: number } {
  const words = reply.split('.')
  const tries = words.length === 9 ? 4 : 6
  return { seq: Number(words[tries + 1]), delivery: Number(words[tries + 2]) }
}
