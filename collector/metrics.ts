/** `/metrics` in Prometheus' text form. Few series: reasons and files are closed sets, nothing is told by site or address. */
import { statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { performance } from 'node:perf_hooks'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Files } from './files.ts'
import { WAL_ALARM } from './health.ts'
import { LogUnavailable } from './log/log.ts'
import type { PendingEvents } from './pending.ts'
import type { Leases } from './projector-thread.ts'

export interface MetricsDeps {
  version: string
  /** State and log; undefined where they are no files of this machine. */
  files: Pick<Files, 'state' | 'log'> | undefined
  /** What the door counted and the state does not hold yet, by name. */
  door: () => Record<string, number>
  pending: PendingEvents
  /** Counts as they stand in the state. */
  stored: () => Promise<Record<string, number>>
  log: () => Promise<{ first: number; last: number }>
  projected: () => number
  /** Of several collectors of one database: what this one holds. Undefined where it is the only one. */
  leases: (() => Leases) | undefined
  /** The last entry that is surely on disk in the state. */
  durable: () => number
  stalled: () => string | undefined
  /** What happened since the start. */
  happened: { unavailable: number; restarts: number }
  /** Deliveries to webhooks: by outcome since the start, on their way now, and waiting or dead as stored. */
  webhooks: {
    counts(): Record<'delivered' | 'failed' | 'skipped' | 'dead', number>
    underWay(): number
    stored(): Promise<{ waiting?: number; dead?: number }>
  }
}

/** Answers with all metrics as text; reads the state for it. */
export function metrics(deps: MetricsDeps): { contentType: string; text(): Promise<string> } {
  const registry = new Registry()
  const registers = [registry]
  // CPU, memory, file handles, heap, garbage collection, delay of the event loop: of the whole process or main thread.
  collectDefaultMetrics({ register: registry, prefix: 'leadwake_' })
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name: `leadwake_${name}`,
      help,
      registers,
      collect() {
        this.set(value())
      },
    })
  const counter = (name: string, help: string) => new Counter({ name: `leadwake_${name}`, help, registers })

  const events = new Counter({
    name: 'leadwake_events_total',
    help: 'Events by what became of them; with the pending ones they are all that were received',
    labelNames: ['outcome', 'reason'],
    registers,
  })
  const received = counter('received_events_total', 'Events that came in and were answered')
  const acknowledged = counter('acknowledged_events_total', 'Events answered 204 since the start')
  const unavailable = counter('unavailable_total', 'Beacons answered 503 since the start; they come again')
  const restarts = counter('projector_restarts_total', 'Deaths of the projector since the start')
  const tries = new Counter({
    name: 'leadwake_webhook_tries_total',
    help: 'Tries to deliver to a webhook since the start, by what came of them',
    labelNames: ['outcome'],
    registers,
  })
  const deliveries = new Gauge({
    name: 'leadwake_webhook_deliveries',
    help: 'Deliveries that wait, and those that were given up and can be replayed',
    labelNames: ['state'],
    registers,
  })
  gauge('webhook_requests', 'Requests to webhooks that are on their way', () => deps.webhooks.underWay())
  const pending = new Gauge({
    name: 'leadwake_pending_events',
    help: 'Events acknowledged and not yet projected',
    registers,
  })
  let bounds = { first: 1, last: 0 }
  gauge('log_lag_entries', 'Entries that projection is behind', () => bounds.last - deps.projected())
  gauge('log_entries', 'Entries in the log, projected ones that are not trimmed yet among them', () => {
    const { first, last } = bounds
    return last - first + 1
  })
  gauge('durable_lag_entries', 'Entries that are not yet surely on disk in the state', () =>
    Math.max(0, bounds.last - deps.durable()),
  )
  gauge('projection_stalled', '1 while projection stands still', () => (deps.stalled() === undefined ? 0 : 1))
  const { files: paths } = deps
  if (paths) gauge('disk_free_bytes', 'Room for the database', () => freeBytes(dirname(paths.state)))
  const { leases } = deps
  if (leases) {
    gauge('partitions', 'Partitions of visitors that this collector projects', () => leases().held.length)
    gauge('leader', '1 where this collector does what is done once for all of them', () =>
      Number(leases().isLeader),
    )
    gauge('collectors', 'Collectors on this database, as this one sees it', () => leases().live)
  }
  let before = performance.eventLoopUtilization()
  gauge(
    'event_loop_utilization',
    'Share of the time since the last look in which the main thread worked',
    () => {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, before)
      before = now
      return utilization
    },
  )
  const bytes = new Gauge({
    name: 'leadwake_file_bytes',
    help: 'Size of state, log and their write-ahead logs',
    labelNames: ['file'],
    registers,
  })
  const alarm = new Gauge({
    name: 'leadwake_checkpoint_alarm',
    help: `1 where a write-ahead log has more than ${WAL_ALARM} bytes`,
    labelNames: ['file'],
    registers,
  })
  new Gauge({
    name: 'leadwake_build_info',
    help: 'Which version runs',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version: deps.version, node: process.versions.node }, 1)

  function set(counterToSet: Counter, value: number): void {
    counterToSet.reset()
    counterToSet.inc(value)
  }

  function files(): void {
    for (const [file, path] of Object.entries(paths ?? {})) {
      const wal = sizeOf(`${path}-wal`)
      bytes.set({ file }, sizeOf(path))
      bytes.set({ file: `${file}_wal` }, wal)
      alarm.set({ file }, wal > WAL_ALARM ? 1 : 0)
    }
  }

  /** State, door and what lies between, looked at one after the other: exact when nothing moves, else a moment apart. */
  async function conservation(): Promise<void> {
    const stored = await deps.stored()
    const waiting = deps.pending.count()
    const door = deps.door()
    const parts = new Map<string, number>()
    for (const [name, n] of [...Object.entries(stored), ...Object.entries(door)])
      parts.set(name, (parts.get(name) ?? 0) + n)
    events.reset()
    for (const [name, n] of parts) {
      const [kind = '', reason = ''] = name.split(':')
      if (kind === 'dropped' || kind === 'rejected') events.inc({ outcome: kind, reason }, n)
    }
    for (const [outcome, name] of Object.entries(OUTCOMES))
      events.inc({ outcome, reason: '' }, stored[name] ?? 0)
    const unwritten = Object.values(door).reduce((sum, n) => sum + n, 0)
    pending.set(waiting)
    set(received, (stored.received ?? 0) + waiting + unwritten)
    set(acknowledged, deps.pending.acknowledged())
  }

  async function webhooks(): Promise<void> {
    const { waiting = 0, dead = 0 } = await deps.webhooks.stored()
    deliveries.set({ state: 'waiting' }, waiting)
    deliveries.set({ state: 'dead' }, dead)
    tries.reset()
    for (const [outcome, n] of Object.entries(deps.webhooks.counts())) tries.inc({ outcome }, n)
  }

  return {
    contentType: registry.contentType,
    async text() {
      try {
        await conservation()
        await webhooks()
        bounds = await deps.log()
      } catch (error) {
        // What is shared is told as of when it last answered.
        if (!(error instanceof LogUnavailable)) throw error
      }
      set(unavailable, deps.happened.unavailable)
      set(restarts, deps.happened.restarts)
      files()
      return registry.metrics()
    },
  }
}

/** Names of the outcomes that are counted in the state. */
const OUTCOMES = { stored: 'stored', duplicate: 'duplicate', 'dead-lettered': 'dead' } as const

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
