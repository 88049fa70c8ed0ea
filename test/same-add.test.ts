import { describe, expect, it } from 'vitest'
import { sameAdds } from '../collector/same-add.ts'

const SECOND = 1_000

type Told = [seconds: number, way: number, visitor?: string]
const stories: [title: string, told: Told[], counted: number][] = [
  [
    'two ways at once',
    [
      [0, 1],
      [0, 2],
    ],
    1,
  ],
  [
    'a form, and 9 s later the page that it led to',
    [
      [0, 3],
      [9, 1],
    ],
    1,
  ],
  [
    'the same 11 s later',
    [
      [0, 3],
      [11, 1],
    ],
    2,
  ],
  [
    'two products by one way',
    [
      [0, 1],
      [0, 1],
    ],
    2,
  ],
  [
    'two adds, each by two ways',
    [
      [0, 1],
      [0, 2],
      [3, 1],
      [3, 2],
    ],
    2,
  ],
  [
    'told late, though it happened before',
    [
      [5, 1],
      [0, 2],
    ],
    1,
  ],
  [
    'two visitors',
    [
      [0, 1, 'a'],
      [0, 2, 'b'],
    ],
    2,
  ],
]

describe('an add that is told again', () => {
  it.each(stories)('%s', (_title, told, counted) => {
    const isTold = sameAdds()
    const kept = told.filter(([seconds, way, visitor = 'a']) => !isTold(visitor, seconds * SECOND, way))
    expect(kept).toHaveLength(counted)
  })

  it('forgets the visitors that were heard of longest ago', () => {
    const isTold = sameAdds()
    for (let n = 0; n <= 10_000; n++) isTold(`visitor-${n}`, 0, 1)
    expect(isTold('visitor-10000', 0, 2)).toBe(true)
    expect(isTold('visitor-0', 0, 2)).toBe(false)
  })
})
