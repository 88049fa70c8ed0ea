/**
 * What the end of a day forgets of a site with a retention: how long its transactions are, and how much a second of CPU
 * forgets. `EVENTS=500000 node test/bench/retain.ts`; the last line is JSON.
 */
import type { EntryBody } from '../../collector/entry.ts'
import type { StateStore } from '../../collector/store/store.ts'
import { projection } from '../support/projection.ts'

export interface RetentionFigures {
  forgotten: number
  transactions: number
  /** Longest transaction, ms. */
  longest: number
  /** Events forgotten a second of CPU. */
  rate: number
}

const DAY = 86_400_000
const TODAY = Math.floor(Date.UTC(2026, 10, 3) / DAY)
const KEPT_DAYS = 90
/** Half of the events are of a visitor who came once, half of some who come all the time. */
const AT_ONCE = 200
const REGULARS = 50
const VIEWS = 10

export async function retentionFigures(events: number): Promise<RetentionFigures> {
  const times: number[] = []
  const timed = (store: StateStore): StateStore => ({
    ...store,
    async commit(changes) {
      const began = performance.now()
      await store.commit(changes)
      times.push(performance.now() - began)
    },
  })
  const state = await projection({}, timed)
  try {
    const old = (TODAY - KEPT_DAYS - 30) * DAY
    let serial = 0
    while (serial < events) {
      const bodies = Array.from({ length: AT_ONCE }, (_, n): EntryBody => {
        const visitor = n % 2 ? `regular-${(serial / VIEWS) % REGULARS}` : `once-${serial}`
        const views = Array.from({ length: VIEWS }, () => {
          const at = old + ++serial
          return { kind: 'page' as const, id: { ms: at, key: serial }, at, path: `/page/${serial % 500}` }
        })
        return { kind: 'beacon', site: 'main', visitor, agent: 'desktop, Firefox, Linux', events: views }
      })
      await state.project(TODAY * DAY, bodies)
    }
    const count = () => state.db.prepare('SELECT count(*) FROM events').pluck().get() as number
    const before = count()
    await state.project(TODAY * DAY, [{ kind: 'site-set', id: 'main', retention: KEPT_DAYS }])
    times.length = 0
    const began = process.cpuUsage()
    await state.project((TODAY + 1) * DAY, [{ kind: 'tick', day: TODAY }])
    const { user, system } = process.cpuUsage(began)
    const forgotten = before - count()
    return {
      forgotten,
      transactions: times.length,
      longest: Math.max(...times),
      rate: forgotten / ((user + system) / 1e6),
    }
  } finally {
    state.remove()
  }
}

if (import.meta.main) {
  const figures = await retentionFigures(Number(process.env.EVENTS ?? 500_000))
  console.table(figures)
  console.log(JSON.stringify(figures))
}
