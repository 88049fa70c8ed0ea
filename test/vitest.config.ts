import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** What watches a clock, a browser or a process under load: one file after the other, with nothing beside it. */
const ALONE = [
  ...['attack', 'browser', 'fault'].map((folder) => `test/${folder}/**/*.test.{ts,tsx}`),
  'test/bounds.test.ts',
  'test/snippet/chromium.test.ts',
]

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
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
