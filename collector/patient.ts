import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from './entry.ts'
import { LogUnavailable } from './log/log.ts'
import type { ProjectorThread } from './projecting.ts'
import type { Perform } from './seed.ts'

/** A minute in all: a thread that has not loaded by then never will. */
const MAX_LOOKS = 1_200
const LOOK_EVERY_MS = 50

/**
 * Does it again while the log cannot be written: a server that leads it may be being elected as the process starts.
 * Throws `LogUnavailable` after a minute.
 */
export async function untilTaken<T>(
  work: () => Promise<T>,
  pause: () => Promise<unknown> = () => sleep(LOOK_EVERY_MS),
): Promise<T> {
  for (let look = 0; ; look++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof LogUnavailable) || look >= MAX_LOOKS) throw error
      await pause()
    }
  }
}

/**
 * Performs for who cannot go on without the outcome. While the process starts, the projector's thread may still be
 * loading when a call's two seconds are over; the entry is durable, so its outcome is looked for until it is there.
 * Throws `LogUnavailable` after a minute.
 */
export function patiently(
  perform: ProjectorThread['perform'],
  outcomeOf: (ref: string) => Promise<unknown>,
  pause: () => Promise<unknown> = () => sleep(LOOK_EVERY_MS),
): Perform {
  return async (entry) => {
    const result = await untilTaken(() => perform(entry), pause)
    if ('outcome' in result) return result.outcome
    for (let look = 0; look < MAX_LOOKS; look++) {
      const outcome = (await outcomeOf(result.ref)) as Outcome | undefined
      if (outcome) return outcome
      await pause()
    }
    throw new LogUnavailable('the projector did not answer within a minute')
  }
}
