/** Sends a million beacons that no script sends and checks that none is the collector's fault: BEACONS and SEED may say otherwise. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { conservation } from '../support/metrics.ts'
import { drained, serveBuilt } from '../support/process.ts'
import { fuzz } from './fuzzing.ts'

const seed = Number(process.env.SEED ?? Date.now() % 1e6)
const folder = mkdtempSync(join(tmpdir(), 'leadwake-fuzz-'))
const collector = await serveBuilt({ LEADWAKE_DB: join(folder, 'x.db') })
try {
  const result = await fuzz(collector.origin, Number(process.env.BEACONS ?? 1_000_000), seed, (sent) => {
    if (sent % 50_000 === 0) console.log(`${sent} sent`)
  })
  await drained(collector.origin)
  const held = await conservation(collector.origin)
  console.log(JSON.stringify({ seed, ...result, ...held }))
  const faults = Object.keys(result.statuses).filter((status) => Number(status) >= 500).length
  process.exitCode = faults === 0 && held.unaccounted === 0 && held['dead-lettered'] === 0 ? 0 : 1
} finally {
  collector.child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
