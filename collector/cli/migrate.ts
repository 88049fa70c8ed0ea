import { resolve } from 'node:path'
import { isAddress as isAddressOf, POSTGRES, readConfig, withoutPasswords } from '../config.ts'
import type { Destination, Origin } from '../engine/move/ends.ts'
import { filesDestination, filesOrigin } from '../engine/move/files.ts'
import { BeginAnew, type Moved, move } from '../engine/move/move.ts'
import { postgresDestination, postgresOrigin } from '../engine/move/postgres.ts'
import { filesOf } from '../files.ts'
import { Sentence } from '../sentence.ts'
import type { Command } from './command.ts'
import { progress } from './progress.ts'

/** How long it is waited for the collector to stop, unless told otherwise, minutes. */
const WAIT_MINUTES = '60'
/** Erasures that come in between may make it begin anew so often. */
const MOST_TRIES = 5

export const migrate: Command = {
  name: 'migrate',
  summary: 'Move everything from SQLite to PostgreSQL, or back, while the collector runs',
  help: `Usage: leadwake migrate --from PLACE --to PLACE [options]

Moves state and log from an SQLite file to PostgreSQL, or back; one PLACE is a file, the other an address such as
postgres://user:password@db.example.org/leadwake. The collector goes on meanwhile: what is there is copied and every
row compared, what comes meanwhile is taken too, and when there is little left the command asks you to stop the
collector. Then it takes the rest, compares the leads once more and says what to set. The place that it came from is
never changed. --to must hold no state; what does not come to its end there is served by nobody.

Where LEADWAKE_INTAKE_LOG=nats://... is set (beside DATABASE_URL), the log of the PostgreSQL side lies there: a stream that
it is moved to is made, or has never had an entry.

Left out, the address is that of DATABASE_URL, and the file that of LEADWAKE_DB (or --db): a password in an option is
seen by others on this machine.

Options:
  --from PLACE     where the state is
  --to PLACE       where it is to be
  --force          remove what a move that did not end has left at --to, and begin anew
  --wait MINUTES   how long to wait for the collector to stop (${WAIT_MINUTES})
  --json           what was moved, as JSON
  --db FILE        beside it lie the files of a collector on PostgreSQL (LEADWAKE_DB, data/leadwake.db)

Exit code: 0 when everything was moved and is the same, 1 when nothing was switched.

Examples:
  leadwake migrate --from data/leadwake.db --to postgres://leadwake@db.example.org/leadwake
  DATABASE_URL=postgres://leadwake@db.example.org/leadwake leadwake migrate --to data/leadwake.db`,
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    force: { type: 'boolean' },
    wait: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run({ flags, options, print }) {
    const config = readConfig(flags)
    const [from, to] = places(options.from as string | undefined, options.to as string | undefined, config)
    const waitMs = minutes((options.wait as string | undefined) ?? WAIT_MINUTES) * 60_000
    const isForced = options.force === true
    const { scripts } = filesOf(config.db)
    const { partitions = 4, intakeLog: stream } = config
    const limit = config.logLimit * 2 ** 20
    const say = options.json ? () => {} : print
    const shown = progress(process.stderr, 'events copied')
    let origin: Origin | undefined
    let destination: Destination | undefined
    try {
      origin = await named('--from', () =>
        isAddress(from) ? postgresOrigin(from, { scripts, stream }) : filesOrigin(from),
      )
      const source = origin
      let moved: Moved | undefined
      for (let tries = 1; !moved; tries++) {
        const how = { isForced: isForced || tries > 1 }
        destination = isAddress(to)
          ? postgresDestination(to, { ...how, partitions, scripts, stream, limit })
          : filesDestination(to, how)
        const target = destination
        moved = await named('--to', () =>
          move({ origin: source, destination: target, now: Date.now, waitMs, say, copied: shown.show }),
        ).catch(async (error) => {
          if (!(error instanceof BeginAnew) || tries === MOST_TRIES) throw error
          say('Somebody was erased meanwhile: it begins anew.')
          await target.close()
          return undefined
        })
      }
      if (options.json) print(JSON.stringify({ from: plain(from), to: plain(to), ...moved }))
      for (const line of isAddress(to) ? toPostgres(to, from, stream) : toFile(to, stream)) say(line)
      return 0
    } finally {
      shown.end()
      await destination?.close()
      await origin?.close()
    }
  },
}

const isAddress = (place: string): boolean => /^postgres(ql)?:/.test(place)
const plain = (place: string): string => (isAddress(place) ? withoutPasswords(place) : resolve(place))

function places(
  from: string | undefined,
  to: string | undefined,
  { db, database }: { db: string; database?: string | undefined },
): [from: string, to: string] {
  if (from === undefined && to === undefined)
    throw new Sentence(
      'say from where and to where: leadwake migrate --from FILE --to postgres://HOST/DATABASE',
    )
  const other = (place: string): string => {
    const missing = isAddress(place) ? db : database
    if (missing !== undefined) return missing
    throw new Sentence('name the database: --from or --to postgres://HOST/DATABASE, or DATABASE_URL')
  }
  const [one, two] = [from ?? other(to!), to ?? other(from!)]
  for (const [option, place] of [
    ['--from', one],
    ['--to', two],
  ] as const) {
    if (/^[a-z]+:\/\//.test(place) && !isAddress(place))
      throw new Sentence(`${option} is a file or like postgres://user:password@db.example.org:5432/leadwake`)
    if (isAddress(place) && !isAddressOf(place, POSTGRES))
      throw new Sentence(
        `${option} must be like postgres://user:password@db.example.org:5432/leadwake, with %25 for a % in a password`,
      )
  }
  if (isAddress(one) === isAddress(two))
    throw new Sentence(
      isAddress(one)
        ? 'both places are PostgreSQL: copy a database with pg_dump'
        : 'both places are files: copy one with leadwake backup and leadwake restore',
    )
  return [one, two]
}

function minutes(value: string): number {
  if (/^\d{1,5}$/.test(value)) return Number(value)
  throw new Sentence(`--wait must be a whole number of minutes, got '${value}'`)
}

/** Sentences about a database name the option that it came from. */
async function named<T>(option: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Sentence)) throw error
    throw new (error instanceof BeginAnew ? BeginAnew : Sentence)(
      error.message.replaceAll('of DATABASE_URL', `of ${option}`).replaceAll('DATABASE_URL', option),
    )
  }
}

const toPostgres = (to: string, from: string, stream: string | undefined): string[] => [
  `Moved. Set DATABASE_URL=${withoutPasswords(to)} (with its password)${stream === undefined ? '' : `, leave LEADWAKE_INTAKE_LOG=${withoutPasswords(stream)}`} and start the collector.`,
  `${from} and the files beside it are as they were: remove them when you are content, for they hold personal data.`,
]

const toFile = (to: string, stream: string | undefined): string[] => [
  `Moved. Unset DATABASE_URL${stream === undefined ? '' : ' and LEADWAKE_INTAKE_LOG'}, set LEADWAKE_DB=${resolve(to)} and start the collector.`,
  stream === undefined
    ? 'The database is as it was: drop it when you are content, for it holds personal data.'
    : 'The database and the stream are as they were: drop them when you are content, for they hold personal data.',
]
