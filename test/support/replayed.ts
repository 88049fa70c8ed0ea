import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { replayDemo } from '../../collector/cli/demo.ts'
import { type TestCollector, type TestOptions, testCollector } from './collector.ts'

export interface Replayed extends TestOptions {
  /** ms; today of the collector and of the replay. */
  now: number
  visitors: number
}

/** A collector whose demo site has three months behind it. */
export async function replayedCollector({ now, visitors, ...rest }: Replayed): Promise<TestCollector> {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-replayed-'))
  const db = join(folder, 'x.db')
  const options = { ...rest, db, now, demo: true }
  const first = await testCollector(options)
  await first.stop()
  await replayDemo(db, { now, visitors })
  const collector = await testCollector(options)
  return {
    ...collector,
    async remove() {
      await collector.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
