import { Worker } from 'node:worker_threads'
import type { Entry, Outcome } from './entry.ts'
import type { IntakeLog } from './log/log.ts'
import type { Glimpse } from './project/glimpse.ts'
import type { FromProjector, Leases } from './projector-thread.ts'
import { createSignal, hurry, ring, ringToStop, standingOf, watch } from './signal.ts'
import { threadModule } from './thread-module.ts'

/** An awaited call that took longer than this is answered 202 with a status address, ms. */
const PATIENCE_MS = 2_000
/** A thread that died is started again after this, ms, doubling. */
const FIRST_RESTART_MS = 100
const LAST_RESTART_MS = 5_000

export interface ProjectorThread {
  /** Tells the thread that the log has grown. */
  wake(): void
  /** The same where somebody waits for what it has grown by. */
  hurry(): void
  /**
   * Appends an entry and waits until it is projected: read your own writes. `late` when that takes longer than
   * two seconds; the entry is durable then, and its outcome will stand under its reference.
   */
  perform(entry: Entry): Promise<{ outcome: Outcome } | { late: true; ref: string }>
  /** Tells who waits what came of entries that another collector projected. */
  settle(outcomes: readonly { ref: string; outcome: Outcome }[]): void
  /** References of the entries that somebody waits for. */
  awaited(): string[]
  /** The last sequence number projected. */
  projected(): number
  /** The last one whose projection is surely on disk; 0 before the first is known. */
  durable(): number
  /** Whether somebody looks on. */
  watch(isWatched: boolean): void
  /** Why projection stands still; undefined while it runs. */
  stalled(): string | undefined
  /** Bytes of the write-ahead logs of state and log, as of the last checkpoint. */
  wal(): { state: number; log: number }
  stop(): Promise<void>
}

/** What the projector tells of what it did. */
export interface ProjectHooks {
  /** Where what is awaited is appended. */
  log: IntakeLog
  /** A name for an awaited entry. */
  newRef: () => string
  /** Sites, keys or login secrets changed. */
  configured: () => void | Promise<void>
  /** Of what is committed, what those see who look on; told only while `watch` says that there are some. */
  shown?: (glimpses: Glimpse[]) => void
  /** Somebody was erased. */
  erased?: () => void
  /** There are messages to deliver, or what became of some is known. */
  posted?: () => void
  /** The thread died; it is started again. */
  died: (error: Error) => void
}

/** What other collectors are to know of a batch. */
export interface Told {
  refs: string[]
  configured: boolean
  erased: boolean
  posted: boolean
}

export interface ProjectingOptions extends ProjectHooks {
  /** What the thread is given beside its signal and how often it died. */
  data: object
  /** What it took of partitions that several collectors share. */
  leased?: (leases: Leases) => void
  /** An awaited entry was appended. */
  appended?: () => void
  /** A batch is committed; `refs` are awaited elsewhere. */
  told?: (told: Told) => void
  /** The thread's module. */
  module?: URL
  /** Before a thread that died is started again, ms; twice as long with each further death. */
  restartMs?: number
}

/** Starts the projector's thread. */
export function startProjector(options: ProjectingOptions): ProjectorThread {
  const { log, newRef, configured, died, data } = options
  const { shown = () => {}, erased = () => {}, posted = () => {} } = options
  const { leased = () => {}, appended = () => {}, told = () => {} } = options
  const { module = threadModule('projector-thread'), restartMs = FIRST_RESTART_MS } = options
  const signal = createSignal()
  /** Several may wait for one entry: calls with the same Idempotency-Key. */
  const waiting = new Map<string, Set<(outcome: Outcome) => void>>()
  const settle = (outcomes: readonly { ref: string; outcome: Outcome }[]) => {
    for (const { ref, outcome } of outcomes) {
      for (const tell of waiting.get(ref) ?? []) tell(outcome)
      waiting.delete(ref)
    }
  }
  let stalled: string | undefined
  let wal = { state: 0, log: 0 }
  let durable = 0
  let stopped = () => {}
  let isStopping = false
  /** How often the thread died, and where. */
  let deaths = 0
  let diedAt = -1
  let pauseMs = restartMs
  let alive = false
  const projected = () => Number(Atomics.load(signal.projected, 0))
  spawn()

  function spawn(): void {
    const started = new Worker(module, {
      workerData: { ...data, signal, deaths },
    })
    let last = new Error('the projector ended')
    started.on('message', hear)
    started.on('error', (error) => {
      last = error instanceof Error ? error : new Error(String(error))
    })
    alive = true
    started.on('exit', () => {
      alive = false
      leased({ held: [], isLeader: false, live: 0 })
      if (isStopping) stopped()
      else again(last)
    })
  }

  /** What the dead thread had not committed is still behind the watermark: the next one goes on there. */
  function again(error: Error): void {
    const at = standingOf(signal)
    deaths = at === diedAt ? deaths + 1 : 1
    diedAt = at
    stalled = error.message
    died(error)
    setTimeout(() => {
      if (!isStopping) spawn()
    }, pauseMs).unref()
    pauseMs = Math.min(LAST_RESTART_MS, pauseMs * 2)
  }

  async function hear(message: FromProjector): Promise<void> {
    switch (message.kind) {
      case 'projected':
        if (message.erased) erased()
        if (message.configured) await configured()
        told({ ...message, refs: message.outcomes.map(({ ref }) => ref).filter((ref) => !waiting.has(ref)) })
        settle(message.outcomes)
        if (message.posted) posted()
        return
      case 'leases':
        leased(message)
        return
      case 'shown':
        shown(message.glimpses)
        return
      case 'durable':
        durable = message.seq
        log.trim(message.seq)
        return
      case 'wal':
        wal = { state: message.state, log: message.log }
        return
      case 'stalled':
        stalled = message.message
        return
      case 'going':
        stalled = undefined
        pauseMs = restartMs
        return
      case 'stopped':
        stopped()
        return
      default:
        message satisfies never
    }
  }

  return {
    wake() {
      ring(signal)
    },
    hurry() {
      hurry(signal)
    },
    async perform(entry) {
      const ref = entry.ref ?? newRef()
      const answered = Promise.withResolvers<Outcome | undefined>()
      const others = waiting.get(ref) ?? new Set()
      waiting.set(ref, others.add(answered.resolve))
      const timeout = setTimeout(() => answered.resolve(undefined), PATIENCE_MS)
      try {
        await log.append({ ...entry, ref })
        hurry(signal)
        appended()
        const outcome = await answered.promise
        return outcome ? { outcome } : { late: true, ref }
      } finally {
        clearTimeout(timeout)
        others.delete(answered.resolve)
        if (others.size === 0) waiting.delete(ref)
      }
    },
    settle,
    awaited: () => [...waiting.keys()],
    projected,
    durable: () => durable,
    watch(isWatched) {
      watch(signal, isWatched)
    },
    stalled: () => stalled,
    wal: () => wal,
    stop() {
      const done = new Promise<void>((resolve) => {
        stopped = resolve
      })
      isStopping = true
      if (!alive) stopped()
      ringToStop(signal)
      return done
    },
  }
}
