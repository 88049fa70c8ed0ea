/** Builds `dist/`: one bundle for each thread, the browser script, the migrations. */
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { buildSnippet } from '../snippet/build.ts'

const path = (name: string) => new URL(`../${name}`, import.meta.url).pathname

export async function buildAll(): Promise<void> {
  await rm(path('dist'), { recursive: true, force: true })
  await mkdir(path('dist'), { recursive: true })
  await build({
    entryPoints: ['main', 'projector-thread', 'reader-thread'].map((name) => path(`collector/${name}.ts`)),
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
  await cp(path('collector/store/sqlite/migrations'), path('dist/migrations'), { recursive: true })
  await cp(path('collector/bin.js'), path('dist/leadwake.js'))
  await writeFile(path('dist/l.js'), await buildSnippet())
}

if (import.meta.main) await buildAll()
