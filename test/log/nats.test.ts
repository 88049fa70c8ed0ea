import { DiscardPolicy, jetstreamManager } from '@nats-io/jetstream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type BeaconEntry, ENTRY_VERSION, type Entry } from '../../collector/entry.ts'
import { type IntakeLog, type LoggedEntry, LogUnavailable } from '../../collector/log/log.ts'
import {
  createNatsLog,
  type NatsLog,
  type NatsLogOptions,
  openNatsLog,
  SUBJECTS,
} from '../../collector/log/nats.ts'
import { durabilityOf, refusedVersion } from '../../collector/log/nats-durability.ts'
import { addressOf } from '../../collector/log/nats-link.ts'
import { partitionOf } from '../../collector/project/partition.ts'
import { type NatsServer, natsServer, natsVersion, onNats } from '../support/nats.ts'
import { logContract } from './contract.ts'

const BYTES = 10_000_000

/** Which appender it is of, and which of its entries. */
const entry = (appender: number, n: number): Entry => ({
  kind: 'tick',
  v: ENTRY_VERSION,
  day: appender * 1_000 + n,
})

const beacon = (visitor: string, extra: Partial<BeaconEntry> = {}): Entry & BeaconEntry => ({
  kind: 'beacon',
  v: ENTRY_VERSION,
  site: 'main',
  visitor,
  agent: null,
  events: [],
  ...extra,
})

