import { expect, it } from 'vitest'
import { doorCounts } from '../collector/counts.ts'

it('gives what was counted once, and counts on with what could not be stored', () => {
  const counts = doorCounts()
  expect(counts.take()).toBeUndefined()
  counts.drop('bot', 3)
  counts.reject('malformed')
  counts.note('bad-signature')
  const entry = counts.take()!
  expect(entry).toMatchObject({
    dropped: { bot: 3 },
    rejected: { malformed: 1 },
    noted: { 'bad-signature': 1 },
  })
  expect(counts.take()).toBeUndefined()
  counts.drop('bot', 1)
  counts.giveBack(entry)
  expect(counts.take()).toMatchObject({
    dropped: { bot: 4 },
    rejected: { malformed: 1 },
    noted: { 'bad-signature': 1 },
  })
})

it('tells the drops of known sites apart', () => {
  const counts = doorCounts()
  counts.drop('bot', 3, 'main')
  counts.drop('unknown-site', 1)
  const entry = counts.take()!
  expect(entry.sites).toEqual({ main: { bot: 3 } })
  counts.drop('bot', 1, 'main')
  counts.giveBack(entry)
  expect(counts.take()).toMatchObject({
    dropped: { bot: 4, 'unknown-site': 1 },
    sites: { main: { bot: 4 } },
  })
})
