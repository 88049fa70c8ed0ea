import type { DashboardDeps } from '../../collector/dashboard/dashboard.tsx'
import { dashboard } from '../../collector/dashboard/dashboard.tsx'
import type { Queries } from '../../collector/dashboard/queries.ts'
import type { FakeAuth } from './fakes.ts'
import { fakeApi, fakeAuth, fakeQueries, fakeSales, NOW, SESSION } from './fakes.ts'

export interface Opened {
  fake: FakeAuth
  /** As somebody who is signed in. */
  get(path: string): Promise<Response>
  html(path: string): Promise<string>
  /** As a stranger. */
  ask(path: string, init?: RequestInit): Promise<Response>
  /** A form sent from one of our own pages; signed in when asked for. */
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>
  /** Moves the clock, ms. */
  pass(ms: number): void
}

export const COOKIE = { cookie: `leadwake_session=${SESSION}` }

export function open(
  queries: Partial<Queries> = {},
  password?: string | null,
  deps: Partial<DashboardDeps> = {},
): Opened {
  let now = NOW
  const fake = fakeAuth(password)
  const app = dashboard({
    queries: fakeQueries(queries),
    auth: fake.auth,
    api: fakeApi(),
    sales: fakeSales(),
    now: () => now,
    version: '0.1.0',
    demo: 'demo',
    ...deps,
  })
  const ask = async (path: string, init?: RequestInit) => app.request(path, init)
  return {
    fake,
    ask,
    get: (path) => ask(path, { headers: COOKIE }),
    html: async (path) => (await ask(path, { headers: COOKIE })).text(),
    post: (path, fields, headers = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'same-origin', ...headers },
        body: new URLSearchParams(fields),
      }),
    pass: (ms) => {
      now += ms
    },
  }
}
