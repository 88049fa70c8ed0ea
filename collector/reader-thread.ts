/** The reader's thread: answers the questions of API and dashboard on a read-only connection, off the loop that acknowledges. */
import { parentPort, workerData } from 'node:worker_threads'
import { type Answers, answers } from './read.ts'
import { openForReading } from './store/sqlite/open.ts'
import { sqliteReader } from './store/sqlite/read.ts'

export type ReaderData = { statePath: string } | { url: string }

export interface Question {
  id: number
  name: keyof Answers
  args: unknown[]
  /** The asker's clock, ms: this thread has none of its own. */
  now: number
}

export type Reply = { id: number; value: unknown } | { id: number; error: string }

const { statePath } = workerData as { statePath: string }
let now = 0
const db = openForReading(statePath)
const answer = answers({ state: sqliteReader(db), now: () => now })
const port = parentPort!

port.on('message', (question: Question | 'close') => {
  if (question === 'close') {
    db.close()
    port.close()
    return
  }
  now = question.now
  port.postMessage(reply(question))
})

function reply({ id, name, args }: Question): Reply {
  try {
    return { id, value: (answer[name] as (...args: unknown[]) => unknown)(...args) }
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) }
  }
}
