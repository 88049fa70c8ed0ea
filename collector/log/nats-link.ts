import { connect, type NatsConnection, type ServerInfo } from '@nats-io/transport-node'
import { LogUnavailable } from './log.ts'
import { refusedVersion } from './nats-durability.ts'

/** Between two attempts to reach a server that is away, ms. */
const RECONNECT_MS = 200
/** A connection over which so many questions in a row, each after so long (ms), stay unanswered, is made anew. */
const PING_MS = 2_000
const PINGS = 2

/** A connection that comes back by itself. */
export interface Link {
  nc: NatsConnection
  /** What the server at the other end says of itself; of the last one while none is there. */
  server(): ServerInfo
  /** Rejects with `LogUnavailable` what is asked while the server is away, what it was about to answer then, and what it refuses. */
  ask<T>(what: () => Promise<T>): Promise<T>
  isUp(): boolean
  /** Calls back each time the server went away; what is returned ends that. */
  onLost(lost: () => void): () => void
  close(): Promise<void>
}

export const serverAway = () => new LogUnavailable("the intake log's server does not answer")

interface Address {
  servers: string[]
  user?: string
  pass?: string
  token?: string
  tls?: Record<string, never>
}

/**
 * Connects to the first server that answers. Rejects with a sentence where none does, or one that is too old; no
 * sentence holds a password.
 */
export async function openLink(url: string, { waitMs }: { waitMs: number }): Promise<Link> {
  const address = addressOf(url)
  const nc = await connect({
    ...address,
    name: 'leadwake',
    timeout: waitMs,
    maxReconnectAttempts: -1,
    // A password that is being changed must not end the attempts for good.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: RECONNECT_MS / 2,
    pingInterval: PING_MS,
    maxPingOut: PINGS,
    noAsyncTraces: true,
  }).catch((cause: Error) => {
    throw new Error(`no NATS server takes connections at ${address.servers.join(', ')}: ${cause.message}`, {
      cause,
    })
  })
  let server = nc.info!
  const refused = refusedVersion(server.version)
  if (refused) {
    await nc.close()
    throw new Error(refused)
  }

  let isUp = true
  const losers = new Set<() => void>()
  async function watch(): Promise<void> {
    for await (const { type } of nc.status()) {
      if (type === 'reconnect') {
        server = nc.info ?? server
        isUp = true
      }
      if (type !== 'disconnect' && type !== 'close') continue
      isUp = false
      for (const lost of [...losers]) lost()
    }
  }
  void watch()

  const onLost = (lost: () => void) => {
    losers.add(lost)
    return () => void losers.delete(lost)
  }
  return {
    nc,
    server: () => server,
    isUp: () => isUp,
    onLost,
    ask<T>(what: () => Promise<T>): Promise<T> {
      if (!isUp) return Promise.reject(serverAway())
      return new Promise<T>((resolve, reject) => {
        const off = onLost(() => reject(serverAway()))
        const failed = (cause: unknown) =>
          reject(
            cause instanceof LogUnavailable
              ? cause
              : new LogUnavailable("the intake log's server refuses", { cause }),
          )
        what().then(resolve, failed).finally(off)
      })
    },
    async close() {
      isUp = false
      await nc.close()
    },
  }
}

/** Of `nats://USER:PASSWORD@HOST:PORT` or `tls://`, several with commas between; a name without a password is a token. */
export function addressOf(url: string): Address {
  const urls = url.split(',').map((one) => (URL.canParse(one.trim()) ? new URL(one.trim()) : undefined))
  const fit = urls.filter((one) => one && ['nats:', 'tls:'].includes(one.protocol) && one.hostname !== '')
  if (fit.length < urls.length)
    throw new Error(
      'the address of the intake log must be nats://HOST:PORT or tls://HOST:PORT, or several of them with commas between',
    )
  const { username = '', password = '' } = fit.find((one) => one!.username !== '') ?? {}
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)]
  return {
    servers: fit.map((one) => one!.host),
    ...(user !== '' && (pass === '' ? { token: user } : { user, pass })),
    ...(fit.some((one) => one!.protocol === 'tls:') && { tls: {} }),
  }
}
