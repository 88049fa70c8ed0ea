/** The appender's thread: commits what the main thread hands it, one after the other, where an fsync takes long. */
import { parentPort, workerData } from 'node:worker_threads'
import type { AppenderData, FromAppender, ToAppender } from './log/sqlite-appender.ts'
import { logWriter, openLogFile, shred } from './log/sqlite-write.ts'

const { path, waitMs } = workerData as AppenderData
const port = parentPort!
const post = (message: FromAppender) => port.postMessage(message)
const db = openLogFile(path, waitMs)
const writer = logWriter(db)

port.on('message', (message: ToAppender) => {
  switch (message.kind) {
    case 'commit':
      try {
        return post({ kind: 'committed', ...writer.commit(message.commit) })
      } catch (error) {
        return post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
      }
    case 'shred':
      return shred(db)
    case 'close':
      db.close()
      return port.close()
    default:
      return message satisfies never
  }
})
post({ kind: 'ready' })