describe.skipIf(!natsVersion)(onNats, () => {
  let server: NatsServer
  let streams = 0
  beforeAll(async () => {
    server = await natsServer()
  })
  afterAll(() => server.remove())

  logContract('NATS JetStream', () => {
    const name = `contract${++streams}`
    const opened: IntakeLog[] = []
    const open = async (limit?: number) => {
      const log = await openNatsLog(server.url, { name, now: () => 1_000, ...(limit && { limit }) })
      opened.push(log)
      return log
    }
    return {
      async create() {
        await createNatsLog(server.url, 'log-1', { name, limit: BYTES })
        return open()
      },
      reopen: open,
      async block() {
        const listen = async (subject: string) => {
          const nc = await server.connect()
          await (await jetstreamManager(nc)).streams.update(name, { subjects: [subject] })
          await nc.close()
        }
        await listen('elsewhere')
        return () => listen(`${name}.in.*`)
      },
      async remove() {
        await Promise.all(opened.map((log) => log.close()))
        const nc = await server.connect()
        await (await jetstreamManager(nc)).streams.delete(name)
        await nc.close()
      },
    }
  })

  describe('a stream', () => {
    let name: string
    let logs: NatsLog[]
    beforeEach(async () => {
      name = `stream${++streams}`
      logs = []
      await createNatsLog(server.url, 'log-1', { name, limit: BYTES })
    })
    afterEach(() => Promise.all(logs.map((log) => log.close())))

    const open = async (options: NatsLogOptions = {}) => {
      const log = await openNatsLog(server.url, { name, ...options })
      logs.push(log)
      return log
    }
    const manage = async <T>(
      what: (streams: Awaited<ReturnType<typeof jetstreamManager>>['streams']) => Promise<T>,
    ) => {
      const nc = await server.connect()
      try {
        return await what((await jetstreamManager(nc)).streams)
      } finally {
        await nc.close()
      }
    }

    it('of several appenders loses nothing and keeps their order, and a reader misses nothing', async () => {
      const [reader, ...others] = (await Promise.all(Array.from({ length: 5 }, () => open()))) as [
        NatsLog,
        ...NatsLog[],
      ]
      const each = 400
      const appending = Promise.all(
        others.map(async (log, appender) => {
          const answers: Promise<number>[] = []
          for (let n = 0; n < each; n++) {
            answers.push(log.append(entry(appender, n)))
            if (n % 7 === 0) await answers.at(-1)
          }
          return Promise.all(answers)
        }),
      )
      const seen: LoggedEntry[] = []
      const whole = others.length * each
      while (seen.length < whole) seen.push(...(await reader.read(seen.at(-1)?.seq ?? 0, 97)))
      expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: whole }, (_, i) => i + 1))
      const days = seen.map(({ entry }) => (entry as { day: number }).day)
      for (const [appender, told] of (await appending).entries()) {
        const own = days.filter((day) => Math.floor(day / 1_000) === appender)
        expect(own).toEqual(Array.from({ length: each }, (_, n) => appender * 1_000 + n))
        expect(told).toEqual([...told].sort((a, b) => a - b))
      }
    })

    it('is read whole in one batch, however many questions and bytes that takes', async () => {
      const log = await open({ limit: 20 * BYTES, waitMs: 15_000 })
      const large = 'x'.repeat(10_000)
      const whole = 1_500
      await Promise.all(
        Array.from({ length: whole }, (_, n) => log.append(beacon(`v${n}`, { agent: large }))),
      )
      const read = await log.read(0, 10_000)
      expect(read.map(({ entry }) => (entry as BeaconEntry).visitor)).toEqual(
        Array.from({ length: whole }, (_, n) => `v${n}`),
      )
      expect(await log.read(whole, 10)).toEqual([])
      await log.append(beacon('next'))
      expect((await log.read(whole, 10)).map(({ seq }) => seq)).toEqual([whole + 1])
    })

    it('has a subject for each partition of visitors, by which projectors of fewer are told apart', async () => {
      const log = await open()
      const entries = Array.from({ length: 200 }, (_, n) => beacon(`v${n}`))
      await Promise.all([...entries, entry(0, 1)].map((one) => log.append(one)))
      const subjects = await manage((streams) =>
        Promise.all(
          [...entries, undefined].map(
            async (_, i) => (await streams.getMessage(name, { seq: i + 1 }))!.subject,
          ),
        ),
      )
      expect(subjects.pop()).toBe(`${name}.in.control`)
      for (const [i, subject] of subjects.entries()) {
        const [, partition] = new RegExp(`^${name}\\.in\\.(\\d+)$`).exec(subject)!
        for (const partitions of [1, 2, 8, SUBJECTS])
          expect(Number(partition) % partitions).toBe(partitionOf(entries[i]!, partitions))
      }
      expect(new Set(subjects).size).toBeGreaterThan(SUBJECTS / 2)
    })

    it('that is full is refused by all appenders, until one of them has trimmed it', async () => {
      const one = await open({ limit: 50_000 })
      const other = await open()
      const large = beacon('v', { agent: 'x'.repeat(10_000) })
      let last = 0
      const fill = async (log: IntakeLog) => {
        for (;;) last = Math.max(last, await log.append(large))
      }
      await expect(fill(one)).rejects.toBeInstanceOf(LogUnavailable)
      await expect(fill(other)).rejects.toBeInstanceOf(LogUnavailable)
      await expect(other.append(entry(1, 1))).rejects.toBeInstanceOf(LogUnavailable)
      await other.bounds()
      expect([one.isFull(), other.isFull()]).toEqual([true, true])
      await one.trim(last)
      // Whoever looks after it finds out without an entry: one that says that it is full is sent none.
      await other.bounds()
      expect(other.isFull()).toBe(false)
      expect(await other.append(entry(1, 1))).toBe(last + 1)
      expect([one.isFull(), other.isFull()]).toEqual([false, false])
    })

    it('that runs full within a group keeps what it took, and refuses the rest of it', async () => {
      const log = await open({ limit: 50_000 })
      const settled = await Promise.allSettled(
        Array.from({ length: 10 }, (_, n) => log.append(beacon(`v${n}`, { agent: 'x'.repeat(10_000) }))),
      )
      const taken = settled.filter(({ status }) => status === 'fulfilled').length
      expect(taken).toBeGreaterThan(0)
      expect(taken).toBeLessThan(10)
      expect(await log.bounds()).toEqual({ first: 1, last: taken })
      expect(settled.map(({ status }) => status === 'fulfilled')).toEqual(settled.map((_, i) => i < taken))
    })

    it('refuses an entry that is larger than the server takes, and stores those beside it', async () => {
      const log = await open()
      const large = log.append(beacon('large', { agent: 'x'.repeat(2 ** 20) }))
      const small = log.append(beacon('small'))
      await expect(large).rejects.toThrow(
        /^this comes to \d+ bytes, and the NATS server of the intake log takes 1048576/,
      )
      await expect(large).rejects.toBeInstanceOf(LogUnavailable)
      expect(await small).toBe(1)
    })

    it('is never trimmed past its end', async () => {
      const log = await open()
      await log.append(entry(0, 1))
      await log.trim(1_000)
      expect(await log.bounds()).toEqual({ first: 2, last: 1 })
      expect(await log.append(entry(0, 2))).toBe(2)
    })

    it('refuses entries when too many wait for an answer', async () => {
      const log = await open()
      const first = log.append(entry(0, 0))
      const waiting = Array.from({ length: 9_999 }, (_, n) => log.append(entry(0, n % 1_000)))
      await expect(log.append(entry(0, 0))).rejects.toBeInstanceOf(LogUnavailable)
      expect(await first).toBe(10_000)
      expect(await waiting.at(-1)).toBe(10_000)
    })

    it('says whether what it holds survives a power failure', async () => {
      const log = await open({ syncsAlways: true })
      expect(log.durability()).toEqual(durabilityOf(natsVersion!, true))
    })

    it('is not made twice', async () => {
      await expect(createNatsLog(server.url, 'log-2', { name })).rejects.toThrow(
        `the stream ${name} cannot be made`,
      )
    })

    it('that drops old entries is refused, as is one that is none of ours, or none', async () => {
      await manage((streams) => streams.update(name, { discard: DiscardPolicy.Old }))
      await expect(open()).rejects.toThrow(`the stream ${name} would lose entries: its discard must be new`)
      await manage((streams) => streams.update(name, { description: 'orders' }))
      await expect(open()).rejects.toThrow(`the stream ${name} is no intake log`)
      await manage((streams) => streams.delete(name))
      await expect(open()).rejects.toThrow(`the NATS server has no stream ${name}`)
    })

    it('that cannot grow as asked is refused', async () => {
      await expect(open({ limit: 2 ** 52 })).rejects.toThrow(`the stream ${name} cannot be given`)
    })
  })

  it('a server without JetStream, or with another password, is refused in a sentence without it', async () => {
    const guarded = await natsServer('authorization { user: leadwake, password: sesame-1 }')
    try {
      const at = (user: string) => guarded.url.replace('//', `//${user}@`)
      await createNatsLog(at('leadwake:sesame-1'), 'log-1')
      const log = await openNatsLog(at('leadwake:sesame-1'))
      expect(await log.append(entry(0, 1))).toBe(1)
      await log.close()
      const refused = await openNatsLog(at('leadwake:sesame-2')).catch((error: Error) => error.message)
      expect(refused).toMatch(/^no NATS server takes connections at 127\.0\.0\.1:\d+: /)
      expect(refused).not.toContain('sesame')
    } finally {
      await guarded.remove()
    }
    const plain = await natsServer('jetstream: disabled')
    try {
      await expect(openNatsLog(plain.url)).rejects.toThrow('the NATS server offers no JetStream')
    } finally {
      await plain.remove()
    }
  })
})

