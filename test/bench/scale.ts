/**
 * What so many events a second need, out of what one costs here: reads `docs/scale.json` (measured inputs and what is
 * assumed), runs a day of traffic through each size, and prints the table of `docs/scale.md`, which a test holds to it.
 */
import { readFileSync } from 'node:fs'

export interface Inputs {
  /** Measured: CPU an event, us. */
  cpuUs: {
    /** From the socket to the acknowledgement, of the main thread and of all threads. */
    door: number
    acknowledged: number
    /** Projection, in the collector. */
    projectSqlite: number
    projectPostgres: number
    /** In the database's own processes, log and state together. */
    database: number
    /** In the processes of the log's own servers, for each replica. */
    jetstream: number
  }
  /** Measured: bytes an event. */
  bytes: { sqlite: number; postgres: number; log: number; wire: number }
  assumed: {
    /** Cores are planned to be so busy at the peak. */
    busy: number
    /** The busiest second of the day, to its mean. */
    peakToMean: number
    /** Projection stands still for so long, at the peak, and must have caught up after as long again, s. */
    outageSeconds: number
    coresANode: number
    /** What one writer of a log can take, events a second: a stream, or the one row that counts a table's entries. */
    logWriterRate: number
    /** What one database node can take in commits of many rows, events a second, whatever its cores: its disk and its locks. */
    databaseNodeRate: number
    replicas: number
    /** CPU of `database` that is the log's: it goes where the log is elsewhere, us. */
    databaseLogUs: number
    retentionDays: number
    eurosACoreMonth: number
    eurosATbMonth: number
  }
}

export interface Plan {
  /** At the peak. */
  eventsPerSecond: number
  engine: 'SQLite' | 'PostgreSQL' | 'JetStream and PostgreSQL'
  collectorCores: number
  /** Streams, or tables, that share the log. */
  logs: number
  logCores: number
  /** Partitions of visitors, each projected by one thread. */
  partitions: number
  databaseNodes: number
  diskGbADay: number
  /** Of all that is kept, in its replicas. */
  diskTb: number
  /** The longest that an event waited to be projected, s, with the outage in the day. */
  longestLag: number
  /** How long it took until the outage was caught up, s. */
  catchUp: number
  eurosAMonth: number
}

const DAY = 86_400
const up = (n: number) => Math.max(1, Math.ceil(n))

/** Traffic of a day by the second, as shares of its mean: one broad hill, as sites of one region have it. */
const hill = (second: number, peakToMean: number): number =>
  1 + (peakToMean - 1) * Math.cos((2 * Math.PI * (second - DAY / 2)) / DAY)

/**
 * Runs a day through projectors that can take `capacity` events a second and stand still for a while at the peak.
 * First come, first served, so the lag of an event is the backlog before it by the capacity.
 */
export function day(peak: number, capacity: number, { peakToMean, outageSeconds }: Inputs['assumed']) {
  const mean = peak / peakToMean
  const outage = DAY / 2
  let backlog = 0
  let longestLag = 0
  let caughtUpAt = outage + outageSeconds
  for (let second = 0; second < DAY; second++) {
    const out = second >= outage && second < outage + outageSeconds
    backlog = Math.max(0, backlog + mean * hill(second, peakToMean) - (out ? 0 : capacity))
    const rest = out ? outage + outageSeconds - second : 0
    longestLag = Math.max(longestLag, backlog / capacity + rest)
    if (second >= outage + outageSeconds && backlog > 0 && caughtUpAt === second) caughtUpAt = second + 1
  }
  return { longestLag: Math.round(longestLag), catchUp: caughtUpAt - outage - outageSeconds }
}

const ENGINES: [below: number, engine: Plan['engine']][] = [
  [5_000, 'SQLite'],
  [20_000, 'PostgreSQL'],
  [Number.POSITIVE_INFINITY, 'JetStream and PostgreSQL'],
]

