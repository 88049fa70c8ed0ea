import postgres from 'postgres'

/** A server that was away is asked again after this, s: it is back in use within a second. */
const AGAIN_AFTER_S = 0.2
/** A server that answers nothing at all is given up after this, s. */
const CONNECT_WITHIN_S = 5

/** Counts, times and sequence numbers lie far below 2^53. */
const NUMBERS = { bigint: { to: 20, from: [20], serialize: String, parse: Number } }

/** Connections that come back by themselves; what is asked while the server is away rejects. */
export function connect(
  url: string,
  options: postgres.Options<Record<string, postgres.PostgresType>> = {},
): postgres.Sql<{ bigint: number }> {
  return postgres(url, {
    backoff: () => AGAIN_AFTER_S,
    connect_timeout: CONNECT_WITHIN_S,
    onnotice: () => {},
    ...options,
    types: NUMBERS,
    connection: { application_name: 'leadwake', ...options.connection },
  } as postgres.Options<typeof NUMBERS>) as postgres.Sql<{ bigint: number }>
}
