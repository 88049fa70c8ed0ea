import { describe, expect, it } from 'vitest'
import { createSignal, hurries, hurry, isStopping, lingered, ring, ringToStop } from '../collector/signal.ts'

const LONG_MS = 60_000
const SHORT_MS = 1

describe('a projector that lets entries come together', () => {
  it.each([
    ['is told of one that somebody waits for', hurry],
    ['is to stop', ringToStop],
  ])('goes on when it %s', async (_, tell) => {
    const signal = createSignal()
    const lingering = lingered(signal, hurries(signal), LONG_MS)
    tell(signal)
    await lingering
    expect(isStopping(signal)).toBe(tell === ringToStop)
  })

  it('does not wait for more where it was told while it was at work', async () => {
    const signal = createSignal()
    const before = hurries(signal)
    hurry(signal)
    await lingered(signal, before, LONG_MS)
  })

  it('lets its time pass where nobody waits', async () => {
    const signal = createSignal()
    let isOver = false
    const lingering = lingered(signal, hurries(signal), SHORT_MS).then(() => {
      isOver = true
    })
    ring(signal)
    await Promise.resolve()
    expect(isOver).toBe(false)
    await lingering
  })
})
