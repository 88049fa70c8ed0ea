import {
  DiscardPolicy,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import type { Entry } from '../entry.ts'
import { type IntakeLog, LogUnavailable } from './log.ts'
import { type Durability, durabilityOf } from './nats-durability.ts'
import { type Link, openLink } from './nats-link.ts'
import { groupPublisher, type Stored, StreamFull } from './nats-publish.ts'
import { streamReader } from './nats-read.ts'
import { visitorPartition } from './visitor-partition.ts'

/**
 * Beacons are published as `NAME.in.PARTITION` by their visitor. A power of two: projectors of any smaller power of
 * two can each have the server filter what is theirs (`visitorPartition`).
 */
export const SUBJECTS = 64
/** Of every entry that is not of one visitor. */
const CONTROL = 'control'
/** Entries that may wait while a group is under way: a server that stands still must not fill the memory. */
const MOST_WAITING = 10_000
/** A new leader among three servers is elected within this, ms. */
export const WAIT_MS = 5_000
const NAME = 'leadwake'
const LIMIT = 2 ** 30

/**
 * The log's id stands in the stream's description (streams have had no other place for it before 2.10), and so does behind which
 * number a log that came from elsewhere goes on: streams begin with 1. (Before 2.10 they know no other first number, and
 * one of several servers takes nothing any more once a purge has moved its numbers on.)
 */
const DESCRIPTION = /^intake log of leadwake, id (\S+)(?:, behind (\d+))?$/

export const describing = (id: string, behind = 0): string =>
  `intake log of leadwake, id ${id}${behind === 0 ? '' : `, behind ${behind}`}`

/** Undefined of a stream that holds something else. */
export function describedBy({
  description = '',
}: Pick<StreamConfig, 'description'>): { id: string; behind: number } | undefined {
  const [, id, behind = 0] = DESCRIPTION.exec(description) ?? []
  return id === undefined ? undefined : { id, behind: Number(behind) }
}

/** Which subjects a stream takes its entries from: those of its appenders, or none of theirs while it is moved. */
export const takenFrom = (name: string, isSealed = false): string[] => [
  isSealed ? `${name}.sealed` : `${name}.in.*`,
]

/** The stream takes nothing, because it is being moved, or a move from it was cut off. */
export class StreamSealed extends Error {
  /** Of the log. */
  readonly id: string
  constructor(name: string, id: string) {
    super(`the stream ${name} takes no entries: it is being moved elsewhere (leadwake migrate)`)
    this.id = id
  }
}

/** A stream that is otherwise drops what was acknowledged, or takes more than it can hold. */
const MUST = {
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  max_age: 0,
  max_msgs: -1,
  max_msgs_per_subject: -1,
} satisfies Partial<StreamConfig>

export interface NatsLogOptions {
  /** Of the stream; its subjects begin with it. */
  name?: string
  now?: () => number
  /** Called after each group of this appender with its last sequence number. */
  committed?: (seq: number) => void
  /** How long a group waits for the next of its acknowledgements, and a question for its answer, ms. */
  waitMs?: number
  /** Bytes that the stream may hold from now on; it stays as it is without. */
  limit?: number
  /** The servers' configuration has `jetstream { sync_interval: always }`: they tell it to nobody. */
  syncsAlways?: boolean
}

export interface NatsLog extends IntakeLog {
  /** Whether what this log acknowledges survives a power failure, by the version of the server at the other end. */
  durability(): Durability
}

/**
 * Creates the stream of a new log, on so many servers of a cluster. Rejects with a sentence where one of its name is
 * there, or the server cannot hold it.
 */
export async function createNatsLog(
  url: string,
  id: string,
  {
    name = NAME,
    limit = LIMIT,
    replicas = 1,
    waitMs = WAIT_MS,
  }: { name?: string; limit?: number; replicas?: number; waitMs?: number } = {},
): Promise<void> {
  const { link, jsm } = await openJetStream(url, waitMs)
  try {
    await jsm.streams.add({
      ...MUST,
      name,
      subjects: takenFrom(name),
      max_bytes: limit,
      num_replicas: replicas,
      description: describing(id),
    })
  } catch (cause) {
    throw new Error(`the stream ${name} cannot be made: ${(cause as Error).message}`, { cause })
  } finally {
    await link.close()
  }
}

/** The group that is coming, entry by entry. */
interface Waiting extends PromiseWithResolvers<number> {
  subject: string
  entry: string
}

/**
 * The log in a stream of NATS JetStream, for any number of appenders: a message holds one entry, and its number in
 * the stream is the entry's, counted from where the log began here. Entries of one turn of the event loop are one group: each is stored or refused for
 * itself, and those that are stored resolve with the number of the last one when all are answered. What a trim removes
 * is gone when it resolves. Rejects with a sentence where the server does not answer, is too old, has no JetStream,
 * or where its stream is not there or not one that keeps what it acknowledged.
 */
export async function openNatsLog(
  url: string,
  {
    name = NAME,
    now = Date.now,
    committed = () => {},
    waitMs = WAIT_MS,
    limit,
    syncsAlways = false,
  }: NatsLogOptions = {},
): Promise<NatsLog> {
  const { link, jsm } = await openJetStream(url, waitMs)
  const { id, behind } = await fitStream(jsm, name, limit).catch(async (error) => {
    await link.close()
    throw error
  })

  const publish = groupPublisher(link, { waitMs })
  const read = streamReader(link, jsm, name, { waitMs })
  const stream = () => link.ask(() => jsm.streams.info(name))

  let coming: Waiting[] = []
  let underWay: Promise<void> | undefined
  /** How many bytes there was room for when an entry found the stream full; undefined while none has. */
  let fullAt: number | undefined

  async function room(): Promise<number> {
    const { config, state } = await stream()
    return config.max_bytes - state.bytes
  }

  /** Full until another appender's trim, or the operator, has made room: one large entry less is no room yet. */
  async function isStillFull(): Promise<boolean> {
    if (fullAt !== undefined && (await room()) > fullAt) fullAt = undefined
    return fullAt !== undefined
  }

  async function store(group: readonly Waiting[]): Promise<Stored[]> {
    if (fullAt !== undefined && (await isStillFull())) throw new StreamFull('the intake log is full')
    const at = now()
    const stored = await publish(
      group.map(({ subject, entry }) => ({ subject, body: Buffer.from(`{"at":${at},"entry":${entry}}`) })),
    )
    // Where that cannot be found out either, the next group tries.
    if (stored.some((one) => one instanceof StreamFull)) fullAt = await room().catch(() => -1)
    return stored
  }

  /** One group at a time: what an appender appends lies in its order, and what comes meanwhile shares the next. */
  async function commit(): Promise<void> {
    while (coming.length > 0) {
      const group = coming
      coming = []
      const stored = await store(group).catch((error: LogUnavailable) => group.map(() => error))
      const last = stored.reduce<number>(
        (last, one) => (typeof one === 'number' ? Math.max(last, behind + one) : last),
        0,
      )
      for (const [i, one] of stored.entries())
        if (typeof one === 'number') group[i]!.resolve(last)
        else group[i]!.reject(one)
      if (last > 0) committed(last)
    }
    underWay = undefined
  }

  return {
    id,
    append(entry) {
      if (coming.length >= MOST_WAITING)
        return Promise.reject(new LogUnavailable('the intake log does not keep up'))
      const waiting = {
        ...Promise.withResolvers<number>(),
        subject: subjectOf(entry, name),
        entry: JSON.stringify(entry),
      }
      coming.push(waiting)
      // After this turn's reads: whatever arrived together shares the round trip.
      underWay ??= new Promise((done) => setImmediate(() => done(commit())))
      return waiting.promise
    },
    async read(seq, limit) {
      return (await read(Math.max(0, seq - behind), limit)).map(({ seq, body }) => {
        const { at, entry } = JSON.parse(body) as { at: number; entry: Entry }
        return { seq: behind + seq, receivedAt: at, entry }
      })
    },
    async bounds() {
      // Another appender may have trimmed it: a collector that is not ready because of it is sent nothing to find that out by.
      await isStillFull()
      const { state } = await stream()
      const first = state.messages === 0 ? state.last_seq + 1 : state.first_seq
      return { first: behind + first, last: behind + state.last_seq }
    },
    async trim(seq) {
      const { state } = await stream()
      // A purge past the end would make the numbers go on from there.
      const through = Math.min(seq - behind, state.last_seq)
      if (state.messages > 0 && through >= state.first_seq)
        await link.ask(() => jsm.streams.purge(name, { seq: through + 1 }))
      await isStillFull()
    },
    isFull: () => fullAt !== undefined,
    checkpoint() {},
    walBytes: () => 0,
    durability: () => durabilityOf(link.server().version, syncsAlways),
    async close() {
      await underWay
      await link.close()
    },
  }
}

function subjectOf(entry: Entry, name: string): string {
  return `${name}.in.${entry.kind === 'beacon' ? visitorPartition(entry, SUBJECTS) : CONTROL}`
}

export async function openJetStream(
  url: string,
  waitMs = WAIT_MS,
): Promise<{ link: Link; jsm: JetStreamManager }> {
  const link = await openLink(url, { waitMs })
  try {
    return { link, jsm: await jetstreamManager(link.nc, { timeout: waitMs }) }
  } catch (cause) {
    await link.close()
    throw new Error(
      `the NATS server offers no JetStream (its configuration needs a jetstream block): ${(cause as Error).message}`,
      { cause },
    )
  }
}

/** Sets how much the stream may hold, and returns which log it is. Rejects where it is none that can hold one. */
async function fitStream(
  jsm: JetStreamManager,
  name: string,
  limit: number | undefined,
): Promise<{ id: string; behind: number }> {
  const { config } = await jsm.streams.info(name).catch((cause: Error) => {
    throw new Error(`the NATS server has no stream ${name}: ${cause.message}`, { cause })
  })
  const log = describedBy(config)
  if (!log) throw new Error(`the stream ${name} is no intake log: its description does not say which`)
  if (config.subjects.join() === takenFrom(name, true).join()) throw new StreamSealed(name, log.id)
  const wrong = Object.entries(MUST).find(([key, value]) => config[key as keyof typeof MUST] !== value)
  if (wrong) throw new Error(`the stream ${name} would lose entries: its ${wrong[0]} must be ${wrong[1]}`)
  if (limit !== undefined && limit !== config.max_bytes)
    await jsm.streams.update(name, { max_bytes: limit }).catch((cause: Error) => {
      throw new Error(`the stream ${name} cannot be given ${limit} bytes: ${cause.message}`, { cause })
    })
  return log
}
