/** The reader's thread: answers the questions of API and dashboard on a read-only connection, off the loop that acknowledges. */
import { extname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { type Answers, answers } from './read.ts'
import { postgresReader } from './store/postgres/read.ts'
import type { StateReader } from './store/reader.ts'
import { openForReading } from './store/sqlite/open.ts'
import { sqliteReader } from './store/sqlite/read.ts'

/** Where the state lies: in a file, or in PostgreSQL. */
export type ReaderData = { statePath: string } | { url: string }

export interface Question {
  id: number
  name: keyof Answers
  args: unknown[]
  /** The asker's clock, ms: this thread has none of its own. */
  now: number
}

export type Reply =
  | { id: number; value: unknown }
  /** `isAway`: the engine does not answer now. */
  | { id: number; error: string; isAway: boolean }

/** A state to ask; `within` holds it still for one question. */
interface Opened {
  state: StateReader
  within<T>(answer: () => T): T
  close(): void
}

/** What is said while the database is away, starts or stops, or has no connection left. */
const AWAY = /^the database (is away|did not answer)|^the database refused: .*\((08|53|57P)...?\)$/

let now = 0
const opened = open(workerData as ReaderData)
const answer = answers({ state: opened.state, now: () => now })
const port = parentPort!

port.on('message', (question: Question | 'close') => {
  if (question === 'close') {
    opened.close()
    port.close()
    return
  }
  now = question.now
  port.postMessage(reply(question))
})

function open(data: ReaderData): Opened {
  if ('url' in data) {
    const thread = new URL(`./query-thread${extname(import.meta.url)}`, import.meta.url)
    return postgresReader(data.url, { thread })
  }
  const db = openForReading(data.statePath)
  return { state: sqliteReader(db), within: (answer) => answer(), close: () => db.close() }
}

function reply({ id, name, args }: Question): Reply {
  try {
    return { id, value: opened.within(() => (answer[name] as (...args: unknown[]) => unknown)(...args)) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { id, error: message, isAway: 'url' in (workerData as ReaderData) && AWAY.test(message) }
  }
}
