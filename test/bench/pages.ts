/** The dashboard's pages over the answers of a state file, without a server: what a request costs the collector. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Hono } from 'hono'
import type { DashboardDeps } from '../../collector/dashboard/deps.ts'
import type { ReportName } from '../../collector/read/reports.ts'
import type { Answers } from '../../collector/read.ts'

const COOKIE = 'leadwake_session=x'
const REPORTS: ReportName[] = ['funnel', 'velocity', 'cohorts', 'sales', 'channels', 'content', 'rules']
const path = (name: string) => new URL(`../../${name}`, import.meta.url).pathname

/** Asks for a page as an admin does, and answers with it. Node itself reads no JSX, so the pages are built first. */
export async function pagesOver(answers: Answers, now: number): Promise<(path: string) => Promise<string>> {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-pages-'))
  const outfile = join(folder, 'dashboard.mjs')
  await build({
    entryPoints: [path('collector/dashboard/dashboard.tsx')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    logLevel: 'error',
  })
  const { dashboard } = (await import(outfile)) as { dashboard: (deps: DashboardDeps) => Hono }
  rmSync(folder, { recursive: true })
  const queries: Partial<DashboardDeps['queries']> = {
    sites: async () => answers.sites(),
    overview: async (site, asked) => answers.overview(site, asked)!,
    present: async (site) => answers.present(site, now - 300_000).length / 2,
    leads: async (query) => answers.leads(query)!,
    reports: async (site, from, to) =>
      Object.fromEntries(REPORTS.map((name) => [name, answers.report(name, site, from, to)])) as never,
  }
  const auth = { person: () => ({ id: 'a', name: 'A', role: 'admin' }), hasPassword: () => true }
  const app = dashboard({
    queries,
    auth,
    sales: {},
    now: () => now,
    version: '0',
  } as unknown as DashboardDeps)
  return async (path) => {
    const response = await app.request(path, { headers: { cookie: COOKIE, 'accept-encoding': 'gzip' } })
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`)
    return Buffer.from(await response.arrayBuffer()).toString('latin1')
  }
}