/** What a peak of so many events a second needs. */
export function planOf(eventsPerSecond: number, inputs: Inputs): Plan {
  const { cpuUs, bytes, assumed } = inputs
  const [, engine] = ENGINES.find(([below]) => eventsPerSecond < below)!
  const own = engine === 'SQLite'
  const stream = engine.startsWith('JetStream')
  const coresFor = (us: number, rate = eventsPerSecond) => (rate * us) / 1e6 / assumed.busy
  const projectUs = own ? cpuUs.projectSqlite : cpuUs.projectPostgres
  // An outage is caught up at once with what comes meanwhile: twice the rate, whatever is assumed to be busy.
  const projectorThreads = own
    ? 1
    : up(Math.max(coresFor(projectUs), (2 * eventsPerSecond * projectUs) / 1e6))
  const databaseCores = own ? 0 : coresFor(cpuUs.database - (stream ? assumed.databaseLogUs : 0))
  const logCores = stream ? up(coresFor(cpuUs.jetstream) * assumed.replicas) : 0
  const databaseNodes = own
    ? 0
    : up(Math.max(databaseCores / assumed.coresANode, eventsPerSecond / assumed.databaseNodeRate))
  const collectorCores = up(coresFor(cpuUs.acknowledged) + coresFor(projectUs))
  const eventsADay = (eventsPerSecond / assumed.peakToMean) * DAY
  const keptBytes = own ? bytes.sqlite : bytes.postgres
  const copies = own ? 1 : 2
  const diskTb =
    (eventsADay *
      (keptBytes * assumed.retentionDays * copies + (stream ? bytes.log * assumed.replicas : 0))) /
    1e12
  const cores = collectorCores + logCores + databaseNodes * assumed.coresANode * copies
  return {
    eventsPerSecond,
    engine,
    collectorCores,
    logs: up(eventsPerSecond / assumed.logWriterRate),
    logCores,
    partitions: projectorThreads,
    databaseNodes,
    diskGbADay: Math.round((eventsADay * keptBytes) / 1e9),
    diskTb: Math.round(diskTb * 10) / 10,
    ...day(eventsPerSecond, (projectorThreads * 1e6) / projectUs, assumed),
    eurosAMonth: Math.round(cores * assumed.eurosACoreMonth + diskTb * assumed.eurosATbMonth),
  }
}

/** The sizes of the table. */
export const RATES = [1_000, 10_000, 100_000, 1_000_000, 10_000_000]

/** The table of `docs/scale.md`. */
export function tableOf(inputs: Inputs): string {
  const plans = RATES.map((rate) => planOf(rate, inputs))
  const n = (value: number) => value.toLocaleString('en-GB')
  const rows: [string, (plan: Plan) => string][] = [
    ['on', ({ engine }) => engine],
    ['collector cores', (plan) => n(plan.collectorCores)],
    ['logs (tables or streams)', (plan) => n(plan.logs)],
    ['log servers, cores', (plan) => (plan.logCores === 0 ? '' : n(plan.logCores))],
    ['partitions of visitors', (plan) => n(plan.partitions)],
    [
      'database nodes, each with a standby',
      (plan) => (plan.databaseNodes === 0 ? '' : n(plan.databaseNodes)),
    ],
    ['GB a day of events', (plan) => n(plan.diskGbADay)],
    ['TB in all copies', (plan) => n(plan.diskTb)],
    ['longest lag with the outage, s', (plan) => n(plan.longestLag)],
    ['caught up after, s', (plan) => n(plan.catchUp)],
    ['euros a month', (plan) => n(plan.eurosAMonth)],
  ]
  return [
    `| events a second at the peak | ${RATES.map(n).join(' | ')} |`,
    `| --- |${RATES.map(() => ' --: |').join('')}`,
    ...rows.map(([name, of]) => `| ${name} | ${plans.map(of).join(' | ')} |`),
  ].join('\n')
}

export const inputsOf = (): Inputs =>
  JSON.parse(readFileSync(new URL('../../docs/scale.json', import.meta.url), 'utf8')) as Inputs

if (import.meta.main) console.log(tableOf(inputsOf()))
