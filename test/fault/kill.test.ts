import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { killRounds } from './kill-rounds.ts'

describe('kill -9 under load', () => {
  it('leaves every acknowledged event there once, in the state, the totals and the sums, as a fresh projection has them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leadwake-kill-'))
    try {
      const result = await killRounds({ db: join(folder, 'x.db'), rounds: 4, seed: 20261122 })
      expect(result).toMatchObject({ lost: 0, double: 0, unbalanced: 0, differing: [] })
      expect(result.acknowledged).toBeGreaterThan(50)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }, 180_000)
})
