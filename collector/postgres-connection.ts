import postgres from 'postgres'

/** A server that answers nothing at all is given up after this, s. */
const CONNECT_WITHIN_S = 5

/** Counts, times and sequence numbers lie far below 2^53. */
const NUMBERS = { bigint: { to: 20, from: [20], serialize: String, parse: Number } }

/** Settings of a connection as the server is to get them: the driver leaves out what is false, or 0. */
export const asSent = (settings: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]))

export type Connections = postgres.Sql<{ bigint: number }>

/**
 * Connections to a server that may go away: what is asked meanwhile rejects, and what is asked after is answered. A
 * set of which one connection was lost is given up for a new one, with all that is under way over it. (The driver would connect again over the same
 * object; with a query in its buffer it then waits for an answer to what it never sends, and throws where nobody
 * catches when a transaction goes on over it.)
 */
export function connect(
  url: string,
  options: postgres.Options<Record<string, postgres.PostgresType>> = {},
): Connections {
  let current: Connections | undefined
  let isEnded = false

  function make(): Connections {
    const made = postgres(url, {
      connect_timeout: CONNECT_WITHIN_S,
      // No array is ever read; and where the server goes away during that question, nobody catches what it throws.
      fetch_types: false,
      onnotice: () => {},
      ...options,
      types: NUMBERS,
      connection: asSent({ application_name: 'leadwake', ...options.connection }),
      onclose(id) {
        options.onclose?.(id)
        if (isEnded) return
        if (current === made) current = undefined
        // After the driver has begun to connect again for who waits in its queue: they are told at once, too.
        setImmediate(() => made.end({ timeout: 0 }).catch(() => {}))
      },
    } as postgres.Options<typeof NUMBERS>) as Connections
    return made
  }

  /** After the end the last set says that it has ended. */
  const now = (): Connections => (current ??= make())

  return new Proxy((() => {}) as unknown as Connections, {
    apply: (_target, _self, args: Parameters<Connections>) => now()(...args),
    get(_target, name: keyof Connections) {
      if (name !== 'end') return now()[name]
      return async (ending?: { timeout?: number }) => {
        isEnded = true
        await now().end(ending)
      }
    },
  })
}
