import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
import { engageKey } from '../collector/event-key.ts'
import { standardDocument } from '../collector/lead/presets/standard.ts'
import { inOrder } from '../collector/lead/sessionise.ts'
import type { Decision, TrackedEvent } from '../collector/lead/state.ts'
import { DECISIONS } from '../shared/lead.ts'
import { histories } from './lead/histories.ts'
import { DAY, START } from './support/collector.ts'
import { beaconEntry, dump, type Projection, projection } from './support/projection.ts'

let state: Projection
beforeEach(async () => {
  state = await projection()
})
afterEach(() => state.remove())

let serial = 0
const decisionEntry = (
  decision: Decision['decision'],
  at: number,
  {
    contact = 'ada',
    expected = {},
    ...more
  }: Partial<Decision> & { contact?: string; expected?: { version?: number } } = {},
): EntryBody & { ref: string } => ({
  kind: 'decision',
  site: 'main',
  contact,
  decision: {
    id: { ms: at, key: ++serial },
    at,
    decision,
    by: 'Ann',
    reason: null,
    until: null,
    value: null,
    ...more,
  },
  expected,
  ref: `decision-${serial}`,
})
const identifyEntry = (id: string, visitors: string[], at: number, more = {}): EntryBody => ({
  kind: 'identify',
  site: 'main',
  newContact: id,
  visitors,
  externalId: id,
  traits: {},
  at,
  signals: [],
  ...more,
})
const demo = (at: number) => [{ id: { ms: at, key: ++serial }, name: 'demo_requested', at }]
const stages = () =>
  (
    state.db.prepare('SELECT to_stage, by FROM transitions ORDER BY no').all() as {
      to_stage: string
      by: string
    }[]
  ).map(({ to_stage, by }) => `${to_stage} by ${by}`)
const stageOf = (id: string) =>
  (
    state.db.prepare('SELECT stage FROM leads JOIN contacts ON no = contact WHERE id = ?').get(id) as
      | { stage: string }
      | undefined
  )?.stage
const sayAgain = (at: number) =>
  state.project(at, [
    { kind: 'rules', site: 'main', document: standardDocument, by: 'test', notify: 'silent' },
  ])

const ticks = (from: number, to: number): EntryBody[] =>
  Array.from({ length: to - from }, (_, i) => ({ kind: 'tick', day: from + i }))

/** The engagement that lists sort by is of the day on which a lead was last looked at; its own state says all. */
const folded = () => ({
  leads: state.db.prepare('SELECT contact, lead FROM leads').all(),
  cells: dump(state.db).cells,
})

