import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const root = new URL('..', import.meta.url).pathname

/**
 * Node keeps what it has compiled, for all processes and threads of a run: a collector's two threads load some hundred
 * modules of TypeScript each, which takes 0.75 s of a processor without and 0.45 s with it.
 */
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/leadwake-compiled')

/** What watches a clock, a browser or a process under load: one file after the other, with nothing beside it. */
const ALONE = [
  ...['attack', 'browser', 'fault'].map((folder) => `test/${folder}/**/*.test.{ts,tsx}`),
  'test/bounds.test.ts',
  'test/snippet/chromium.test.ts',
]

export default defineConfig({
  root,
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ALONE,
          globalSetup: ['test/support/postgres-server.ts'],
          maxWorkers: Math.max(2, availableParallelism()),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
