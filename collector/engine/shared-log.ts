/** The log that several collectors append to: tables of their database, or a stream of NATS. */
import { randomUUID } from 'node:crypto'
import type { IntakeLog } from '../log/log.ts'
import { createNatsLog, openNatsLog, StreamSealed } from '../log/nats.ts'
import type { Durability } from '../log/nats-durability.ts'
import { unsealStream } from '../log/nats-move.ts'
import { openPostgresLog } from '../log/postgres.ts'
import { Sentence } from '../sentence.ts'

export interface SharedLogAt {
  /** postgres://...: where the state is, and the log unless `stream` says another place. */
  url: string
  /** nats://..., with `?replicas=3&sync=always&stream=NAME` behind it where wanted. */
  stream: string | undefined
}

export interface SharedLog extends IntakeLog {
  /** Removes for good what lies before `seq`, all of which is projected. */
  forget(seq: number): Promise<void>
  /** What a server of its own promises; undefined where the log lies in the state's. */
  durability?(): Durability
}

export interface SharedLogOptions {
  now?: () => number
  committed?: () => void
  /** Bytes. */
  limit?: number
}

export async function openSharedLog(
  { url, stream }: SharedLogAt,
  options: SharedLogOptions = {},
): Promise<SharedLog> {
  if (stream === undefined) return openPostgresLog(url, options)
  const { servers, name, syncsAlways } = streamAt(stream)
  const log = await openNatsLog(servers, { ...options, syncsAlways, ...(name !== undefined && { name }) })
  return { ...log, forget: async (seq) => log.trim(seq - 1) }
}

/**
 * Makes the stream where there is none, and opens again one that a move which was cut off has left closed. Throws a `Sentence`
 * where it cannot be made, and while the log of this id `isMoving`.
 */
export async function prepareStream(
  stream: string,
  limit: number,
  isMoving: (id: string) => Promise<boolean>,
): Promise<void> {
  const { servers, name, replicas } = streamAt(stream)
  const named = name !== undefined && { name }
  const open = async () => (await openNatsLog(servers, { ...named })).close()
  try {
    await open().catch(async (error: Error) => {
      if (error instanceof StreamSealed && !(await isMoving(error.id))) return unsealStream(servers, name)
      if (!/has no stream/.test(error.message)) throw error
      // Of several that start at once one makes it; the others find that it is there.
      const refused = await createNatsLog(servers, randomUUID(), { ...named, replicas, limit }).catch(
        (error: Error) => error,
      )
      await open().catch((error: Error) => {
        throw refused ?? error
      })
    })
  } catch (error) {
    throw new Sentence(`LEADWAKE_INTAKE_LOG: ${(error as Error).message}`)
  }
}

/** Throws a `Sentence` where a part of it means nothing. */
export function streamAt(url: string): {
  servers: string
  name: string | undefined
  replicas: number
  syncsAlways: boolean
} {
  const [servers = '', query = ''] = url.split('?')
  const asked = new URLSearchParams(query)
  const unknown = [...asked.keys()].find((key) => !['replicas', 'sync', 'stream'].includes(key))
  if (unknown !== undefined)
    throw new Sentence(
      `LEADWAKE_INTAKE_LOG: '${unknown}' means nothing there; what may stand behind the address is ?replicas=, sync=always and stream=`,
    )
  const replicas = asked.get('replicas') ?? '1'
  if (!/^[1-5]$/.test(replicas))
    throw new Sentence(`LEADWAKE_INTAKE_LOG: replicas must be 1 to 5, got '${replicas}'`)
  return {
    servers,
    name: asked.get('stream') ?? undefined,
    replicas: Number(replicas),
    syncsAlways: asked.get('sync') === 'always',
  }
}
