/** Looks at every page of a database file, on a thread and a connection of its own, and says what it found. */
import { parentPort, workerData } from 'node:worker_threads'
import { soundness } from './soundness.ts'

parentPort!.postMessage(soundness((workerData as { path: string }).path))
