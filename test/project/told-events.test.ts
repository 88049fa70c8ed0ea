import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { TrackedEvent } from '../../collector/lead/state.ts'
import { Told } from '../../collector/project/told-events.ts'

const event = (n: number) => ({ id: { ms: n >> 2, key: n & 3 } }) as TrackedEvent
const name = ({ id }: TrackedEvent) => `${id.ms} ${id.key}`

it('knows its events by id, few or many, as they come and are taken back', () => {
  const step = fc.oneof({ weight: 3, arbitrary: fc.nat(99) }, { weight: 1, arbitrary: fc.constant(null) })
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(99), { maxLength: 30 }),
      fc.array(step, { maxLength: 60 }),
      (first, steps) => {
        const told = new Told(1, first.map(event))
        const expected = first.map(event)
        for (const one of steps) {
          if (one === null) {
            told.takeLast()
            expected.pop()
          } else if (!told.has(event(one).id)) {
            told.add(event(one))
            expected.push(event(one))
          }
          const names = new Set(expected.map(name))
          for (let n = 0; n < 100; n++) expect(told.has(event(n).id)).toBe(names.has(name(event(n))))
        }
        expect(told.events).toEqual(expected)
      },
    ),
  )
})
