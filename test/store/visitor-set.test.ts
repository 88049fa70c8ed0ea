import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type KnownWord, WORD } from '../../collector/store/known-words.ts'
import {
  further,
  MOST_LISTED,
  NUMBERS,
  SKETCH_ERROR,
  sizeOf,
  VisitorSet,
  VisitorUnion,
} from '../../collector/store/visitor-set.ts'

const setOf = (numbers: Iterable<number>) => {
  const set = new VisitorSet()
  for (const no of numbers) set.add(no)
  return set
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
const number = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 31 - 1 }))

function wordsOf(numbers: readonly number[]): KnownWord[] {
  const words = new Map<number, number>()
  for (const no of numbers) {
    const word = Math.floor(no / WORD)
    words.set(word, (words.get(word) ?? 0) + 2 ** (no % WORD))
  }
  return [...words]
}

describe('a list', () => {
  it('is what went in, over bytes and back', () => {
    fc.assert(
      fc.property(fc.array(number, { maxLength: 200 }), (numbers) => {
        const bytes = setOf(numbers).encode()
        expect(new Set(VisitorSet.decode(bytes).members())).toEqual(new Set(numbers))
        expect(sizeOf(bytes)).toBe(new Set(numbers).size)
      }),
    )
  })

  it('takes one to three bytes a visitor of the first two million', () => {
    expect(setOf([127]).encode()).toHaveLength(2)
    expect(setOf([2 ** 21 - 1]).encode()).toHaveLength(4)
  })

  it('is the same written again and again as written once', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: number },
      { weight: 1, arbitrary: fc.constant('write' as const) },
      { weight: 1, arbitrary: fc.constant('let go' as const) },
    )
    fc.assert(
      fc.property(fc.constantFrom(0, NUMBERS), fc.array(step, { maxLength: 200 }), (first, steps) => {
        const set = new VisitorSet()
        const written: { bytes: Buffer; copy: Buffer }[] = []
        for (const one of steps) {
          if (one === 'let go') set.delete(set.members()!.at(-1) ?? 0)
          else if (one !== 'write') set.add(first + one)
          else written.push({ bytes: set.encode(), copy: Buffer.from(set.encode()) })
        }
        // One that was emptied still knows whose it is.
        if (!set.isEmpty) expect(set.encode()).toEqual(setOf(set.members()!).encode())
        for (const { bytes, copy } of written) expect(bytes).toEqual(copy)
      }),
    )
  })

  it('lets go of a visitor', () => {
    const set = setOf([1, 2])
    expect(set.delete(2)).toBe(true)
    expect(set.delete(2)).toBe(false)
    expect(set.members()).toEqual([1])
  })
})

describe('a union', () => {
  it('of lists is exact', () => {
    const small = fc.integer({ min: 1, max: 50_000 })
    fc.assert(
      fc.property(fc.array(fc.array(small, { maxLength: 60 }), { maxLength: 6 }), (lists) => {
        const union = new VisitorUnion()
        for (const list of lists) union.add(setOf(list).encode())
        expect(union.count()).toEqual({ count: new Set(lists.flat()).size, error: 0 })
      }),
    )
  })

  it.each([
    ['nothing', []],
    ['one', [[7]]],
    ['two short ones that overlap', [range(1, 300), range(200, 400)]],
    ['short ones that are many together', Array.from({ length: 40 }, (_, i) => range(i * 50, i * 50 + 100))],
    [
      'a short one and long ones',
      [range(1, 50), range(40, 3_000), range(90_000, 93_000), range(2_900, 2_950)],
    ],
    ['a visitor that is far off', [range(1, 3_000), [4_000_000]]],
  ])('is exact where none of them is a sketch: %s', (_, lists) => {
    const union = new VisitorUnion()
    // A number is given out once, from 1 on.
    const wanted = lists.map((list) => [...list].filter((no) => no > 0))
    for (const list of wanted) expect(union.take(setOf(list).encode())).toBe(list.length)
    const exact = { count: new Set(wanted.flat()).size, error: 0 }
    expect(union.count()).toEqual(exact)
    expect(union.count()).toEqual(exact)
  })

  it.each([
    ['few', [range(1, 50)], range(40, 60), 39],
    ['many', [range(1, 3_000), range(2_000, 5_000)], range(4_990, 9_000), 4_989],
    ['many, none of them known', [range(1, 3_000)], [], 2_999],
    ['nobody', [], range(1, 9), 0],
    [
      'those of several projectors',
      [range(1, 9), range(NUMBERS + 1, NUMBERS + 9)],
      [1, NUMBERS + 1, NUMBERS * 2],
      14,
    ],
  ])('tells how many are none of others: %s', (_, lists, known, left) => {
    const union = new VisitorUnion()
    for (const list of lists) union.add(setOf(list).encode())
    const before = union.count()
    expect(union.without([...known])).toBe(left)
    expect(union.without([...known])).toBe(left)
    expect(union.withoutWords(wordsOf([...known]))).toBe(left)
    expect(union.count()).toEqual(before)
    union.add(setOf([20_000]).encode())
    expect(union.count().count).toBe(before.count + 1)
  })

  it('of a sketch tells about how many are none of others', () => {
    const union = new VisitorUnion().add(setOf(range(1, 40_001)).encode())
    const left = union.without([...range(20_001, 40_001)])
    expect(Math.abs(left - 20_000) / 40_000).toBeLessThan(3 * SKETCH_ERROR)
    expect(union.withoutWords(wordsOf([...range(20_001, 40_001)]))).toBe(left)
  })

  it.each([
    ['just beyond a list', [range(1, MOST_LISTED + 2)]],
    ['of sketches that overlap', [range(1, 60_000), range(30_000, 90_000), range(50_000, 120_001)]],
    ['of a sketch and lists', [range(1, 20_000), range(500_000, 501_000), range(19_000, 19_500)]],
    ['of a million', [range(1, 1_000_001)]],
  ])('tells how many there are within three of its errors: %s', (_, lists) => {
    const union = new VisitorUnion()
    for (const list of lists) union.add(setOf(list).encode())
    const exact = new Set(lists.flat()).size
    const { count, error } = union.count()
    expect(error).toBe(SKETCH_ERROR)
    expect(error).toBeLessThan(0.017)
    expect(Math.abs(count - exact) / exact).toBeLessThan(3 * SKETCH_ERROR)
  })
})

