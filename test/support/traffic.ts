import { BROWSER } from './user-agent.ts'

let serial = 0

/** A page view by its visitor as the script sends it; never the same twice. */
export function pageBeacon(visitor = `v${serial % 50}`, path = `/page/${serial}`): string {
  const now = Date.now()
  const id = `${now}`.padStart(13, '0') + `${++serial}`.padStart(9, '0')
  return JSON.stringify({ s: 'main', v: visitor, t: now, e: [['p', id, now, path]] })
}

/** Posts a beacon; undefined where no answer came. */
export async function post(
  origin: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Response | undefined> {
  try {
    return await fetch(`${origin}/v1/in`, {
      method: 'POST',
      headers: { 'user-agent': BROWSER, 'content-type': 'text/plain', ...headers },
      body,
    })
  } catch {
    return undefined
  }
}

export interface Traffic {
  /** Beacons answered 204. */
  taken: number
  /** Answers by status; 0 where none came. */
  statuses: Record<number, number>
  /** Latency of the answers, ms. */
  times: number[]
  /** Ends it; resolves when the last answer is there. */
  stop(): Promise<void>
}

/** Sends page views over so many connections until it is stopped; `pauseMs` between two of one connection. */
export function traffic(
  origin: string,
  connections: number,
  { pauseMs = 0, headers = {} }: { pauseMs?: number; headers?: Record<string, string> } = {},
): Traffic {
  let running = true
  const result: Traffic = {
    taken: 0,
    statuses: {},
    times: [],
    async stop() {
      running = false
      await Promise.all(senders)
    },
  }
  const senders = Array.from({ length: connections }, async () => {
    while (running) {
      const began = performance.now()
      const answer = await post(origin, pageBeacon(), headers)
      await answer?.arrayBuffer().catch(() => {})
      result.times.push(performance.now() - began)
      const status = answer?.status ?? 0
      result.statuses[status] = (result.statuses[status] ?? 0) + 1
      if (status === 204) result.taken++
      if (status === 0 || pauseMs > 0)
        await new Promise((resolve) => setTimeout(resolve, Math.max(5, pauseMs)))
    }
  })
  return result
}

/** Waits until a condition holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10))
}
