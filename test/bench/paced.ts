import { Agent, request } from 'node:http'
import { BROWSER } from '../support/user-agent.ts'
import { beacon } from './load.ts'

export interface Paced {
  /** Latency of the acknowledgement, ms. */
  p50: number
  p99: number
  /** Answers that were not 204. */
  failed: number
}

const CONNECTIONS = 64
const TICK_MS = 5

/** The quantile of numbers, which are sorted by it. */
export const quantile = (numbers: number[], share: number): number =>
  numbers.sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] ??
  Number.NaN

/** Sends so many beacons a second for so long, whether they are answered or not, and measures each. */
export async function paced(origin: string, rate: number, seconds: number): Promise<Paced> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const times: number[] = []
  const answers: Promise<void>[] = []
  let failed = 0
  const send = () =>
    new Promise<void>((resolve) => {
      const body = beacon('main')
      const began = performance.now()
      const sent = request(`${origin}/v1/in`, {
        agent,
        method: 'POST',
        headers: { 'user-agent': BROWSER, 'content-length': Buffer.byteLength(body) },
      })
      sent.on('response', (response) => {
        times.push(performance.now() - began)
        if (response.statusCode !== 204) failed++
        response.resume().on('end', resolve)
      })
      sent.on('error', () => {
        failed++
        resolve()
      })
      sent.end(body)
    })
  const began = performance.now()
  let sent = 0
  while (performance.now() - began < seconds * 1_000) {
    const due = Math.floor(((performance.now() - began) / 1_000) * rate)
    for (; sent < due; sent++) answers.push(send())
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  await Promise.all(answers)
  agent.destroy()
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), failed }
}
