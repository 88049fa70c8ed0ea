/** Both ends of a move where state and log lie in PostgreSQL. */
import type { LoggedEntry } from '../../log/log.ts'
import { goOnBehind, sealStream, unsealStream } from '../../log/nats-move.ts'
import { openPostgresLog } from '../../log/postgres.ts'
import { postgresTaker } from '../../log/postgres-take.ts'
import { connect } from '../../postgres-connection.ts'
import { partitionOf } from '../../project/partition.ts'
import { createProjector } from '../../project.ts'
import { Sentence } from '../../sentence.ts'
import { MOVING } from '../../store/copy.ts'
import { postgresSink } from '../../store/postgres/copy-in.ts'
import { postgresSource } from '../../store/postgres/copy-out.ts'
import { COPIED_NUMBERS } from '../../store/postgres/given-out.ts'
import { liveCollectors } from '../../store/postgres/leases.ts'
import { postgresStore } from '../../store/postgres/store.ts'
import { TABLES } from '../../store/postgres/tables.ts'
import { hashedWith } from '../../suppression.ts'
import { databaseSentence } from '../database-error.ts'
import { spaceOf } from '../postgres.ts'
import { emptyDatabase, holdingOf, mustFitLog, prepareDatabase, versionOf } from '../prepare-database.ts'
import { VERSION } from '../schema-versions.ts'
import { openSharedLog, prepareStream, streamAt } from '../shared-log.ts'
import type { Destination, Origin } from './ends.ts'
import { beginMoving } from './moving.ts'

const DAY_MS = 86_400_000

/** `stream`: where its log is, unless in the database itself. Throws a `Sentence` where that is no state of this version, or its log is not there. */
export async function postgresOrigin(
  url: string,
  { scripts, stream, quietMs }: { scripts: string; stream?: string | undefined; quietMs?: number },
): Promise<Origin> {
  const sql = connect(url, { max: 1, idle_timeout: 0, max_lifetime: null })
  const looking = connect(url, { max: 1 })
  const open: { close(): unknown }[] = [
    { close: () => looking.end({ timeout: 1 }) },
    { close: () => sql.end({ timeout: 1 }) },
  ]
  const close = async () => {
    for (const one of open.splice(0).reverse()) await one.close()
  }
  try {
    const found = await versionOf(looking)
    if (!found || (await holdingOf(looking)) === 'nothing')
      throw new Sentence('the database of DATABASE_URL holds no state of Leadwake')
    if ((await holdingOf(looking)) === 'half')
      throw new Sentence('the database of DATABASE_URL holds a state that was not moved there to its end')
    if (found.version !== VERSION)
      throw new Sentence(
        `the database of DATABASE_URL is of another Leadwake: start the collector of this version on it once, or run the command of that one`,
      )
    const log = await openSharedLog({ url, stream }).catch((error: Error) => {
      if (error instanceof Sentence) throw error
      throw new Sentence(
        stream === undefined
          ? 'the intake log of DATABASE_URL lies elsewhere: set LEADWAKE_INTAKE_LOG as its collectors have it'
          : `LEADWAKE_INTAKE_LOG: ${error.message}`,
      )
    })
    open.push(log)
    await mustFitLog(url, log)
    if (!(await beginMoving(sql, log.id)))
      throw new Sentence('another move from the database of DATABASE_URL is under way')
    const ending = Promise.withResolvers<void>()
    let taken: Promise<boolean> | undefined

    /** Nobody can append before the origin is closed. */
    async function stopAppends(): Promise<boolean> {
      if (stream !== undefined) {
        const { servers, name } = streamAt(stream)
        // Also where it fails halfway.
        open.push({ close: () => unsealStream(servers, name) })
        await sealStream(servers, name, quietMs)
        return true
      }
      const held = Promise.withResolvers<boolean>()
      const ended = sql.begin(async (sql) => {
        await sql`SELECT last FROM intake_log FOR UPDATE`
        held.resolve(true)
        await ending.promise
      })
      ended.catch(held.reject)
      open.push({
        async close() {
          ending.resolve()
          await ended.catch(() => {})
        },
      })
      return held.promise
    }

    return {
      state: () => postgresSource(url, found.partitions),
      log,
      partitionOf: (entry) => partitionOf(entry, found.partitions),
      async projected() {
        const [row] = await looking<{ seq: number; parts: number }[]>`
          SELECT coalesce(min(seq), 0)::bigint AS seq, count(*) AS parts FROM watermarks`
        return row!.parts === found.partitions ? row!.seq : 0
      },
      async contactId(no) {
        const [row] = await looking<{ id: string }[]>`
          SELECT contacts.id FROM sites JOIN contacts ON contacts.site = sites.no WHERE contacts.no = ${no}`
        return row?.id
      },
      async secrets(now) {
        const today = Math.floor(now / DAY_MS)
        const salts = await looking<{ day: number; salt: string }[]>`
          SELECT day, salt FROM salts WHERE day >= ${today} ORDER BY day`
        return { suppressionKey: found.suppressionKey, salts: salts.map((salt) => ({ ...salt })) }
      },
      async take() {
        if (!taken && (await liveCollectors(looking, spaceOf(log.id))) > 0) return false
        taken ??= stopAppends()
        return taken
      },
      scripts,
      close,
    }
  } catch (error) {
    await close()
    throw databaseSentence(error)
  }
}

