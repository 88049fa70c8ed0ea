/** The far end of the bridge: the thread that holds the reader's connection. */
import type { MessagePort } from 'node:worker_threads'
import postgres from 'postgres'
import { asSent } from '../../postgres-connection.ts'
import type { Query } from './bridge.ts'

export interface Round {
  id: number
  queries: readonly Query[]
  /** Whether it looks at a moment of its own. */
  isFirst: boolean
}

/** Rows by place, which cost half of what objects do on their way from thread to thread. */
export interface Rows {
  columns: string[]
  rows: unknown[][]
}

export interface Failure {
  failure: string
}

export interface BridgeEnd {
  url: string
  /** Counts answers; whoever waits for one waits for it to change. */
  flag: Int32Array
  port: MessagePort
}

/** How long the database lets a statement of ours run, ms. */
const STATEMENT_MS = 20_000
/** A transaction that nobody asks anything within keeps rows from being cleaned away: the database ends it after so long, ms. */
const IDLE_MS = 600_000
const CONNECT_S = 5

/**
 * One plan that is to fit a day and a year fits neither: what asks for a span is planned each time, which takes 0.1 ms. (The engine
 * guesses that any span is a two-hundredth of all, and fetched a year's sums row by row.) What asks for keys is planned once: over all
 * months of events that takes 2 ms.
 */
const OF_A_SPAN = /\bBETWEEN\b/

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'
/** Classes of errors whose words name no values: connection, access, our own statements, resources, cancelled, system. */
const TELLABLE = /^(08|28|3D|42|53|55|57|58|XX)/

export function serveBridge({ url, flag, port }: BridgeEnd): void {
  let isWhole = false
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    // A server that goes away during this question of the driver's would end the thread.
    fetch_types: false,
    onclose: () => {
      isWhole = false
    },
    connect_timeout: CONNECT_S,
    // A database that is back is to be found at once; who asks while it is away is told so at once, too.
    backoff: () => 0.05,
    // Sums of what is counted are far below 2^53; PostgreSQL makes them `numeric`.
    types: { bigint: { to: 20, from: [20, 1700], serialize: String, parse: Number } },
    connection: asSent({
      default_transaction_read_only: true,
      statement_timeout: STATEMENT_MS,
      idle_in_transaction_session_timeout: IDLE_MS,
      // Compiling a query costs more than any of these takes. (PostgreSQL's alone, as the time-outs are.)
      jit: false,
      // What is looked for by a list of keys is found by them, whatever the planner thinks of the list.
      enable_seqscan: false,
      // To start others costs more of the CPU than what they would take over.
      max_parallel_workers_per_gather: 0,
    }),
  })

  const run = ([text, ...args]: Query) =>
    sql.unsafe(text, args.map(plain), { prepare: !OF_A_SPAN.test(text) }).values()

  /** All on their way at once: a round costs one journey however many queries it has. */
  async function ask(queries: readonly Query[], isFirst: boolean): Promise<Rows[]> {
    const begun = isFirst ? [sql.unsafe(BEGIN)] : []
    const [, ...results] = await Promise.all([Promise.all(begun), ...queries.map(run)])
    return results.map((rows) => ({ columns: rows.columns.map(({ name }) => name), rows: [...rows] }))
  }

  async function answer({ queries, isFirst }: Round): Promise<Rows[] | Failure> {
    try {
      if (isFirst) {
        isWhole = true
        try {
          return await ask(queries, true)
        } catch (error) {
          if (error instanceof postgres.PostgresError && !/^57P/.test(error.code)) throw error
          // The connection had been lost, perhaps long ago: nothing was read yet, so that it can be asked again.
          isWhole = true
          return await ask(queries, true)
        }
      }
      if (!isWhole) return { failure: AWAY }
      return await ask(queries, false)
    } catch (error) {
      if (isWhole) await sql.unsafe('ROLLBACK').catch(() => {})
      return { failure: wordsOf(error) }
    }
  }

  // One after the other, in the order in which they came.
  let before: Promise<unknown> = Promise.resolve()
  port.on('message', (message: Round | 'end' | 'close') => {
    before = before.then(async () => {
      if (message === 'end') {
        if (isWhole) await sql.unsafe('COMMIT').catch(() => {})
      } else if (message === 'close') {
        await sql.end({ timeout: 1 })
        port.close()
      } else {
        port.postMessage({ id: message.id, answer: await answer(message) })
        Atomics.add(flag, 0, 1)
        Atomics.notify(flag, 0)
      }
    })
  })
}

const AWAY = 'the database is away: nothing can be read until it is back'

/** PostgreSQL's text holds no NUL; its picture stands for it, as in what was written. */
const plain = (value: Query[number]) => (typeof value === 'string' ? value.replaceAll('\0', '\u2400') : value)

function wordsOf(error: unknown): string {
  if (!(error instanceof postgres.PostgresError)) return AWAY
  const { code, message } = error
  return `the database refused: ${TELLABLE.test(code) ? `${message} ` : ''}(${code})`
}
