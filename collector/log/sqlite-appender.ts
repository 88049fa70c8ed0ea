import { Worker } from 'node:worker_threads'
import type { Commit, Committed } from './sqlite-write.ts'

export interface AppenderData {
  path: string
  waitMs: number
}

export type ToAppender = { kind: 'commit'; commit: Commit } | { kind: 'shred' } | { kind: 'close' }
export type FromAppender =
  | { kind: 'ready' }
  | ({ kind: 'committed' } & Committed)
  | { kind: 'failed'; message: string }

export interface Appender {
  /** One at a time. Resolves when it is on disk; rejects where it is not, or nobody knows because the thread died. */
  commit(commit: Commit): Promise<Committed>
  shred(): void
  /** Ends the thread, after the commit at work. */
  close(): Promise<void>
}

/** Young generation of the thread's heap: it makes next to nothing. With what others have it takes 14 MiB more. */
const YOUNG_MIB = 3

/**
 * Starts a thread that writes the log. `ready` is called once it can take commits, `ended` once it can no more: it
 * died, or could not begin.
 */
export function startAppender(
  module: URL,
  data: AppenderData,
  { ready, ended }: { ready: () => void; ended: () => void },
): Appender {
  const worker = new Worker(module, {
    workerData: data,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  })
  let atWork: PromiseWithResolvers<Committed> | undefined
  let error = new Error('the appender ended')

  worker.on('message', (message: FromAppender) => {
    if (message.kind === 'ready') return ready()
    const waiting = atWork
    atWork = undefined
    if (message.kind === 'committed') waiting?.resolve(message)
    else waiting?.reject(new Error(message.message))
  })
  worker.on('error', (cause) => {
    error = cause instanceof Error ? cause : new Error(String(cause))
  })
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      ended()
      atWork?.reject(error)
      atWork = undefined
      resolve()
    })
  })
  const post = (message: ToAppender) => worker.postMessage(message)

  return {
    commit(commit) {
      atWork = Promise.withResolvers<Committed>()
      post({ kind: 'commit', commit })
      return atWork.promise
    },
    shred: () => post({ kind: 'shred' }),
    close() {
      post({ kind: 'close' })
      return exited
    },
  }
}
