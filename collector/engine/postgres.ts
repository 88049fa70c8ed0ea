/** Log and state on servers that several collectors share. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { filesOf } from '../files.ts'
import type { IntakeLog } from '../log/log.ts'
import type { PartitionsData } from '../partitions-thread.ts'
import { connect } from '../postgres-connection.ts'
import { type ProjectHooks, type ProjectorThread, startProjector } from '../projecting.ts'
import type { Leases } from '../projector-thread.ts'
import { Sentence } from '../sentence.ts'
import { LEASE_MS, liveCollectors } from '../store/postgres/leases.ts'
import { hashedWith } from '../suppression.ts'
import { threadModule } from '../thread-module.ts'
import { trimmedLater } from '../trim.ts'
import { bulletin, glimpseOf, type Notice, projectedNotices, shownNotices } from './bulletin.ts'
import { databaseSentence } from './database-error.ts'
import type { Engine } from './engine.ts'
import { isMoving, keptWhileMoving } from './move/moving.ts'
import { mustFitLog, prepareDatabase } from './prepare-database.ts'
import { sharedClock } from './shared-clock.ts'
import { openSharedLog, prepareStream } from './shared-log.ts'
import { sharedSalt } from './shared-salt.ts'
import { outsideList } from './together.ts'

/** What the bulletin gives hints of is looked at this often, ms, and at once where something is awaited for so long. */
const LOOK_MS = 1_000
const AWAITED_LOOK_MS = 100
/** Others show what they project for so long after they heard that somebody looks on, ms; that is said again in between. */
const WATCHED_MS = 10_000
const SAY_WATCHED_MS = 3_000
const SALT_MS = 60_000
/** How often it is looked at the database's clock, ms; and told again where the two have moved so far apart since. */
const CLOCK_MS = 10_000
const TOLD_APART_MS = 5_000
/** Among the advisory locks of one log, beside those of its partitions. */
const ALONE = 1_000_002
/** Who is suspended in the midst of what one does alone holds up the others for so long, ms. */
const ALONE_MS = 10_000

export interface PostgresEngineOptions {
  config: Pick<Config, 'db' | 'intakeLog' | 'logLimit' | 'logKeep' | 'partitions'> & { database: string }
  logger: Logger
  /** A clock of one's own; that of the machine, put right by the database's, without. */
  now?: (() => number) | undefined
}

export interface PostgresEngine extends Engine {
  /** How many collectors project on this database now. */
  collectors(): Promise<number>
}

