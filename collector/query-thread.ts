/** Holds the connection of a reader to PostgreSQL, which waits for it. */
import { workerData } from 'node:worker_threads'
import { serveBridge } from './store/postgres/bridge-end.ts'

serveBridge(workerData)
