import { Worker } from 'node:worker_threads'
import { type Desk, layer, newDesk } from './desk.ts'
import type { Commit, Committed } from './sqlite-write.ts'

export interface AppenderData {
  path: string
  waitMs: number
  desk: Desk
}

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
  data: Omit<AppenderData, 'desk'>,
  { ready, ended }: { ready: () => void; ended: () => void },
): Appender {
  const desk = newDesk()
  const worker = new Worker(module, {
    workerData: { ...data, desk } satisfies AppenderData,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  })
  const { lay, shred, close } = layer(desk, (text) => worker.postMessage(text))
  let atWork: PromiseWithResolvers<Committed> | undefined
  let error = new Error('the appender ended')

  worker.once('message', ready)
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
  return {
    commit(commit) {
      const one = Promise.withResolvers<Committed>()
      atWork = one
      lay(commit).then(one.resolve, one.reject)
      return one.promise
    },
    shred,
    close() {
      close()
      return exited
    },
  }
}
