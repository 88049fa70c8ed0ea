/**
 * What the dashboard's pages cost the server on a year of a million events: `npm run bench:pages`. `DB=FILE` keeps the
 * year for another run, `ONLY='a lead'` asks for one page.
 * The last line is JSON. Node reads no TSX, so that the bench is bundled as the collector is, beside its migrations.
 */
import { rmSync } from 'node:fs'
import { build } from 'esbuild'

const bundle = new URL('../../dist/bench-pages.js', import.meta.url)
await build({
  entryPoints: [new URL('./pages-asked.ts', import.meta.url).pathname],
  outfile: bundle.pathname,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  jsx: 'automatic',
  jsxImportSource: 'hono/jsx',
  external: ['better-sqlite3'],
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
try {
  const { measure } = await import(bundle.href)
  await measure()
} finally {
  rmSync(bundle)
}
