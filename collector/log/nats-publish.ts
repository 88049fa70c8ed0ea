import { createInbox, type Msg } from '@nats-io/transport-node'
import { EntryTooLarge, LogUnavailable } from './log.ts'
import { type Link, serverAway } from './nats-link.ts'

export interface Message {
  subject: string
  body: Uint8Array
}

/** The stream holds as much as it may. */
export class StreamFull extends LogUnavailable {}

/** Its number in the stream; or why it is not there, where `serverAway` means that nobody knows. */
export type Stored = number | LogUnavailable

/** JetStream's words, with code 10077, which it also has for other failures of its store. */
const FULL = 'maximum bytes exceeded'

interface Group {
  /** Number of its first message among all that were published. */
  first: number
  stored: (Stored | undefined)[]
  left: number
  settle(): void
  /** Waits anew: thousands of fsyncs take their time, and each answer says that they go on. */
  goOn(): void
}

/**
 * Publishes groups of messages, one group after the other, and waits for JetStream's acknowledgement of each message:
 * all of a group are under way together, which is one round trip. (The library's own `publish` makes a request with a
 * timer of each.)
 */
export function groupPublisher(link: Link, { waitMs }: { waitMs: number }) {
  const inbox = createInbox()
  let group: Group | undefined
  let published = 0

  link.nc.subscribe(`${inbox}.*`, {
    callback(_error, answer) {
      const i = Number(answer.subject.slice(inbox.length + 1)) - (group?.first ?? 0)
      // An answer to a message that nobody waits for any more.
      if (!group || i < 0 || group.stored[i] !== undefined) return
      answered(group, i, storedBy(answer))
    },
  })

  function answered(group: Group, i: number, stored: Stored): void {
    group.stored[i] = stored
    if (--group.left === 0) group.settle()
    else group.goOn()
  }

  function send({ subject, body }: Message, group: Group, i: number): void {
    const most = link.server().max_payload
    if (body.length <= most) link.nc.publish(subject, body, { reply: `${inbox}.${group.first + i}` })
    // Sent all the same, it would end the connection.
    else answered(group, i, tooLarge(body.length, most))
  }

  /** Resolves with what became of each message, in their order. Never rejects. */
  return function publish(messages: readonly Message[]): Promise<Stored[]> {
    if (!link.isUp()) return Promise.resolve(messages.map(serverAway))
    return new Promise((resolve) => {
      const settle = () => {
        group = undefined
        clearTimeout(timer)
        off()
        resolve(one.stored.map((stored) => stored ?? serverAway()))
      }
      const timer = setTimeout(settle, waitMs)
      const off = link.onLost(settle)
      const one: Group = {
        first: published,
        stored: messages.map(() => undefined),
        left: messages.length,
        settle,
        goOn: () => void timer.refresh(),
      }
      published += messages.length
      group = one
      for (const [i, message] of messages.entries()) send(message, one, i)
    })
  }
}

const tooLarge = (bytes: number, most: number) =>
  new EntryTooLarge(
    `this comes to ${bytes} bytes, and the NATS server of the intake log takes ${most}: send it in parts, or raise its max_payload`,
  )

function storedBy(answer: Msg): Stored {
  // Nobody listens on the subject: no stream, or none that has a leader now.
  if (answer.headers?.code === 503) return new LogUnavailable('no stream takes the entries of the intake log')
  const { seq, error } = answer.json<{ seq?: number; error?: { description: string } }>()
  if (error?.description === FULL) return new StreamFull('the intake log is full')
  if (error || !seq)
    return new LogUnavailable('the intake log cannot be written', { cause: error?.description })
  return seq
}
