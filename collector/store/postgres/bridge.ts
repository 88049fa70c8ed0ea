/** Asks PostgreSQL as if it answered at once: a thread of its own holds the connection, and this one waits for it. */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { Failure, Round, Rows } from './bridge-end.ts'

/** A statement with the values of its parameters. */
export type Query = readonly [text: string, ...args: Value[]]
export type Value = string | number | boolean | null

/** How long one round of queries may take, ms: longer than the database itself lets a statement run. */
const WAIT_MS = 25_000

export interface Bridge {
  /**
   * Sends queries in one round, and returns the rows of each. All rounds up to `end` see the database at one moment. Throws
   * a sentence where it is away, where it refuses, and where it takes too long; the next round begins anew.
   */
  ask(queries: readonly Query[]): Record<string, unknown>[][]
  /** Lets go of the moment that was looked at. */
  end(): void
  close(): void
}

/** Of the heap of its thread, which hands on what it is given. */
const YOUNG_MIB = 24

export interface BridgeOptions {
  /** Of the thread that `serveBridge` runs in. */
  thread: URL
  waitMs?: number
}

export function openBridge(url: string, { thread, waitMs = WAIT_MS }: BridgeOptions): Bridge {
  let worker: ReturnType<typeof spawn> | undefined
  let last = 0
  let isOpen = false

  function spawn() {
    const flag = new Int32Array(new SharedArrayBuffer(4))
    const { port1, port2 } = new MessageChannel()
    const started = new Worker(thread, {
      workerData: { url, flag, port: port2 },
      transferList: [port2],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    })
    // What it has to say comes through the port; that it died shows in an answer that never comes.
    started.on('error', () => {})
    return { started, flag, port: port1 }
  }

  /** What the thread answered to a round; undefined after `waitMs`. */
  function answerTo(id: number): Rows[] | Failure | undefined {
    const { flag, port } = worker!
    const until = performance.now() + waitMs
    for (;;) {
      const seen = Atomics.load(flag, 0)
      for (let got = receiveMessageOnPort(port); got; got = receiveMessageOnPort(port))
        if (got.message.id === id) return got.message.answer
      const left = until - performance.now()
      if (left <= 0) return undefined
      Atomics.wait(flag, 0, seen, left)
    }
  }

  return {
    ask(queries) {
      worker ??= spawn()
      const id = ++last
      worker.port.postMessage({ id, queries, isFirst: !isOpen } satisfies Round)
      isOpen = true
      const answer = answerTo(id)
      if (answer === undefined) {
        // It may be in the middle of anything: another one is sooner in order.
        void worker.started.terminate()
        worker = undefined
        isOpen = false
        throw new Error(`the database did not answer within ${waitMs / 1_000} seconds`)
      }
      if ('failure' in answer) {
        isOpen = false
        throw new Error(answer.failure)
      }
      return answer.map(({ columns, rows }) =>
        rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]]))),
      )
    },
    end() {
      if (isOpen) worker?.port.postMessage('end')
      isOpen = false
    },
    close() {
      worker?.port.postMessage('close')
      worker = undefined
      isOpen = false
    },
  }
}
