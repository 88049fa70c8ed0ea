/**
 * Ratios of the collector against a bare server that only reads the body, in one run: the same load, one after the
 * other, several rounds, medians. `npm run bench` builds first; the last line is one JSON object.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuOf, drained, freePort, serveBuilt } from '../support/process.ts'
import { BROWSER } from '../support/user-agent.ts'
import { type EnduranceFigures, enduranceFigures } from './endurance.ts'
import { type IdentityFigures, identityFigures } from './identity.ts'
import { type LatencyFigures, latencyFigures } from './latency.ts'
import { type LiveFigures, liveFigures } from './live.ts'
import { beacon, type Load, load } from './load.ts'
import { paced } from './paced.ts'
import { type QualifyFigures, qualifyFigures } from './qualify.ts'
import { type ReplayFigures, replayFigures } from './replay.ts'
import { type ReportFigures, reportFigures } from './reports.ts'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 5)
const WARM_UP_SECONDS = 2
const STAGES_TIMED = 50
const ROBOT = 'Googlebot/2.1 (+http://www.google.com/bot.html)'
const KEY = 'lw_a-key-for-the-bench-only'

/** What the best known of the small self-hosted analytics costs: Umami's `/api/send` takes 175 times the CPU of a bare server. */
const UMAMI_TO_BARE = 175
const EVENTS_A_BODY = 5
const PACED_CONNECTIONS = 8

interface Sample extends Load {
  /** us per event. */
  cpuMain: number
  cpuAll: number
}

const median = (numbers: number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!

async function sample(
  origin: string,
  pid: number,
  after: () => Promise<void>,
  userAgent?: string,
  events = 1,
): Promise<Sample> {
  const before = cpuOf(pid)
  const result = await load(origin, SECONDS, 'main', 64, userAgent, events)
  await after()
  const spent = cpuOf(pid)
  return {
    ...result,
    cpuMain: (spent.main - before.main) / result.total / events,
    cpuAll: (spent.all - before.all) / result.total / events,
  }
}

async function bare(): Promise<{ origin: string; pid: number; stop(): void }> {
  const port = await freePort()
  const child = spawn(process.execPath, [new URL('bare.ts', import.meta.url).pathname, String(port)], {
    stdio: 'ignore',
  })
  const origin = `http://127.0.0.1:${port}`
  while (!(await fetch(origin).catch(() => undefined)))
    await new Promise((resolve) => setTimeout(resolve, 20))
  return { origin, pid: child.pid!, stop: () => child.kill() }
}

/** Id of the visitor's new contact. Under load the call may answer 202 before it has one; it can be repeated. */
async function identified(origin: string, visitor: string): Promise<string> {
  for (;;) {
    const made = await fetch(`${origin}/v1/identify`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ site: 'main', visitor, email: `${visitor}@acme.org` }),
    })
    const { id } = (await made.json()) as { id?: string }
    if (id !== undefined) return id
  }
}

/** From the acknowledgement of a beacon to the moment at which the API shows the stage that it led to, ms. */
async function timeToStage(origin: string): Promise<{ p50: number; p99: number }> {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
  const times: number[] = []
  for (let n = 0; n < STAGES_TIMED; n++) {
    const visitor = `stage-${n}-${Date.now()}`
    const id = await identified(origin, visitor)
    const now = Date.now()
    const mark = (kind: number) => `${now}${String(kind).padStart(9, '0')}`
    const body = {
      s: 'main',
      v: visitor,
      t: now,
      e: [
        ['p', mark(1), now, '/pricing'],
        ['c', mark(2), now, mark(1), 'Pump'],
      ],
    }
    await fetch(`${origin}/v1/in`, {
      method: 'POST',
      headers: { 'user-agent': BROWSER },
      body: JSON.stringify(body),
    })
    const acknowledged = performance.now()
    for (;;) {
      const lead = (await (await fetch(`${origin}/v1/leads/${id}`, { headers })).json()) as { stage: string }
      if (lead.stage === 'mql') break
    }
    times.push(performance.now() - acknowledged)
  }
  times.sort((a, b) => a - b)
  return { p50: median(times), p99: times.at(-1)! }
}

const STAGE_SECONDS = 8

/** The same while a load runs. */
async function stageUnder(sending: () => Promise<unknown>): Promise<{ p50: number; p99: number }> {
  const [, stage] = await Promise.all([sending(), timeToStage(collector.origin)])
  await drained(collector.origin)
  return stage
}