describe('a sketch', () => {
  it('goes on growing after it was read again, and keeps whom it has seen', () => {
    const set = VisitorSet.decode(setOf(range(1, 10_000)).encode())
    expect(set.members()).toBeUndefined()
    expect(set.delete(5)).toBe(false)
    expect(set.add(5)).toBe(false)
    for (const no of range(10_000, 40_000)) set.add(no)
    expect(Math.abs(sizeOf(set.encode()) - 39_999) / 39_999).toBeLessThan(3 * SKETCH_ERROR)
  })
})

describe('where several projectors give out numbers', () => {
  const of = (part: number, numbers: Iterable<number>) =>
    setOf([...numbers].map((no) => part * NUMBERS + no)).encode()

  it('a list is what went in, over bytes and back', () => {
    const part = fc.integer({ min: 0, max: 8_191 })
    fc.assert(
      fc.property(part, fc.array(number, { maxLength: 50 }), (part, numbers) => {
        const there = numbers.map((no) => part * NUMBERS + no)
        const bytes = setOf(there).encode()
        expect(new Set(VisitorSet.decode(bytes).members())).toEqual(new Set(there))
        expect(sizeOf(bytes)).toBe(new Set(numbers).size)
      }),
    )
  })

  it('a list may be written on', () => {
    const part = fc.integer({ min: 0, max: 8_191 })
    const numbers = fc.uniqueArray(number, { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(part, numbers, fc.nat(49), (part, numbers, at) => {
        const there = numbers.map((no) => part * NUMBERS + no)
        const before = setOf(there.slice(0, at + 1))
        expect(before.isOpen).toBe(true)
        const bytes = Buffer.concat([before.encode(), further(there.slice(at + 1))])
        expect(bytes).toEqual(setOf(there).encode())
      }),
    )
    const mixed = setOf([1, NUMBERS + 1])
    const sketch = setOf(range(1, MOST_LISTED + 2))
    expect([mixed, sketch, setOf([])].map(({ isOpen }) => isOpen)).toEqual([false, false, false])
  })

  it('their visitors are others, of lists and of sketches', () => {
    const few = new VisitorUnion()
      .add(of(0, [1, 2]))
      .add(of(1, [1, 2, 3]))
      .add(of(300, [1]))
    expect(few.add(of(1, [3, 4])).count()).toEqual({ count: 7, error: 0 })
    const many = new VisitorUnion().add(of(0, range(1, 20_001))).add(of(1, range(1, 20_001)))
    const { count } = many.add(of(2, range(1, 1_001))).count()
    expect(Math.abs(count / 41_000 - 1)).toBeLessThan(4 * SKETCH_ERROR)
  })

  it('one set may hold visitors of all of them: what went in, and counted as theirs apart would be', () => {
    const numbers = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), number), { maxLength: 60 })
    fc.assert(
      fc.property(numbers, numbers, (some, more) => {
        const [here, there] = [some, more].map((list) => list.map(([part, no]) => part * NUMBERS + no))
        const bytes = setOf(here!).encode()
        expect(new Set(VisitorSet.decode(bytes).members())).toEqual(new Set(here))
        const size = new Set(here).size
        expect([sizeOf(bytes), new VisitorUnion().take(bytes)]).toEqual([size, size])
        const all = new Set([...here!, ...there!])
        const union = new VisitorUnion().add(bytes).add(setOf(there!).encode())
        expect(union.count()).toEqual({ count: all.size, error: 0 })
        const joined = VisitorSet.decode(bytes).join(VisitorSet.decode(setOf(there!).encode()))
        expect(new Set(VisitorSet.decode(joined.encode()).members())).toEqual(all)
        for (const no of here!) joined.delete(no)
        const left = new Set(there!.filter((no) => !here!.includes(no)))
        expect(new Set(VisitorSet.decode(joined.encode()).members())).toEqual(left)
      }),
    )
  })

  it('a sketch that another joins is that of both', () => {
    const both = setOf([...range(1, 9_000), ...range(1, 9_000).map((no) => NUMBERS + no)])
    const joined = setOf(range(1, 9_000)).join(VisitorSet.decode(of(1, range(1, 9_000))))
    expect(joined.encode().equals(both.encode())).toBe(true)
    expect(
      setOf([3])
        .join(setOf(range(1, 9_000)))
        .encode(),
    ).toEqual(setOf(range(1, 9_000)).encode())
  })
})