describe('which servers hold a log', () => {
  it.each([
    ['2.8.4', true],
    ['1.4.1', true],
    ['2.9.0', false],
    ['2.9.10', false],
    ['2.10.0-beta.1', false],
    ['3.0.0', false],
    ['', true],
  ])('%j refused: %s', (version, isRefused) => {
    expect(refusedVersion(version) !== undefined).toBe(isRefused)
  })

  it.each([
    ['2.9.10', true, false, /needs 2\.10\.23 or newer/],
    ['2.10.22', true, false, /needs 2\.10\.23 or newer/],
    ['2.10.23', true, true, /syncs to disk before/],
    ['2.10.23', false, false, /unless its configuration says/],
    ['2.12.1', false, false, /unless its configuration says/],
    ['2.12.1', true, true, /syncs to disk before/],
    ['3.0.0', true, true, /syncs to disk before/],
  ])('%s with sync_interval always (%s) survives a power failure: %s', (version, syncs, survives, why) => {
    expect(durabilityOf(version, syncs)).toEqual({
      survivesPowerLoss: survives,
      why: expect.stringMatching(why),
    })
  })
})

describe('the address of a log', () => {
  it.each([
    ['nats://a:4222', { servers: ['a:4222'] }],
    ['nats://a:4222,nats://b', { servers: ['a:4222', 'b'] }],
    ['nats://me:p%40ss@a', { servers: ['a'], user: 'me', pass: 'p@ss' }],
    ['nats://token@a', { servers: ['a'], token: 'token' }],
    ['tls://a, tls://b', { servers: ['a', 'b'], tls: {} }],
    ['nats://[::1]:4222', { servers: ['[::1]:4222'] }],
  ])('%s', (url, address) => {
    expect(addressOf(url)).toEqual(address)
  })

  it.each(['', 'nats:', 'nats://', 'a:4222', 'http://a', 'nats://a,b', 'nats://me:secret@a,x'])(
    '%j is refused, without its words',
    (url) => {
      expect(() => addressOf(url)).toThrow(
        'the address of the intake log must be nats://HOST:PORT or tls://HOST:PORT, or several of them with commas between',
      )
    },
  )
})
