/** Both ends of a move where state and log lie in PostgreSQL. */
import { HELD, openPostgresLog } from '../../log/postgres.ts'
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
import { emptyDatabase, holdingOf, prepareDatabase, versionOf } from '../prepare-database.ts'
import { VERSION } from '../schema-versions.ts'
import type { Destination, Origin } from './ends.ts'

const DAY_MS = 86_400_000

/** Throws a `Sentence` where that is no state of this version, or its log is not there. */
export async function postgresOrigin(url: string, scripts: string): Promise<Origin> {
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
    const log = await openPostgresLog(url).catch(() => {
      throw new Sentence(
        'the intake log of DATABASE_URL lies elsewhere (LEADWAKE_INTAKE_LOG): a state is moved together with a log in PostgreSQL alone',
      )
    })
    open.push(log)
    const [row] = await sql<
      { held: boolean }[]
    >`SELECT pg_try_advisory_lock(hashtext(${log.id}), ${HELD}) AS held`
    if (!row!.held) throw new Sentence('another move from the database of DATABASE_URL is under way')
    const ending = Promise.withResolvers<void>()
    let taken: Promise<boolean> | undefined

    /** Nobody can append before the origin is closed. */
    function stopAppends(): Promise<boolean> {
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

/** `isForced`: what a move that did not end left there is removed first. */
export function postgresDestination(
  url: string,
  { isForced, partitions, scripts }: { isForced: boolean; partitions: number; scripts: string },
): Destination {
  const sql = connect(url, { max: 1 })
  const open: { close(): unknown }[] = [{ close: () => sql.end({ timeout: 1 }) }]
  return {
    scripts,
    async begin({ seq, now }, secrets) {
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
        // Before the tables are looked at: somebody else's of the same names are not touched.
        if (holding === 'half' || (await versionOf(sql))) await emptyDatabase(sql)
        await prepareDatabase(url, { partitions, logHere: true })
      } catch (error) {
        throw databaseSentence(error)
      }
      await sql`INSERT INTO settings (name, value) VALUES (${MOVING}, ${new Date().toISOString()})`
      await sql`UPDATE leadwake SET suppression_key = ${secrets.suppressionKey.toString('base64url')}`
      const taker = await postgresTaker(url, seq)
      const log = await openPostgresLog(url)
      const store = postgresStore(url)
      const sink = postgresSink(url, store, { logId: log.id, seq, now })
      open.push(taker, log, store, sink)
      return {
        sink,
        // One projector has written all of it, the first.
        state: () => postgresSource(url, 1),
        take: async (entries) => taker.take(entries),
        projector: (done) =>
          createProjector(store, log.id, {
            erasing: {
              hash: hashedWith(secrets.suppressionKey),
              // Each collector keeps the list beside itself, from the state.
              list: { add: () => {}, lift: () => {}, standing: () => new Set() },
              eraseFromLog: (_, through) => log.forget(through),
            },
            ...(done && { share: ({ entry }) => (done(entry) ? undefined : 0), isAlone: false }),
          }),
        async contactNo(site, id) {
          const [row] = await sql<{ no: number }[]>`
            SELECT contacts.no FROM contacts JOIN sites ON sites.no = contacts.site WHERE sites.id = ${site} AND contacts.id = ${id}`
          return row?.no
        },
        async finish({ salts }) {
          await sql.unsafe(`ANALYZE ${Object.keys(TABLES)}`)
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