const folder = mkdtempSync(join(tmpdir(), 'leadwake-bench-'))
const db = join(folder, 'bench.db')
const collector = await serveBuilt({ LEADWAKE_DB: db, LEADWAKE_ADMIN_KEY: KEY })
const floor = await bare()
const samples: { bare: Sample; collector: Sample; refused: Sample; five: Sample }[] = []
let events = 0
try {
  events += (await load(collector.origin, WARM_UP_SECONDS)).total
  await load(floor.origin, WARM_UP_SECONDS)
  for (let round = 0; round < ROUNDS; round++) {
    const low = await sample(floor.origin, floor.pid, async () => {})
    const high = await sample(collector.origin, collector.pid, () => drained(collector.origin))
    const refused = await sample(collector.origin, collector.pid, async () => {}, ROBOT)
    const five = await sample(
      collector.origin,
      collector.pid,
      () => drained(collector.origin),
      undefined,
      EVENTS_A_BODY,
    )
    events += high.total + five.total * EVENTS_A_BODY
    samples.push({ bare: low, collector: high, refused, five })
  }
  const idle = await timeToStage(collector.origin)
  const [, loaded] = await Promise.all([
    load(collector.origin, 4, 'main', PACED_CONNECTIONS),
    timeToStage(collector.origin),
  ])
  const stageAt2000 = await stageUnder(() => paced(collector.origin, 2_000, STAGE_SECONDS))
  const stageAtMost = await stageUnder(() => load(collector.origin, STAGE_SECONDS))
  await drained(collector.origin)
  collector.child.kill('SIGTERM')
  await collector.ended
  const bytes = statSync(db).size
  const own = {
    ...(await identityFigures()),
    ...(await qualifyFigures()),
    ...replayFigures(),
    ...reportFigures(),
  }
  report(
    { idle, loaded, stageAt2000, stageAtMost },
    bytes,
    own,
    await latencyFigures(ROUNDS, SECONDS),
    await enduranceFigures(),
    await liveFigures(ROUNDS, SECONDS),
  )
} finally {
  floor.stop()
  collector.child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}

type Times = { p50: number; p99: number }