describe('a decision in the log', () => {
  it('lands with its transition and a webhook of its own, in one transaction', async () => {
    await state.project(START, [identifyEntry('ada', ['v'], START, { signals: demo(START) })])
    const { outcomes } = await state.project(START + 1000, [
      decisionEntry('won', START + 1000, { value: 1200 }),
    ])
    expect(outcomes[0]!.outcome).toMatchObject({ status: 200, body: { stage: 'customer', version: 1 } })
    expect(stages().at(-1)).toBe('customer by Ann')
    const sent = state.db.prepare('SELECT payload FROM outbox').all() as { payload: string }[]
    expect(sent.map(({ payload }) => JSON.parse(payload).type)).toEqual([
      'lead.created',
      'lead.sql',
      'lead.won',
    ])
    for (const { payload } of sent)
      expect(JSON.parse(payload).data).toMatchObject({
        nextStep: expect.stringMatching(/./),
        segments: expect.any(Array),
      })
    expect(JSON.parse(sent[2]!.payload).data).toMatchObject({ by: 'Ann', value: 1200, why: 'won, 1200' })
  })

  it('survives rules that are applied later, a merge and an un-merge', async () => {
    await state.project(START, [
      identifyEntry('ada', ['v'], START, { signals: demo(START) }),
      identifyEntry('bob', ['w'], START + DAY, { externalId: undefined, email: 'bob@acme.org' }),
    ])
    await state.project(START + DAY, [decisionEntry('won', START + DAY)])
    await sayAgain(START + 2 * DAY)
    expect(stageOf('ada')).toBe('customer')
    await state.project(START + 3 * DAY, [
      identifyEntry('carl', [], START + 3 * DAY, { externalId: 'ada', email: 'bob@acme.org' }),
    ])
    expect([stageOf('ada'), stageOf('bob')]).toEqual(['customer', undefined])
    await state.project(START + 4 * DAY, [{ kind: 'unmerge', site: 'main', contact: 'bob' }])
    expect([stageOf('ada'), stageOf('bob')]).toEqual(['customer', 'lead'])
  })

  it('of a merged record is one of the person', async () => {
    await state.project(START, [
      identifyEntry('ada', ['v'], START),
      identifyEntry('bob', ['w'], START + DAY, {
        externalId: undefined,
        email: 'bob@acme.org',
        signals: demo(START + DAY),
      }),
    ])
    await state.project(START + DAY, [decisionEntry('accept', START + DAY, { contact: 'bob' })])
    await state.project(START + 2 * DAY, [
      identifyEntry('carl', [], START + 2 * DAY, { externalId: 'ada', email: 'bob@acme.org' }),
    ])
    expect(stageOf('ada')).toBe('sql')
    const { outcomes } = await state.project(START + 3 * DAY, [
      decisionEntry('won', START + 3 * DAY, { contact: 'bob' }),
    ])
    expect(outcomes[0]!.outcome.body).toMatchObject({ id: 'ada', stage: 'customer', version: 2 })
  })

  it('that says a past time folds the lead again', async () => {
    await state.project(START, [identifyEntry('ada', ['v'], START, { signals: demo(START) })])
    await state.project(START + 9 * DAY, [
      { kind: 'signal', site: 'main', items: [{ contact: 'ada', signal: demo(START + 8 * DAY)[0]! }] },
    ])
    await state.project(START + 9 * DAY, [decisionEntry('reject', START + 2 * DAY, { reason: 'no_need' })])
    // The demo of day 8 fell into the cool-down.
    expect(stageOf('ada')).toBe('mql')
  })

  it('makes what happened before it late, though nothing has happened since', async () => {
    const hour = 3_600_000
    const asked = (at: number) => ({
      kind: 'signal' as const,
      site: 'main',
      items: [{ contact: 'ada', signal: demo(at)[0]! }],
    })
    await state.project(START, [identifyEntry('ada', ['v'], START, { signals: demo(START) })])
    await state.project(START + 2 * hour, [decisionEntry('reject', START + 2 * hour, { reason: 'spam' })])
    await state.project(START + 3 * hour, [asked(START + hour)])
    const before = folded()
    await sayAgain(START + 3 * hour)
    expect(before).toEqual(folded())
  })

  it('is refused, and changes nothing, where it does not fit', async () => {
    await state.project(START, [identifyEntry('ada', ['v'], START, { signals: demo(START) })])
    const before = state.db.prepare('SELECT lead FROM leads').get()
    const refused = await state.project(START + DAY, [
      decisionEntry('won', START - DAY),
      decisionEntry('won', START + DAY, { contact: 'nobody' }),
      decisionEntry('restore', START + DAY),
      decisionEntry('reject', START + DAY, { reason: 'bad_timing', until: START }),
      decisionEntry('accept', START + DAY, { expected: { version: 3 } }),
    ])
    expect(refused.outcomes.map(({ outcome }) => [outcome.status, outcome.body.detail])).toEqual([
      [
        422,
        'at: 2026-11-02T09:00:00.000Z is before first contact with this person at 2026-11-03T09:00:00.000Z; send a later time',
      ],
      [404, 'no such lead'],
      [409, "'restore' is for the stage disqualified, and the lead stands at SQL"],
      [422, 'until: send a time after the decision'],
      [409, 'expectedVersion: somebody has decided since, look at the lead again'],
    ])
    expect(state.db.prepare('SELECT lead FROM leads').get()).toEqual(before)
    expect(state.db.prepare('SELECT count(*) AS n FROM decisions').get()).toEqual({ n: 0 })
  })

  it('of two people at once goes to the first; the second is told who and when', async () => {
    await state.project(START, [identifyEntry('ada', ['v'], START, { signals: demo(START) })])
    const { outcomes } = await state.project(START + 5000, [
      decisionEntry('accept', START + 4000, { expected: { version: 0 } }),
      decisionEntry('reject', START + 5000, { by: 'Bob', reason: 'no_need', expected: { version: 0 } }),
    ])
    expect(outcomes.map(({ outcome }) => outcome.status)).toEqual([200, 409])
    expect(outcomes[1]!.outcome.body.detail).toBe(
      'expectedVersion: somebody has decided since, look at the lead again; last decided by Ann at 2026-11-03T09:00:04.000Z: accepted by sales',
    )
  })
})

/** As the door makes them: a reading bears the time of its page view. */
const stored = (event: TrackedEvent): TrackedEvent =>
  event.kind === 'engage' ? { ...event, id: engageKey(event.page, event.ms, event.scroll) } : event

describe('a lead with decisions that was built live', () => {
  it('equals the one that is folded from scratch', async () => {
    const decided = fc.array(
      fc.record({
        after: fc.nat(69),
        name: fc.constantFrom(...DECISIONS),
        late: fc.constantFrom(0, 0, 0, 0, 3_600_000, 5 * DAY),
        until: fc.constantFrom(null, null, 20 * DAY),
      }),
      { maxLength: 12 },
    )
    let contacts = 0
    await fc.assert(
      fc.asyncProperty(histories({ late: true }), decided, async (history, decisions) => {
        const who = `c${++contacts}`
        const names = ['a', 'b', 'c'].map((name) => `${name}${contacts}`)
        const events = history.streams
          .flatMap((stream, i) => stream.map((event) => ({ event: stored(event), visitor: names[i]! })))
          .sort((a, b) => inOrder(a.event, b.event))
        const known = history.facts.identifiedAt
        const entries = [
          { now: known, body: identifyEntry(who, names, known) },
          ...events.map(({ event, visitor }, i) => ({
            now: event.at + history.delays[i]!,
            body: beaconEntry(visitor, [event]),
          })),
          ...decisions.map(({ after, name, late, until }) => {
            const at = Math.max(known, events[after % events.length]!.event.at + 1)
            const reason = name === 'reject' ? 'bad_timing' : null
            return {
              now: at + late,
              body: decisionEntry(name, at, {
                contact: who,
                reason,
                until: name === 'reject' && until !== null ? at + until : null,
              }),
            }
          }),
        ].sort((a, b) => a.now - b.now)
        let last = 0
        for (const { now, body } of entries) {
          const day = Math.floor(now / DAY)
          // Ticks stand in the log before the next day's first entry.
          if (last > 0 && day > last) await state.project(now, ticks(last, day))
          last = day
          await state.project(now, [body])
        }
        const now = entries.at(-1)!.now
        const before = folded()
        await sayAgain(now)
        expect(before).toEqual(folded())
        state.remove()
        state = await projection()
      }),
      { numRuns: 40 },
    )
  }, 60_000)
})
