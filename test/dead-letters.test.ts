import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
import { standardDocument } from '../collector/lead/presets/standard.ts'
import type { TrackedEvent } from '../collector/lead/state.ts'
import { DAY, START } from './support/collector.ts'
import { beaconEntry, type Projection, projection } from './support/projection.ts'
import { outboxOf, webhookEntry } from './webhook/support.ts'

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

  it('tells of what follows from one behind what was told in its place before', async () => {
    let isBroken = false
    const watched = await projection({}, (store) => ({
      ...store,
      contactByIdentity(site, kind, value) {
        if (isBroken && kind === 'external') throw new Error('odd')
        return store.contactByIdentity(site, kind, value)
      },
    }))
    const page = (days: number, path = '/pricing'): TrackedEvent => {
      const at = START - days * DAY - path.length
      return { kind: 'page', id: { ms: at, key: days }, at, path }
    }
    const person = { visitors: ['v'], externalId: 'x', traits: {}, signals: [], at: START }
    await watched.project(START, [
      webhookEntry('wh_1'),
      beaconEntry('v', [page(1)]),
      { kind: 'identify', site: 'main', newContact: 'ada', ...person },
    ])
    // What comes late makes it an MQL at the end of the batch, of which the last entry fails.
    const late = [6, 5, 4, 3, 2].flatMap((days) => [page(days, '/services/audit'), page(days)])
    const signal = { id: { ms: START, key: 7 }, name: 'demo_requested', at: START }
    isBroken = true
    await watched.project(START + 1, [
      beaconEntry('v', late),
      { kind: 'signal', site: 'main', items: [{ contact: 'x', signal }] },
    ])
    const told = () => outboxOf(watched).map(({ type }) => type)
    expect(told()).toEqual(['lead.created', 'lead.mql'])
    isBroken = false
    const [letter] = watched.db.prepare('SELECT seq FROM dead_letters').pluck().all() as number[]
    await watched.project(START + 2, [replay([letter!])])
    expect(told()).toEqual(['lead.created', 'lead.mql', 'lead.sql'])
    watched.remove()
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
