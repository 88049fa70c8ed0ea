import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Journal } from '../../collector/project/journal.ts'

const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key: fc.nat(3), value: fc.option(fc.nat()) }),
  fc.record({ do: fc.constant('delete' as const), key: fc.nat(3) }),
  fc.record({ do: fc.constant('add' as const), key: fc.nat(3) }),
  fc.record({ do: fc.constant('note' as const), key: fc.nat(3) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const stateOf = () => ({
  map: new Map<number, number | null>(),
  set: new Set<number>(),
  list: [] as number[],
})

function take(journal: Journal, { map, set, list }: ReturnType<typeof stateOf>, one: Step): void {
  if (one.do === 'set') journal.set(map, one.key, one.value)
  else if (one.do === 'delete') journal.delete(map, one.key)
  else if (one.do === 'add') journal.add(set, one.key)
  else {
    list.push(one.key)
    journal.note((of) => {
      of.pop()
    }, list)
  }
}

describe('what an entry changed', () => {
  it('is as it was before, once it is taken back', () => {
    fc.assert(
      fc.property(fc.array(step), fc.array(step), (before, entry) => {
        const journal = new Journal()
        const state = stateOf()
        for (const one of before) take(journal, state, one)
        const kept = structuredClone(state)
        journal.begin()
        for (const one of entry) take(journal, state, one)
        journal.takeBack()
        expect(state).toEqual(kept)
        // Nothing is taken back twice.
        journal.takeBack()
        expect(state).toEqual(kept)
      }),
    )
  })
})
