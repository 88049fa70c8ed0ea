import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
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

/** Starts the reader thread. A question that fails there rejects here. */
export function startReader(data: ReaderData, now: () => number): ReaderThread {
  const worker = new Worker(new URL(`./reader-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: data,
  })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let last = 0

  worker.on('message', (reply: Reply) => {
    const asker = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('error' in reply) asker?.reject(new Error(reply.error))
    else asker?.resolve(reply.value)
  })
  worker.on('error', (error) => {
    for (const { reject } of waiting.values())
      reject(error instanceof Error ? error : new Error(String(error)))
    waiting.clear()
  })

  const ask = new Proxy({} as Reader, {
    get:
      (_, name: keyof Answers) =>
      (...args: unknown[]) =>
        new Promise((resolve, reject) => {
          const id = ++last
          waiting.set(id, { resolve, reject })
          const question: Question = { id, name, args, now: now() }
          worker.postMessage(question)
        }),
  })
  return {
    ask,
    async stop() {
      await worker.terminate()
    },
  }
}
