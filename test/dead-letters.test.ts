import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
import { standardDocument } from '../collector/lead/presets/standard.ts'
import { DAY, START } from './support/collector.ts'
import { beaconEntry, type Projection, projection } from './support/projection.ts'

let state: Projection
beforeEach(async () => {
  state = await projection()
})
afterEach(() => state.remove())

const late = (n: number): EntryBody => ({
  kind: 'beacon',
  site: 'late',
  visitor: 'v',
  agent: null,
  events: [{ kind: 'page', id: { ms: START, key: n }, at: START, path: '/' }],
})
const site: EntryBody = {
  kind: 'site',
  id: 'late',
  name: 'Late',
  consent: 'given',
  hosts: [],
  rules: standardDocument,
  secret: 's',
}
const buried = () => state.db.prepare('SELECT seq, reason FROM dead_letters ORDER BY seq').all()
const counts = () =>
  Object.fromEntries(
    (state.db.prepare('SELECT name, n FROM counts').all() as { name: string; n: number }[]).map(
      ({ name, n }) => [name, n],
    ),
  )
const replay = (seqs: number[]): EntryBody & { ref: string } => ({ kind: 'replay', seqs, ref: 'again' })

describe('replay of dead letters', () => {
  it('projects them once their cause is mended, and counts each event once', async () => {
    await state.project(START, [late(1), late(2), beaconEntry('v', [])])
    expect(counts()).toMatchObject({ received: 2, dead: 2 })
    const [first, second] = buried() as { seq: number }[]
    await state.project(START, [site])
    const { outcomes } = await state.project(START + 1, [replay([first!.seq, second!.seq, 99])])
    expect(outcomes[0]!.outcome.body).toEqual({
      replayed: [first!.seq, second!.seq],
      failed: [],
      unknown: [99],
    })
    expect(buried()).toEqual([])
    expect(counts()).toMatchObject({ received: 2, dead: 0, stored: 2, duplicate: 0 })
    expect(state.db.prepare('SELECT sum(views) AS views FROM quarters').get()).toEqual({ views: 2 })
  })

  it('keeps one that fails again, and lets the others through', async () => {
    await state.project(START, [late(1), { ...late(2), site: 'gone' } as EntryBody])
    const seqs = (buried() as { seq: number }[]).map(({ seq }) => seq)
    await state.project(START, [site])
    const { outcomes } = await state.project(START, [replay(seqs)])
    expect(outcomes[0]!.outcome.body).toMatchObject({
      replayed: [seqs[0]],
      failed: [{ seq: seqs[1], reason: "the site 'gone' is not known" }],
    })
    expect(buried()).toEqual([{ seq: seqs[1], reason: "the site 'gone' is not known" }])
    expect(counts()).toMatchObject({ received: 2, dead: 1, stored: 1 })
  })

  it('discards for good, and forgets after 90 days', async () => {
    await state.project(START, [late(1), late(2)])
    const [first] = buried() as { seq: number }[]
    await state.project(START, [{ kind: 'discard', seqs: [first!.seq] }])
    expect(buried()).toHaveLength(1)
    const today = Math.floor(START / DAY)
    await state.project(START + 90 * DAY, [{ kind: 'tick', day: today + 89 }])
    expect(buried()).toHaveLength(1)
    await state.project(START + 91 * DAY, [{ kind: 'tick', day: today + 90 }])
    expect(buried()).toHaveLength(0)
  })
})
