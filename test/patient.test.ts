import { expect, it } from 'vitest'
import { ENTRY_VERSION, type Outcome } from '../collector/entry.ts'
import { LogUnavailable } from '../collector/log/log.ts'
import { patiently, untilTaken } from '../collector/patient.ts'

const entry = { kind: 'key-revoked', v: ENTRY_VERSION, id: 'a' } as const
const done: Outcome = { status: 200, body: { id: 'a' } }

it('takes an outcome that comes in time, and asks for none', async () => {
  const perform = patiently(
    async () => ({ outcome: done }),
    () => Promise.reject(new Error('asked')),
  )
  expect(await perform(entry)).toBe(done)
})

it('looks for one that is late until it is there, under the reference of the entry', async () => {
  let pauses = 0
  const asked: string[] = []
  const perform = patiently(
    async () => ({ late: true, ref: 'r1' }),
    async (ref) => {
      asked.push(ref)
      return pauses === 3 ? done : undefined
    },
    async () => pauses++,
  )
  expect(await perform(entry)).toBe(done)
  expect(asked).toEqual(['r1', 'r1', 'r1', 'r1'])
})

it('gives up after a minute, in words', async () => {
  let pauses = 0
  const perform = patiently(
    async () => ({ late: true, ref: 'r1' }),
    async () => undefined,
    async () => pauses++,
  )
  await expect(perform(entry)).rejects.toThrow('within a minute')
  expect(pauses).toBe(1_200)
})

it('does again what the log did not take, and nothing else', async () => {
  let tries = 0
  const taken = untilTaken(
    async () => {
      if (++tries < 4) throw new LogUnavailable('no leader')
      return tries
    },
    async () => {},
  )
  expect(await taken).toBe(4)
  const broken = untilTaken(
    () => Promise.reject(new Error('broken')),
    () => Promise.reject(new Error('tried again')),
  )
  await expect(broken).rejects.toThrow('broken')
})
