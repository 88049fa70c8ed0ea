import type { LoggedEntry } from '../log/log.ts'
import type { Batch } from './batch.ts'
import { eventsOf } from './replay-dead.ts'

/** Keeps a failed entry with its reason. Only beacons count among the events. */
export function bury(batch: Batch, logged: LoggedEntry, reason: string, at: number): void {
  batch.deadLetters.push({ seq: logged.seq, at, body: JSON.stringify(logged.entry), reason })
  const events = eventsOf(logged.entry)
  if (events === 0) return
  batch.count('received', events)
  batch.count('dead', events)
}
