/**
 * Kills the collector under load, again and again, and checks after each restart that every acknowledged event is
 * there once and projected. `npm run test:fault`; ROUNDS says how often (25).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killRounds } from './kill-rounds.ts'

const folder = mkdtempSync(join(tmpdir(), 'leadwake-kill-'))
try {
  const result = await killRounds({
    db: join(folder, 'x.db'),
    rounds: Number(process.env.ROUNDS ?? 25),
    seed: Date.now() % 1e9,
  })
  console.log(JSON.stringify(result))
  const failed = result.lost + result.double + result.unbalanced + result.differing.length
  console.log(
    `${result.rounds} kills, ${result.acknowledged} acknowledged events: ${result.lost} lost, ${result.double} double`,
  )
  process.exitCode = failed === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
