/** The projector killed wherever it is: what it leaves is what one that was never killed makes of the same log. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ENTRY_VERSION, type Entry } from '../../collector/entry.ts'
import { filesOf, prepareFiles } from '../../collector/files.ts'
import { openSqliteLog } from '../../collector/log/sqlite.ts'
import { siteEntry } from '../../collector/seed.ts'
import { project, stateOf } from './fresh.ts'
import { randomFrom } from './random.ts'

const START = Date.UTC(2026, 10, 3, 9)
const KILLED = new URL('./killed-thread.ts', import.meta.url)

/** Visits of forty people over three days, of whom some say who they are and do what scores; some come twice or late. */
function history(random: () => number): object[] {
  const entries: object[] = [siteEntry('main', 'Main', 'given')]
  const pick = (n: number) => Math.floor(random() * n)
  for (let n = 1; n <= 600; n++) {
    const at = START + n * 400_000 - (random() < 0.1 ? pick(20_000_000) : 0)
    const visitor = `v${pick(40)}`
    const id = { ms: at, key: n }
    const events: object[] = [{ kind: 'page', id, at, path: ['/', '/pricing', '/blog'][pick(3)] }]
    if (random() < 0.3)
      events.push({
        kind: 'engage',
        id: { ms: at, key: 10_000 + n },
        at,
        page: id,
        ms: pick(60_000),
        scroll: 50,
      })
    if (random() < 0.2)
      events.push({ kind: 'cart', id: { ms: at, key: 20_000 + n }, at, product: 'Pump', quantity: 1 })
    const beacon = { kind: 'beacon', site: 'main', visitor, agent: 'desktop', events }
    entries.push(beacon)
    if (random() < 0.1) entries.push(beacon)
    if (random() < 0.1)
      entries.push({
        kind: 'identify',
        site: 'main',
        newContact: `contact-${n}`,
        visitors: [visitor],
        email: `${visitor}@acme.org`,
        traits: {},
        at,
        signals: random() < 0.5 ? [{ id: { ms: 0, key: n }, name: 'demo_requested', at }] : [],
      })
    if (n % 216 === 0) entries.push({ kind: 'tick', day: Math.floor(at / 86_400_000) - 1 })
  }
  return entries
}

it('is the same as a projection of the same log that was never killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-projector-kills-'))
  const fresh = filesOf(join(folder, 'fresh.db'))
  const killed = filesOf(join(folder, 'killed.db'))
  try {
    prepareFiles(fresh)
    // Each commit its own time, as the clock would give it.
    let now = START
    const log = openSqliteLog(fresh.log, { now: () => now })
    for (const body of history(randomFrom(20261122))) {
      now += 400_000
      await log.append({ v: ENTRY_VERSION, ...body } as Entry)
    }
    log.checkpoint()
    await log.close()
    copyFileSync(fresh.log, killed.log)
    prepareFiles(killed)
    expect(await project(fresh)).toBe(0)
    expect(await project(killed, KILLED)).toBeGreaterThanOrEqual(3)
    const [one, other] = [stateOf(fresh), stateOf(killed)]
    expect(other).toEqual(one)
    expect(one.outbox.length).toBeGreaterThan(5)
    expect((one as Record<string, unknown[]>).leads!.length).toBeGreaterThan(5)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 180_000)
