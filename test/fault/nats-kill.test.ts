import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENTRY_VERSION, type Entry } from '../../collector/entry.ts'
import { type IntakeLog, type LoggedEntry, LogUnavailable } from '../../collector/log/log.ts'
import { createNatsLog, type NatsLogOptions, openNatsLog } from '../../collector/log/nats.ts'
import { type NatsServer, natsServer, natsVersion, onNats } from '../support/nats.ts'

const KILLS = 5
const GROUP = 20
/** From the server's return to the first acknowledgement, ms. */
const BACK_MS = 5_000

const entry = (n: number): Entry => ({ kind: 'tick', v: ENTRY_VERSION, day: n })
const daysOf = (entries: readonly LoggedEntry[]) => entries.map(({ entry }) => (entry as { day: number }).day)

describe.skipIf(!natsVersion)(`the log, when its server is killed: ${onNats}`, () => {
  let server: NatsServer
  let logs: IntakeLog[]
  beforeEach(async () => {
    server = await natsServer()
    await createNatsLog(server.url, 'log-1')
    logs = []
  })
  afterEach(async () => {
    await Promise.all(logs.map((log) => log.close()))
    await server.remove()
  })
  const open = async (options?: NatsLogOptions) => {
    const log = await openNatsLog(server.url, options)
    logs.push(log)
    return log
  }

  it('holds every acknowledged entry in order and once, refuses while it is away, and goes on by itself', async () => {
    const log = await open()
    const acknowledged: number[] = []
    const refused = new Map<number, unknown>()
    let next = 0
    /** Appends a group; what came of it is known when it resolves. */
    async function appendGroup(): Promise<void> {
      const group = Array.from({ length: GROUP }, () => next++)
      const settled = await Promise.allSettled(group.map((n) => log.append(entry(n))))
      for (const [i, one] of settled.entries())
        if (one.status === 'fulfilled') acknowledged.push(group[i]!)
        else refused.set(group[i]!, one.reason)
    }
    async function until(isSo: () => boolean): Promise<void> {
      while (!isSo()) await appendGroup()
    }

    const reader = await open()
    const seen: LoggedEntry[] = []
    /** Its connection comes back in its own time. */
    const readOn = async () => {
      try {
        seen.push(...(await reader.read(seen.at(-1)?.seq ?? 0, 1_000)))
      } catch (error) {
        expect(error).toBeInstanceOf(LogUnavailable)
        // Refused without a wait: let the connection have its turn.
        await new Promise((resolve) => setImmediate(resolve))
      }
    }

    const backAfter: number[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const enough = acknowledged.length + 500 + kill * 37
      await until(() => acknowledged.length >= enough)
      // In the middle of the groups that come now.
      const killed = server.kill()
      const before = refused.size
      await until(() => refused.size > before)
      await killed
      await readOn()
      const whileAway = [...refused.keys()].length
      await appendGroup()
      expect(refused.size).toBe(whileAway + GROUP)
      await server.start()
      const began = performance.now()
      const then = acknowledged.length
      await until(() => acknowledged.length > then)
      backAfter.push(performance.now() - began)
      await readOn()
    }
    await until(() => acknowledged.length > 4_000)
    const { last } = await log.bounds()
    while ((seen.at(-1)?.seq ?? 0) < last) await readOn()

    const held = await (await open()).read(0, next)
    expect(held.map(({ seq }) => seq)).toEqual(held.map((_, i) => i + 1))
    const isAcknowledged = new Set(acknowledged)
    const days = daysOf(held)
    expect(days.filter((day) => isAcknowledged.has(day))).toEqual(acknowledged)
    // Whose group the kill cut off, nobody knows; but never twice.
    expect(new Set(days).size).toBe(days.length)
    expect(seen).toEqual(held)
    for (const error of refused.values()) expect(error).toBeInstanceOf(LogUnavailable)
    for (const ms of backAfter) expect(ms).toBeLessThan(BACK_MS)
  })

  it('is asked nothing while it is away: all is refused at once, and none of it is stored later', async () => {
    const log = await open({ waitMs: 60_000 })
    await log.append(entry(1))
    const reading = Promise.allSettled([log.read(0, 10)])
    await server.kill()
    await reading
    for (const ask of [
      () => log.append(entry(2)),
      () => log.read(0, 1),
      () => log.bounds(),
      () => log.trim(1),
    ])
      await expect(ask()).rejects.toBeInstanceOf(LogUnavailable)
    await server.start()
    while ((await log.append(entry(3)).catch(() => 0)) === 0);
    expect(daysOf(await log.read(0, 10))).toEqual([1, 3])
  })

  it('goes on counting where it was when it was trimmed to its end', async () => {
    const log = await open()
    await Promise.all([1, 2, 3].map((n) => log.append(entry(n))))
    await log.trim(3)
    await server.kill()
    await server.start()
    const again = await open()
    expect(await again.bounds()).toEqual({ first: 4, last: 3 })
    expect(await again.append(entry(4))).toBe(4)
  })

  it('refuses what a server that hangs does not answer, and takes entries again once it does', async () => {
    const log = await open({ waitMs: 100 })
    await log.append(entry(1))
    server.pause()
    // A moment passes until all of it stands still.
    const untilRefused = async () => {
      for (;;) await log.append(entry(2))
    }
    await expect(untilRefused()).rejects.toBeInstanceOf(LogUnavailable)
    await expect(log.read(0, 1)).rejects.toBeInstanceOf(LogUnavailable)
    server.resume()
    while ((await log.append(entry(3)).catch(() => 0)) === 0);
    const days = daysOf(await log.read(0, 1_000))
    expect(days.slice(0, 1)).toEqual([1])
    expect(days.at(-1)).toBe(3)
  })

  it('is not opened while it is away', async () => {
    await server.kill()
    await expect(openNatsLog(server.url)).rejects.toThrow('no NATS server takes connections at 127.0.0.1:')
  })
})
