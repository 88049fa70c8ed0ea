import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { day, inputsOf, tableOf } from './bench/scale.ts'

describe('docs/scale.md', () => {
  it('has the table that its script makes of the measured inputs', () => {
    const text = readFileSync(new URL('../docs/scale.md', import.meta.url), 'utf8')
    expect(text).toContain(tableOf(inputsOf()))
  })
})

describe('a day of traffic', () => {
  const { assumed } = inputsOf()

  it.each([
    ['twice the peak catches up in as long as it stood still', 2_000, { longestLag: 601, catchUp: 599 }],
    ['four times the peak does in a third of that', 4_000, { longestLag: 600, catchUp: 199 }],
  ])('%s', (_name, capacity, expected) => {
    expect(day(1_000, capacity, assumed)).toEqual(expected)
  })

  it('lags by hours where the projectors cannot take what the peak brings', () => {
    expect(day(1_000, 600, assumed).longestLag).toBeGreaterThan(3_600)
  })
})
