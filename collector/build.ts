/** Builds `dist/`: one bundle for each thread, the browser script, the migrations, `leadwake/server` and `leadwake/browser` with their types. */
import { execFile } from 'node:child_process'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { buildBrowser } from '../snippet/browser/build.ts'
import { buildSnippet } from '../snippet/build.ts'

const path = (name: string) => new URL(`../${name}`, import.meta.url).pathname

export async function buildAll(): Promise<void> {
  await rm(path('dist'), { recursive: true, force: true })
  await mkdir(path('dist'), { recursive: true })
  await build({
    entryPoints: [
      'main',
      'projector-thread',
      'partitions-thread',
      'reader-thread',
      'query-thread',
      'appender-thread',
      'check-thread',
    ].map((name) => path(`collector/${name}.ts`)),
    outdir: path('dist'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    // Its prebuilt binaries lie in its own folder.
    external: ['better-sqlite3'],
    legalComments: 'linked',
    // CommonJS packages inside an ES module ask for `require`.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  })
  await Promise.all([buildClient(), buildBrowser(path('dist/browser.js')), declareClient()])
  await cp(path('collector/store/sqlite/migrations'), path('dist/migrations'), { recursive: true })
  await cp(path('collector/bin.js'), path('dist/leadwake.js'))
  await writeFile(path('dist/l.js'), await buildSnippet())
}

/** What sites import: no package beside it, and nothing of Node, so that it runs at the edge too. */
async function buildClient(): Promise<void> {
  await build({
    entryPoints: [path('collector/client/server.ts')],
    outfile: path('dist/server.js'),
    bundle: true,
    platform: 'neutral',
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  })
}

/** The types of both, and the files that they name, which TypeScript finds beside them. */
async function declareClient(): Promise<void> {
  const options = {
    outDir: path('dist/types'),
    rootDir: path('.'),
    target: 'es2024',
    lib: 'es2024,dom,dom.iterable',
    module: 'nodenext',
  }
  await promisify(execFile)(process.execPath, [
    path('node_modules/typescript/bin/tsc'),
    ...[
      '--ignoreConfig',
      '--strict',
      '--declaration',
      '--emitDeclarationOnly',
      '--allowImportingTsExtensions',
    ],
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    path('collector/client/server.ts'),
    path('snippet/browser/browser.ts'),
    path('snippet/browser/built.d.ts'),
  ])
}

if (import.meta.main) await buildAll()
