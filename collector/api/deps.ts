import type { DoorCounts } from '../counts.ts'
import type { Entry } from '../entry.ts'
import type { ProjectorThread } from '../projecting.ts'
import type { Reader } from '../reader.ts'
import type { EndpointDeps } from './endpoint.ts'

export interface ApiDeps extends EndpointDeps {
  counts: DoorCounts
  ask: Reader
  /** Appends and waits for the projection. */
  perform: (entry: Entry) => ReturnType<ProjectorThread['perform']>
  /** A random id for what the caller did not name. */
  newId: () => string
}
