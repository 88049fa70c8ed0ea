/**
 * What onlookers cost the intake: beacons as fast as they are answered, with a dashboard that asks once a second and 50
 * listeners of `/v1/live` beside without, turn about; and the CPU of 500 listeners while 1,000 beacons a second come.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuOf, drained, serveBuilt } from '../support/process.ts'
import { load } from './load.ts'
import { paced, quantile } from './paced.ts'

const KEY = 'lw_a-key-for-the-bench-only'
const HEADERS = { authorization: `Bearer ${KEY}` }
const LISTENERS = 50
const MANY_LISTENERS = 500
const RATE = 1_000
const ASK_EVERY_MS = 1_000

export interface LiveFigures {
  /** Events a second with onlookers, to those without. */
  watchedRateToAlone: number
  /** CPU of an event on the main thread, the same. */
  watchedCpuMainToAlone: number
  /** Share of a core that 500 listeners take while 1,000 beacons a second come: of the main thread, and of all. */
  listenersCpuMain: number
  listenersCpuAll: number
  /** Acknowledgement p99 meanwhile, to that without listeners. */
  listenersP99ToAlone: number
  /** Bytes that one of the listeners was sent a second. */
  listenerBytesPerSecond: number
}

const median = (numbers: number[]): number => quantile(numbers, 0.5)

async function listeners(origin: string, n: number): Promise<{ bytes(): number; stop(): void }> {
  const agent = new Agent({ keepAlive: false })
  let bytes = 0
  const open = await Promise.all(
    Array.from(
      { length: n },
      () =>
        new Promise<IncomingMessage>((resolve, reject) => {
          const asked = get(`${origin}/v1/live?site=main`, { agent, headers: HEADERS }, (response) => {
            if (response.statusCode !== 200) reject(new Error(`a listener got ${response.statusCode}`))
            response.on('error', () => {})
            response.on('data', (chunk: Buffer) => (bytes += chunk.length))
            resolve(response)
          })
          asked.on('error', reject)
        }),
    ),
  )
  return {
    bytes: () => bytes,
    stop() {
      for (const response of open) {
        if (response.destroyed) throw new Error('a listener was dropped')
        response.destroy()
      }
    },
  }
}

/** What a dashboard asks, again and again. */
function dashboard(origin: string): () => void {
  const timer = setInterval(() => {
    for (const path of ['stats?site=main', 'leads?site=main&stage=sql'])
      fetch(`${origin}/v1/${path}`, { headers: HEADERS }).then((answer) => answer.arrayBuffer())
  }, ASK_EVERY_MS)
  return () => clearInterval(timer)
}

export async function liveFigures(rounds: number, seconds: number): Promise<LiveFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-live-'))
  const { origin, pid, child, ended } = await serveBuilt({
    LEADWAKE_DB: join(folder, 'x.db'),
    LEADWAKE_ADMIN_KEY: KEY,
    LEADWAKE_RATE: '0',
  })
  async function spent<T>(work: () => Promise<T>): Promise<T & { main: number; all: number }> {
    const before = cpuOf(pid)
    const result = await work()
    await drained(origin)
    const after = cpuOf(pid)
    return { ...result, main: after.main - before.main, all: after.all - before.all }
  }
  try {
    await load(origin, 2)
    await drained(origin)
    const rates: number[] = []
    const cpus: number[] = []
    for (let round = 0; round < rounds; round++) {
      const alone = await spent(() => load(origin, seconds))
      const { stop } = await listeners(origin, LISTENERS)
      const leave = dashboard(origin)
      const watched = await spent(() => load(origin, seconds))
      leave()
      stop()
      rates.push(watched.rate / alone.rate)
      cpus.push(watched.main / watched.total / (alone.main / alone.total))
    }
    const alone = await spent(() => paced(origin, RATE, seconds))
    const many = await listeners(origin, MANY_LISTENERS)
    const before = many.bytes()
    const watched = await spent(() => paced(origin, RATE, seconds))
    const bytes = many.bytes() - before
    many.stop()
    return {
      watchedRateToAlone: median(rates),
      watchedCpuMainToAlone: median(cpus),
      listenersCpuMain: (watched.main - alone.main) / 1e6 / seconds,
      listenersCpuAll: (watched.all - alone.all) / 1e6 / seconds,
      listenersP99ToAlone: watched.p99 / alone.p99,
      listenerBytesPerSecond: bytes / MANY_LISTENERS / seconds,
    }
  } finally {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main)
  console.log(
    JSON.stringify(
      await liveFigures(Number(process.env.BENCH_ROUNDS ?? 3), Number(process.env.BENCH_SECONDS ?? 5)),
    ),
  )
