/**
 * What each reading call of the API takes without filters, over the state that `stats.ts` has made: CPU ms by call. Alone, of
 * a year that is kept: `BENCH_FOLDER=FOLDER node test/bench/reads.ts`; the last line is JSON.
 */
import { join } from 'node:path'
import { Hono } from 'hono'
import { REPORTS } from '../../collector/api/queries.ts'
import { type AppDeps, createApp } from '../../collector/app.ts'
import type { HeldKey } from '../../collector/keys.ts'
import { createMemory } from '../../collector/memory.ts'
import { TOPS } from '../../collector/read/numbers.ts'
import { type Answers, answers } from '../../collector/read.ts'
import type { Reader } from '../../collector/reader.ts'
import { openForReading } from '../../collector/store/sqlite/open.ts'
import { sqliteReader } from '../../collector/store/sqlite/read.ts'
import openapi from '../../docs/openapi.json' with { type: 'json' }
import { RIGHTS } from '../../shared/access.ts'
import { YEAR_DAYS, YEAR_START } from './year.ts'

const DAY_MS = 86_400_000
export const NOW = YEAR_START + YEAR_DAYS * DAY_MS - 1
const [WARM, ROUNDS] = [10, 100]
/** What reads no list or sum of the state: an image, a stream without an end, the outcome of a call, counters of the process, a script tag. */
const LEFT_OUT = ['/v1/in', '/v1/live', '/v1/outcomes/{ref}', '/v1/counts', '/v1/sites/{id}/tag']
const SPAN = `from=${new Date(YEAR_START).toISOString().slice(0, 10)}&to=`
const lastDay = (back: number) => new Date(NOW - back * DAY_MS).toISOString().slice(0, 10)

/** Up to a year, each with another first or last week. */
const spanOfWeeks = (n: number): string =>
  `from=${new Date(YEAR_START + 7 * DAY_MS * (n % 10)).toISOString().slice(0, 10)}&to=${lastDay(7 * Math.floor(n / 10))}`

/** A call, and its path of each round. */
export type Call = [what: string, path: (n: number) => string]

/** CPU ms: p95 of `ROUNDS` behind `WARM`, as of a reader that has run for a while; and of the very first, before anything is compiled or read. */
export interface ReadFigure {
  p95Ms: number
  firstMs: number
}

/** As benches print it. */
export const readLine = (what: string, { p95Ms, firstMs }: ReadFigure): string =>
  `${`GET ${what}, p95 behind ${WARM} rounds / the first, ms`.padEnd(72)}${`${p95Ms} / ${firstMs}`.padStart(18)}`

/** Of a state's file; tells each figure as it comes. */
export async function readFigures(
  path: string,
  tell: (what: string, figure: ReadFigure) => void,
): Promise<Record<string, ReadFigure>> {
  const db = openForReading(path)
  const figures: Record<string, ReadFigure> = {}
  await askEach(answers({ state: sqliteReader(db), now: () => NOW }), {
    began: ownCpu,
    tell: (what, [p95Ms], [firstMs]) => {
      figures[what] = { p95Ms: p95Ms!, firstMs: firstMs! }
      tell(what, figures[what])
    },
  })
  db.close()
  return figures
}

/** CPU time, ms: what else the machine does at the moment is not ours. */
export function ownCpu(): () => number[] {
  const began = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(began)
    return [(user + system) / 1e3]
  }
}

export interface Asking {
  /** Begins to measure one call; what it returns says what it took. */
  began(): () => number[]
  /** Told the p95 of each of these, and each of the first round. */
  tell(what: string, p95: number[], first: number[]): void
  /** Beside the calls of the API as they are. */
  more?: Call[]
  isAsked?: (what: string) => boolean
}

/** Asks each reading call of the API in turn. */
export async function askEach(
  answer: Answers,
  { began, tell, more = [], isAsked = () => true }: Asking,
): Promise<void> {
  const ask = new Proxy({} as Reader, {
    get:
      (_, name: keyof typeof answer) =>
      async (...args: unknown[]) =>
        structuredClone((answer[name] as (...args: unknown[]) => unknown)(...args)),
  })
  const key: HeldKey = { name: 'bench', id: 'bench', hash: '', rights: [...RIGHTS], site: null }
  const memory = { ...(await createMemory(ask, {} as never)), key: () => key }
  const app = createApp({
    memory,
    ask,
    now: () => NOW,
    origin: () => 'http://x',
    pages: new Hono(),
    unexpected: console.error,
    // An export writes down that it was made.
    perform: async () => ({ outcome: { status: 200, body: {} } }),
  } as unknown as AppDeps)
  const page = answer.leads({ site: 'main', limit: 50 })!.items
  const companies = answer.companies('main', 50)!.items
  /** What stands in the place of a path's parameter: each of its kinds, or another each time. */
  const calls = Object.entries(openapi.paths)
    .filter(([path, methods]) => path.startsWith('/v1/') && 'get' in methods && !LEFT_OUT.includes(path))
    .flatMap(([path]): Call[] => {
      if (path.includes('{dimension}'))
        return TOPS.map((top) => {
          const of = path.replace('{dimension}', top)
          return [`${of}, a year`, (n) => `${of}?site=main&${SPAN}${lastDay(n % 5)}`]
        })
      if (path.includes('{name}'))
        return REPORTS.map((name) => {
          const of = path.replace('{name}', name)
          return [`${of}, a year`, (n) => `${of}?site=main&${SPAN}${lastDay(n % 5)}`]
        })
      if (path.startsWith('/v1/stats'))
        return [
          [`${path}, 30 days`, (n) => `${path}?site=main&from=${lastDay(n + 29)}&to=${lastDay(n)}`],
          [`${path}, a year`, (n) => `${path}?site=main&${SPAN}${lastDay(n % 5)}`],
          [`${path}, weeks that nobody asked for yet`, (n) => `${path}?site=main&${spanOfWeeks(n)}`],
        ]
      if (path === '/v1/contacts') return [[path, (n) => `${path}?email=${page[n % page.length]!.email}`]]
      if (path.startsWith('/v1/leads/'))
        return [[path, (n) => path.replace('{id}', page[n % page.length]!.id)]]
      if (path.includes('{key}'))
        return [[path, (n) => path.replace('{key}', companies[n % companies.length]!.key)]]
      if (path.startsWith('/v1/sites/{id}')) return [[path, () => path.replace('{id}', 'main')]]
      if (path.includes('{id}')) return []
      return [[path, () => path]]
    })
  for (const [what, pathOf] of [...calls, ...more].filter(([what]) => isAsked(what))) {
    const taken: number[][] = []
    let first: number[] = []
    for (let n = 0; n < WARM + ROUNDS; n++) {
      const ended = began()
      const response = await app.request(pathOf(n), { headers: { authorization: 'Bearer x' } })
      const text = await response.text()
      const measures = ended()
      if (response.status !== 200) throw new Error(`${pathOf(n)}: ${response.status} ${text.slice(0, 200)}`)
      if (n === 0) first = measures
      if (n >= WARM) taken.push(measures)
    }
    tell(
      what,
      taken[0]!.map((_, i) => p95(taken.map((measures) => measures[i]!))),
      first.map(tenths),
    )
  }
}

function p95(times: number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  return tenths(sorted[Math.ceil(times.length * 0.95) - 1]!)
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10

if (import.meta.main) {
  const figures = await readFigures(join(process.env.BENCH_FOLDER!, 'year.db'), (what, figure) =>
    console.log(readLine(what, figure)),
  )
  console.log(JSON.stringify(figures))
}
