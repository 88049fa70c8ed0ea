import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { SMALL_YOUNG } from './heap.ts'
import { LogUnavailable } from './log/log.ts'
import type { Answers } from './read.ts'
import type { Question, ReaderData, Reply } from './reader-thread.ts'

/** The answers, asked of the reader thread. */
export type Reader = {
  [K in keyof Answers]: (...args: Parameters<Answers[K]>) => Promise<ReturnType<Answers[K]>>
}

export interface ReaderThread {
  ask: Reader
  stop(): Promise<void>
}

/** Questions that read the whole history: they have a thread of their own while one is asked, so that none waits behind them. */
const LONG: ReadonlySet<keyof Answers> = new Set(['preview'])

/** How long a thread may take to end what it reads, ms. */
const STOP_MS = 2_000

/** Starts the reader thread. A question that fails there rejects here. */
export function startReader(data: ReaderData, now: () => number): ReaderThread {
  const short = thread(data, true)
  const long = thread(data, false)
  let last = 0
  let isStopped = false

  const ask = new Proxy({} as Reader, {
    get:
      (_, name: keyof Answers) =>
      (...args: unknown[]) =>
        // After the stop nobody is there to answer, nor to hear: a timer's last question starts no thread again.
        isStopped
          ? new Promise(() => {})
          : (LONG.has(name) ? long : short).answer({ id: ++last, name, args, now: now() }),
  })
  return {
    ask,
    async stop() {
      isStopped = true
      await Promise.all([short.stop(), long.stop()])
    },
  }
}

/** A thread that answers one question after the other; it ends with its last answer unless it is to `stay`. */
function thread(data: ReaderData, stay: boolean) {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let worker = stay ? spawn() : undefined

  function spawn(): Worker {
    const started = new Worker(new URL(`./reader-thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: data,
      resourceLimits: SMALL_YOUNG,
    })
    started.on('message', (reply: Reply) => {
      const asker = waiting.get(reply.id)
      waiting.delete(reply.id)
      if (!stay && waiting.size === 0) stop()
      if ('error' in reply)
        asker?.reject(reply.isAway ? new LogUnavailable(reply.error) : new Error(reply.error))
      else asker?.resolve(reply.value)
    })
    started.on('error', (error) => {
      // One that was stopped while it began to read.
      if (worker !== started) return
      worker = undefined
      for (const { reject } of waiting.values())
        reject(error instanceof Error ? error : new Error(String(error)))
      waiting.clear()
    })
    return started
  }

  /** It closes its database itself: a thread that is ended within the driver can take the process with it. */
  async function stop(): Promise<void> {
    const ended = worker
    worker = undefined
    if (!ended) return
    const exited = new Promise((resolve) => ended.once('exit', resolve))
    ended.postMessage('close')
    const late = setTimeout(() => ended.terminate(), STOP_MS)
    await exited
    clearTimeout(late)
  }

  return {
    answer(question: Question): Promise<unknown> {
      return new Promise((resolve, reject) => {
        waiting.set(question.id, { resolve, reject })
        // One that died is started again by the next question.
        worker ??= spawn()
        worker.postMessage(question)
      })
    },
    stop,
  }
}