/** Throws a `Sentence` where the operator has to mend something first. */
export async function openPostgres({
  config,
  logger,
  now: given,
}: PostgresEngineOptions): Promise<PostgresEngine> {
  const { database: url, intakeLog: stream, partitions: wanted = 4 } = config
  const files = filesOf(config.db)
  mkdirSync(dirname(files.state), { recursive: true, mode: 0o700 })
  const limit = config.logLimit * 2 ** 20
  const { partitions, suppressionKey } = await prepareDatabase(url, {
    partitions: wanted,
    logHere: stream === undefined,
  })
  const sql = connect(url, { max: 1 })
  if (stream !== undefined)
    await prepareStream(stream, limit, (id) => isMoving(sql, id)).catch(async (error) => {
      await sql.end({ timeout: 1 })
      throw error
    })
  const clock = sharedClock(sql)
  const now = given ?? clock.now
  let told = 0
  async function agree(): Promise<void> {
    const ahead = await clock.agree()
    if (ahead !== 0 && Math.abs(ahead - told) > TOLD_APART_MS)
      logger.warn(
        `this machine's clock is ${Math.abs(Math.round(ahead / 1_000))} s ${ahead > 0 ? 'ahead of' : 'behind'} the database's, which is used: set it (NTP)`,
      )
    told = ahead
  }
  await agree()
  let projector: ProjectorThread | undefined
  const shared = await openSharedLog(
    { url, stream },
    { now, limit, committed: () => projector?.wake() },
  ).catch((error: Error) => {
    throw stream === undefined
      ? databaseSentence(error)
      : new Sentence(`LEADWAKE_INTAKE_LOG: ${error.message}`)
  })
  const begunAt = await mustFitLog(url, shared)
  const durability = shared.durability?.()
  if (durability) logger[durability.survivesPowerLoss ? 'info' : 'warn'](durability.why)

  const salt = sharedSalt(sql)
  await salt.agree(now())
  const space = spaceOf(shared.id)
  let leases: Leases = { held: [], isLeader: false, live: 0 }
  let leasesAt = 0
  /** Who was suspended hears a moment after it goes on that another leads. */
  const isLeader = () => leases.isLeader && performance.now() - leasesAt < LEASE_MS
  let outside: ReturnType<typeof outsideList> | undefined
  const stopping = new AbortController()

  const kept = stream === undefined ? shared : keptWhileMoving(shared, sql)
  const later = trimmedLater(forgiving(kept), { hold: files.hold, keepMs: config.logKeep * 60_000 })
  const log: IntakeLog = {
    ...later,
    // Once for all of them.
    trim: (seq) => (isLeader() ? later.trim(seq) : undefined),
  }

  /** Does it now and then until the collector stops; what fails is done again. A stop waits for none of it. */
  async function every(ms: () => number, work: () => Promise<void>): Promise<void> {
    while (!stopping.signal.aborted) {
      await work().catch(() => {})
      await sleep(ms(), undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  return {
    log,
    now,
    reader: { url },
    erasing: {
      hash: hashedWith(suppressionKey),
      list: {
        add: () => {},
        lift: () => {},
        standing: () => outside?.forgotten() ?? new Set(),
      },
    },
    measured: salt.measured,
    scripts: files.scripts,
    files: undefined,
    project(hooks) {
      const thread = startTogether(hooks)
      void every(
        () => SALT_MS,
        () => salt.agree(now()),
      )
      void every(() => CLOCK_MS, agree)
      return thread
    },
    suppressed(hashes) {
      const seq = Math.max(begunAt, projector?.projected() ?? 0)
      outside ??= outsideList(files.suppressions, shared, { seq, hashes })
      outside.keep(hashes, seq)
    },
    async alone(work) {
      const held = connect(url, {
        max: 1,
        idle_timeout: 0,
        max_lifetime: null,
        connection: { idle_session_timeout: ALONE_MS } as never,
      })
      let alive: NodeJS.Timeout | undefined
      try {
        await held`SELECT pg_advisory_lock(${space}, ${ALONE})`
        alive = setInterval(() => held`SELECT 1`.catch(() => {}), ALONE_MS / 5)
        return await work()
      } finally {
        clearInterval(alive)
        await held.end({ timeout: 1 })
      }
    },
    leases: () => leases,
    isLeader,
    check: undefined,
    collectors: () => liveCollectors(sql, space),
    async sizes() {
      const [row] = await sql<{ state: number; log: number }[]>`
        SELECT pg_database_size(current_database())::bigint AS state,
          coalesce(pg_total_relation_size(to_regclass('intake_entries')), 0)::bigint AS log`
      return { ...row! }
    },
    async close() {
      stopping.abort()
      await shared.close()
      await sql.end({ timeout: 1 })
    },
  }

  function startTogether(hooks: ProjectHooks): ProjectorThread {
    /** Until when somebody looks on at another collector. */
    let watchedUntil = 0
    let isWatchedHere = false
    let configuredAt = -1
    const board = bulletin(url, { space, name: randomUUID(), heard })
    const tellOthers = (notices: Notice[]) => {
      // Nobody else is there.
      if (leases.live > 1) for (const notice of notices) board.tell(notice)
    }
    const data: Omit<PartitionsData, 'signal' | 'deaths'> = {
      url,
      stream,
      partitions,
      space,
      suppressionKey,
      suppressions: files.suppressions,
    }
    const thread = startProjector({
      ...hooks,
      async configured() {
        try {
          await hooks.configured()
        } catch {
          // The database went away meanwhile: what changed is read with the next look at it.
          configuredAt = -1
        }
      },
      data,
      module: threadModule('partitions-thread'),
      appended: () => tellOthers([{ kind: 'appended' }]),
      leased(next) {
        leases = next
        leasesAt = performance.now()
      },
      told({ refs, ...flags }) {
        if (refs.length > 0 || flags.configured || flags.erased || flags.posted)
          tellOthers(projectedNotices(refs, flags))
      },
      shown(glimpses) {
        if (isWatchedHere) hooks.shown?.(glimpses)
        if (performance.now() < watchedUntil) tellOthers(shownNotices(glimpses))
      },
    })
    projector = thread

    const watch = () => thread.watch(isWatchedHere || performance.now() < watchedUntil)

    /** Reads what was hinted at; who waits is told only after what changed is known here. */
    async function look(hint?: Notice & { kind: 'projected' }): Promise<void> {
      const awaited = thread.awaited()
      const asked = hint ? awaited.filter((ref) => hint.refs.includes(ref)) : awaited
      const seen = await board.look(asked)
      if (hint?.erased) hooks.erased?.()
      if (seen.configured !== configuredAt || hint?.configured) {
        await hooks.configured()
        configuredAt = seen.configured
      }
      thread.settle(seen.outcomes)
      if (hint?.posted) hooks.posted?.()
    }

    function heard(notice: Notice): void {
      switch (notice.kind) {
        case 'appended':
          thread.hurry()
          return
        case 'projected':
          look(notice).catch(() => {})
          return
        case 'watched':
          watchedUntil = performance.now() + WATCHED_MS
          watch()
          return
        case 'shown':
          if (isWatchedHere) hooks.shown?.([glimpseOf(notice)])
          return
        default:
          notice satisfies never
      }
    }

    void every(
      () => (leases.live > 1 && thread.awaited().length > 0 ? AWAITED_LOOK_MS : LOOK_MS),
      () => look(),
    )
    void every(
      () => SAY_WATCHED_MS,
      async () => {
        watch()
        if (isWatchedHere) tellOthers([{ kind: 'watched' }])
      },
    )

    return {
      ...thread,
      watch(isWatched) {
        isWatchedHere = isWatched
        watch()
        if (isWatched) tellOthers([{ kind: 'watched' }])
      },
      async stop() {
        await thread.stop()
        await board.close()
      },
    }
  }
}

/** What a trim could not remove now, the next one does. */
function forgiving(log: IntakeLog): IntakeLog {
  return { ...log, trim: (seq) => Promise.resolve(log.trim(seq)).catch(() => {}) }
}

/** Number of a log, below 2^31. */
export const spaceOf = (id: string): number => createHash('sha256').update(id).digest().readUInt32BE() >>> 1
