import { existsSync, statSync } from 'node:fs'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'

/** Whether the last process that wrote a database closed it: else its write-ahead log still holds something. */
export function wasClosed(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0
}

/** 'ok', or what is wrong with a database file; reads all of it. */
export function soundness(path: string): string {
  if (!existsSync(path)) return 'it is not there'
  try {
    const db = new Database(path, { readonly: true, fileMustExist: true })
    try {
      return String(db.pragma('quick_check(1)', { simple: true })).split('\n')[0]!
    } finally {
      db.close()
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/**
 * The same, off this thread: a state of ten million events takes some 20 s to read. Resolves with 'ok' or what is
 * wrong; `stop` ends it early, and then it never resolves.
 */
export function soundnessLater(path: string): { found: Promise<string>; stop(): Promise<unknown> } {
  const worker = new Worker(new URL(`./check-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: { path },
  })
  const found = new Promise<string>((resolve) => {
    worker.once('message', resolve)
    worker.once('error', (error) => resolve(error instanceof Error ? error.message : String(error)))
  })
  return { found, stop: () => worker.terminate() }
}