export interface PostgresDestination {
  /** What a move that did not end left there is removed first. */
  isForced: boolean
  partitions: number
  scripts: string
  /** Where its log is to be, unless in the database itself, and how many bytes that may hold. */
  stream?: string | undefined
  limit?: number
}

export function postgresDestination(
  url: string,
  { isForced, partitions, scripts, stream, limit }: PostgresDestination,
): Destination {
  const sql = connect(url, { max: 1 })
  const open: { close(): unknown }[] = [{ close: () => sql.end({ timeout: 1 }) }]
  return {
    scripts,
    async begin({ seq, now }, secrets) {
      let elsewhere: NewLog | undefined
      try {
        const holding = await holdingOf(sql)
        if (holding === 'state')
          throw new Sentence(
            'the database of DATABASE_URL holds a state already: name an empty one, or a schema of its own (?search_path=leadwake)',
          )
        if (holding === 'half' && !isForced)
          throw new Sentence(
            'the database of DATABASE_URL holds what a move that did not end has left: run it again with --force to begin anew',
          )
        // A stream that cannot be had leaves nothing behind here.
        if (stream !== undefined) elsewhere = await logElsewhere(stream, seq, limit)
        if (elsewhere) open.push(elsewhere)
        // Before the tables are looked at: somebody else's of the same names are not touched.
        if (holding === 'half' || (await versionOf(sql))) await emptyDatabase(sql)
        await prepareDatabase(url, { partitions, logHere: stream === undefined })
      } catch (error) {
        throw databaseSentence(error)
      }
      await sql`INSERT INTO settings (name, value) VALUES (${MOVING}, ${new Date().toISOString()})`
      await sql`UPDATE leadwake SET suppression_key = ${secrets.suppressionKey.toString('base64url')}`
      const log = elsewhere ?? (await logHere(url, seq))
      const store = postgresStore(url)
      const sink = postgresSink(url, store, { logId: log.id, seq, now })
      open.push(...(elsewhere ? [] : [log]), store, sink)
      return {
        sink,
        // One projector has written all of it, the first.
        state: () => postgresSource(url, 1),
        take: log.take,
        async projector(done) {
          // All rows are in: now the engine learns what there is, and of which pages all see all, while collectors still run.
          await sql.unsafe(`VACUUM (ANALYZE) ${Object.keys(TABLES)}`)
          return createProjector(store, log.id, {
            erasing: {
              hash: hashedWith(secrets.suppressionKey),
              // Each collector keeps the list beside itself, from the state.
              list: { add: () => {}, lift: () => {}, standing: () => new Set() },
              eraseFromLog: (_, through) => log.forget(through),
            },
            ...(done && { share: ({ entry }) => (done(entry) ? undefined : 0), isAlone: false }),
          })
        },
        async contactNo(site, id) {
          const [row] = await sql<{ no: number }[]>`
            SELECT contacts.no FROM contacts JOIN sites ON sites.no = contacts.site WHERE sites.id = ${site} AND contacts.id = ${id}`
          return row?.no
        },
        async finish({ salts }) {
          await log.settle()
          await sql.begin(async (sql) => {
            for (const { day, salt } of salts)
              await sql`INSERT INTO salts VALUES (${day}, ${salt}) ON CONFLICT (day) DO UPDATE SET salt = excluded.salt`
            await sql`
              INSERT INTO watermarks (part, log_id, seq, now)
              SELECT other, log_id, seq, now FROM watermarks CROSS JOIN generate_series(1, ${partitions - 1}::bigint) AS parts (other)
              WHERE part = 0`
            await sql.unsafe(COPIED_NUMBERS)
            await sql`DELETE FROM settings WHERE name = ${MOVING}`
          })
        },
      }
    },
    async close() {
      for (const one of open.splice(0).reverse()) await one.close()
    },
  }
}

/** The log of a new state, which goes on behind what was projected elsewhere. */
interface NewLog {
  id: string
  take(entries: readonly LoggedEntry[]): Promise<void>
  forget(seq: number): Promise<void>
  /** From now on collectors may append. */
  settle(): Promise<void>
  close(): Promise<void>
}

async function logHere(url: string, after: number): Promise<NewLog> {
  const taker = await postgresTaker(url, after)
  const log = await openPostgresLog(url)
  return {
    id: log.id,
    take: async (entries) => taker.take(entries),
    forget: log.forget,
    settle: async () => {},
    async close() {
      await taker.close()
      await log.close()
    },
  }
}

/**
 * Its stream stays empty: what comes meanwhile is projected before the move ends, and whatever is projected leaves a log. Only
 * its numbers go on behind them.
 */
async function logElsewhere(stream: string, after: number, limit = 2 ** 30): Promise<NewLog> {
  await prepareStream(stream, limit, async () => true)
  const { servers, name } = streamAt(stream)
  const log = await openSharedLog({ url: '', stream })
  const { last } = await log.bounds()
  if (last > 0) {
    await log.close()
    throw new Sentence(
      `the stream of LEADWAKE_INTAKE_LOG holds or held another log, up to entry ${last}: name one that is not there (?stream=NAME)`,
    )
  }
  let end = after
  return {
    id: log.id,
    async take(entries) {
      end = entries.at(-1)?.seq ?? end
    },
    forget: async () => {},
    settle: () => goOnBehind(servers, end, name),
    close: () => log.close(),
  }
}