function report(
  {
    idle,
    loaded,
    stageAt2000,
    stageAtMost,
  }: Record<'idle' | 'loaded' | 'stageAt2000' | 'stageAtMost', Times>,
  bytes: number,
  own: IdentityFigures & QualifyFigures & ReplayFigures & ReportFigures,
  latency: LatencyFigures,
  endurance: EnduranceFigures,
  live: LiveFigures,
): void {
  const of = (who: 'bare' | 'collector' | 'refused', what: keyof Sample) =>
    median(samples.map((one) => one[who][what]))
  const ratio = (what: keyof Sample) => median(samples.map((one) => one.collector[what] / one.bare[what]))
  const allToBare = median(samples.map((one) => one.collector.cpuAll / one.bare.cpuAll))
  const refusedToBare = median(samples.map((one) => one.refused.cpuAll / one.bare.cpuAll))
  const mainToBare = median(samples.map((one) => one.collector.cpuMain / one.bare.cpuMain))
  const fiveToBare = (what: 'cpuMain' | 'cpuAll') =>
    median(samples.map((one) => one.five[what] / one.bare[what]))
  const figures = {
    bodyBytes: Buffer.byteLength(beacon('main')),
    events,
    eventsPerSecond: Math.round(of('collector', 'rate')),
    bareEventsPerSecond: Math.round(of('bare', 'rate')),
    rateToBare: round(ratio('rate')),
    ackP50Ms: of('collector', 'p50'),
    ackP99Ms: of('collector', 'p99'),
    bareP50Ms: of('bare', 'p50'),
    bareP99Ms: of('bare', 'p99'),
    cpuMainUs: round(of('collector', 'cpuMain')),
    cpuAllUs: round(of('collector', 'cpuAll')),
    bareCpuUs: round(of('bare', 'cpuMain')),
    bareCpuAllUs: round(of('bare', 'cpuAll')),
    cpuMainToBare: round(mainToBare),
    cpuAllToBare: round(allToBare),
    refusedCpuUs: round(of('refused', 'cpuAll')),
    refusedToBare: round(refusedToBare),
    fiveCpuMainToBare: round(fiveToBare('cpuMain')),
    fiveCpuAllToBare: round(fiveToBare('cpuAll')),
    timesUmami: Math.round(UMAMI_TO_BARE / allToBare),
    stageAt2000P99Ms: round(stageAt2000.p99),
    stageAtMostP99Ms: round(stageAtMost.p99),
    stageP50Ms: round(idle.p50),
    stageP99Ms: round(idle.p99),
    stageLoadedP50Ms: round(loaded.p50),
    stageLoadedP99Ms: round(loaded.p99),
    bytesPerEvent: Math.round(bytes / events),
    ...own,
    ...Object.fromEntries(
      Object.entries({ ...latency, ...endurance, ...live }).map(([name, n]) => [
        name,
        n === null ? null : round(n),
      ]),
    ),
    catchUpToIntake: round(endurance.catchUpPerSecond / of('collector', 'rate')),
    failed: samples.reduce((sum, one) => sum + one.collector.failed, 0),
  }
  const row = (what: string, ours: string | number, floorValue: string | number, relation: string | number) =>
    console.log(
      `${what.padEnd(52)}${String(ours).padStart(12)}${String(floorValue).padStart(12)}${String(relation).padStart(10)}`,
    )
  row(`one-event beacons of ${figures.bodyBytes} bytes, 64 connections`, 'leadwake', 'bare', 'ratio')
  row('events a second', figures.eventsPerSecond, figures.bareEventsPerSecond, figures.rateToBare)
  row('acknowledgement p50, ms', figures.ackP50Ms, figures.bareP50Ms, '')
  row('acknowledgement p99, ms', figures.ackP99Ms, figures.bareP99Ms, '')
  row(
    'CPU an acknowledged event, main thread, us',
    figures.cpuMainUs,
    figures.bareCpuUs,
    figures.cpuMainToBare,
  )
  row(
    'CPU an event, all threads, projected, us',
    figures.cpuAllUs,
    figures.bareCpuAllUs,
    figures.cpuAllToBare,
  )
  row(
    'CPU a refused beacon, all threads, us',
    figures.refusedCpuUs,
    figures.bareCpuAllUs,
    figures.refusedToBare,
  )
  row(
    `  of ${EVENTS_A_BODY}-event bodies, main thread (to a bare request)`,
    '',
    '',
    figures.fiveCpuMainToBare,
  )
  row(`  of ${EVENTS_A_BODY}-event bodies, all threads (to a bare request)`, '', '', figures.fiveCpuAllToBare)
  row('events a CPU second, times those of Umami (175 x bare)', '', '', figures.timesUmami)
  row(
    'acknowledgement p99 at 2,000/s, ms (beside: without a log)',
    round(latency.pacedP99Ms),
    round(latency.pacedBareP99Ms),
    round(latency.pacedP99ToBare),
  )
  row('  p99 of an fsync of this disk alone, ms', round(latency.fsyncP99Ms), '', '')
  row(
    '  with an fsync of 5 ms',
    latency.slowFsyncP99Ms === null ? 'no cc' : round(latency.slowFsyncP99Ms),
    '',
    '',
  )
  row('acknowledgement to visible stage at 2,000/s, max, ms', figures.stageAt2000P99Ms, '', '')
  row('  at the highest rate, max, ms', figures.stageAtMostP99Ms, '', '')
  row(
    'catch-up, entries a second (to the rate above)',
    endurance.catchUpPerSecond,
    '',
    figures.catchUpToIntake,
  )
  row(
    `resident memory after ${endurance.beacons} beacons, MiB (half-way)`,
    endurance.rssMiB,
    endurance.rssHalfMiB,
    round(endurance.rssMiB / endurance.rssHalfMiB),
  )
  row('events a second while a dashboard asks and 50 listen', '', '', round(live.watchedRateToAlone))
  row(
    '  CPU an event of the main thread (these two: to nobody looking on)',
    '',
    '',
    round(live.watchedCpuMainToAlone),
  )
  row(
    'CPU of 500 listeners at 1,000/s, share of a core, main thread / all',
    `${round(live.listenersCpuMain)} / ${round(live.listenersCpuAll)}`,
    '',
    '',
  )
  row('longest write-ahead log, MiB', endurance.walMiB, '', '')
  row(
    'acknowledgement to visible stage, idle, p50 / max, ms',
    `${figures.stageP50Ms} / ${figures.stageP99Ms}`,
    '',
    '',
  )
  row(
    '  while 8 connections send, p50 / max, ms',
    `${figures.stageLoadedP50Ms} / ${figures.stageLoadedP99Ms}`,
    '',
    '',
  )
  row('bytes on disk an event, state with its indexes', figures.bytesPerEvent, '', '')
  row('link of a visitor with 1,000 events, CPU ms', figures.linkMs, '', figures.linkToBaseline)
  row('batch of 500 signals, CPU ms', figures.signalsMs, '', figures.signalsToBaseline)
  console.log('(the ratios of these two: to projecting as many page views)')
  row(`end of a day, 100,000 leads, CPU s (${figures.tickLooked} looked at)`, figures.tickSeconds, '', '')
  row(
    'event of a lead with 100,000 earlier ones, committed, ms',
    figures.eventToStageManyMs,
    '',
    figures.eventToStageManyToFew,
  )
  row('the same half a minute late, ms', figures.lateManyMs, '', figures.lateManyToFew)
  console.log('(the ratio of these two: to one of a lead with 10)')
  row(
    '  the first late one / one half a day late / each of 1,000 at once, ms',
    `${figures.lateFirstMs} / ${figures.lateHoursManyMs} / ${figures.lateStreamManyMs}`,
    '',
    '',
  )
  row('replay from cells, events a second of CPU', figures.replayCellEventsPerSecond, '', '')
  row('replay from raw events, events a second of CPU', figures.replayRawEventsPerSecond, '', '')
  for (const [name, { p50, p95 }] of Object.entries(figures.reports))
    row(`report '${name}' of 100,000 leads, p95, CPU ms (p50)`, round(p95), round(p50), '')
  row('90,000 leads under two rule sets compared, CPU s', figures.previewSeconds, '', '')
  row('heap after 10 million replayed events, more than after 3, MB', figures.replayHeapGrowthMb, '', '')
  console.log(JSON.stringify(figures))
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
