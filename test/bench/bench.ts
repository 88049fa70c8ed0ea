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
import { type IdentityFigures, identityFigures } from './identity.ts'
import { beacon, type Load, load } from './load.ts'
import { type QualifyFigures, qualifyFigures } from './qualify.ts'
import { type ReplayFigures, replayFigures } from './replay.ts'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 5)
const WARM_UP_SECONDS = 2
const STAGES_TIMED = 50
const ROBOT = 'Googlebot/2.1 (+http://www.google.com/bot.html)'
const KEY = 'lw_a-key-for-the-bench-only'

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
): Promise<Sample> {
  const before = cpuOf(pid)
  const result = await load(origin, SECONDS, 'main', 64, userAgent)
  await after()
  const spent = cpuOf(pid)
  return {
    ...result,
    cpuMain: (spent.main - before.main) / result.total,
    cpuAll: (spent.all - before.all) / result.total,
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

/** From the acknowledgement of a beacon to the moment at which the API shows the stage that it led to, ms. */
async function timeToStage(origin: string): Promise<{ p50: number; p99: number }> {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }
  const times: number[] = []
  for (let n = 0; n < STAGES_TIMED; n++) {
    const visitor = `stage-${n}-${Date.now()}`
    const made = await fetch(`${origin}/v1/identify`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ site: 'main', visitor, email: `${visitor}@acme.org` }),
    })
    const { id } = (await made.json()) as { id: string }
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

const folder = mkdtempSync(join(tmpdir(), 'leadwake-bench-'))
const db = join(folder, 'bench.db')
const collector = await serveBuilt({ LEADWAKE_DB: db, LEADWAKE_ADMIN_KEY: KEY })
const floor = await bare()
const samples: { bare: Sample; collector: Sample; refused: Sample }[] = []
let events = 0
try {
  events += (await load(collector.origin, WARM_UP_SECONDS)).total
  await load(floor.origin, WARM_UP_SECONDS)
  for (let round = 0; round < ROUNDS; round++) {
    const low = await sample(floor.origin, floor.pid, async () => {})
    const high = await sample(collector.origin, collector.pid, () => drained(collector.origin))
    events += high.total
    const refused = await sample(collector.origin, collector.pid, async () => {}, ROBOT)
    samples.push({ bare: low, collector: high, refused })
  }
  const idle = await timeToStage(collector.origin)
  const [, loaded] = await Promise.all([load(collector.origin, 4, 'main', 8), timeToStage(collector.origin)])
  await drained(collector.origin)
  collector.child.kill('SIGTERM')
  await collector.ended
  const bytes = statSync(db).size
  const own = { ...(await identityFigures()), ...(await qualifyFigures()), ...replayFigures() }
  report(idle, loaded, bytes, own)
} finally {
  floor.stop()
  collector.child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}

function report(
  idle: { p50: number; p99: number },
  loaded: { p50: number; p99: number },
  bytes: number,
  own: IdentityFigures & QualifyFigures & ReplayFigures,
): void {
  const of = (who: 'bare' | 'collector' | 'refused', what: keyof Sample) =>
    median(samples.map((one) => one[who][what]))
  const ratio = (what: keyof Sample) => median(samples.map((one) => one.collector[what] / one.bare[what]))
  const allToBare = median(samples.map((one) => one.collector.cpuAll / one.bare.cpuMain))
  const refusedToBare = median(samples.map((one) => one.refused.cpuAll / one.bare.cpuMain))
  const mainToBare = median(samples.map((one) => one.collector.cpuMain / one.bare.cpuMain))
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
    cpuMainToBare: round(mainToBare),
    cpuAllToBare: round(allToBare),
    refusedCpuUs: round(of('refused', 'cpuAll')),
    refusedToBare: round(refusedToBare),
    stageP50Ms: round(idle.p50),
    stageP99Ms: round(idle.p99),
    stageLoadedP50Ms: round(loaded.p50),
    stageLoadedP99Ms: round(loaded.p99),
    bytesPerEvent: Math.round(bytes / events),
    ...own,
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
  row('CPU an event, all threads, projected, us', figures.cpuAllUs, figures.bareCpuUs, figures.cpuAllToBare)
  row('CPU a refused beacon, all threads, us', figures.refusedCpuUs, figures.bareCpuUs, figures.refusedToBare)
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
  console.log('(the ratio: to one of a lead with 10)')
  row('replay from cells, events a second of CPU', figures.replayCellEventsPerSecond, '', '')
  row('replay from raw events, events a second of CPU', figures.replayRawEventsPerSecond, '', '')
  row('90,000 leads under two rule sets compared, CPU s', figures.previewSeconds, '', '')
  row('heap after 10 million replayed events, more than after 3, MB', figures.replayHeapGrowthMb, '', '')
  console.log(JSON.stringify(figures))
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
