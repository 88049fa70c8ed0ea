import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByStart } from '../../collector/project/by-start.ts'
import { Journal } from '../../collector/project/journal.ts'

const step = fc.record({
  does: fc.constantFrom('set', 'delete'),
  at: fc.integer({ min: 0, max: 3 }),
  value: fc.option(fc.integer()),
})
const contentOf = (visits: ByStart<number | null>): Map<number, number | null> => {
  const content = new Map<number, number | null>()
  visits.each((value, at) => content.set(at, value))
  return content
}

describe('visits by their start', () => {
  it('are those of a map, and as they were once what was done is taken back', () => {
    fc.assert(
      fc.property(fc.array(step), fc.array(step), (before, since) => {
        const [visits, map, journal] = [new ByStart<number | null>(), new Map(), new Journal()]
        const take = (steps: typeof before) => {
          for (const { does, at, value } of steps) {
            if (does === 'set') {
              journal.set(visits, at, value)
              map.set(at, value)
            } else expect(journal.delete(visits, at)).toBe(map.delete(at))
            expect(visits.get(at)).toBe(map.get(at))
          }
          expect(contentOf(visits)).toEqual(map)
        }
        take(before)
        const kept = contentOf(visits)
        journal.begin()
        take(since)
        journal.takeBack()
        expect(contentOf(visits)).toEqual(kept)
      }),
    )
  })
})
