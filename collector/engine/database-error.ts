import { Sentence } from '../sentence.ts'

/** What an operator is told of an error of the database, and how it is mended. No sentence holds the address: a password stands there. */
export function databaseSentence(error: unknown): Sentence {
  if (error instanceof Sentence) return error
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  const mend = MENDS.find(([pattern]) => pattern.test(code))?.[1]
  return new Sentence(
    mend === undefined
      ? `the database of DATABASE_URL cannot be used: ${message}`
      : `the database of DATABASE_URL ${mend}`,
  )
}

/** By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) and by the names of the network's errors. */
const MENDS: [RegExp, string][] = [
  [/^28P01$/, 'refuses the password; mend it in DATABASE_URL'],
  [/^28/, 'refuses this user; mend its name in DATABASE_URL, or let it in (pg_hba.conf)'],
  [/^3D000$/, 'is not there; create it (createdb), or mend its name in DATABASE_URL'],
  [/^3F000$/, 'has no schema of that name; create it, or mend search_path in DATABASE_URL'],
  [
    /^42501$/,
    'does not let this user make its tables: GRANT CREATE ON SCHEMA public TO that user, or make it the owner',
  ],
  [/^53300$/, 'has no connection left; raise max_connections (a collector takes about 12)'],
  [
    /^55P03$/,
    'has tables that somebody holds, which are to be changed: let pg_dump or that long query end, and start again',
  ],
  [/^57P03$/, 'is starting or stopping; start the collector again when it is ready'],
  [
    /^ECONNREFUSED$/,
    'takes no connections: nothing listens at that host and port; start it, or mend DATABASE_URL',
  ],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'cannot be found: its host name is not known; mend DATABASE_URL'],
  [
    /^(CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/,
    'does not answer: look at its host, port and firewall, or mend DATABASE_URL',
  ],
  [/^(CONNECTION_|ECONNRESET|EPIPE)/, 'ended the connection; look at its log'],
]
