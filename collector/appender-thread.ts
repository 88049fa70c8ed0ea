/** The appender's thread: commits what the main thread lays before it, one after the other, where an fsync takes long. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { workAt } from './log/desk.ts'
import type { AppenderData } from './log/sqlite-appender.ts'
import { logWriter, openLogFile, shred } from './log/sqlite-write.ts'

const { path, waitMs, desk } = workerData as AppenderData
const db = openLogFile(path, waitMs)
const writer = logWriter(db)

parentPort!.postMessage('ready')
workAt(desk, {
  commit: writer.commit,
  shred: () => shred(db),
  posted: () => receiveMessageOnPort(parentPort!)!.message,
})
db.close()
