import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { counts } from '../support/counts.ts'
import { type CollectorProcess, drained, serveBuilt } from '../support/process.ts'
import { pageBeacon, traffic, until } from '../support/traffic.ts'

let folder: string
let db: string
let collector: CollectorProcess
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-stop-'))
  db = join(folder, 'x.db')
  collector = await serveBuilt({ LEADWAKE_DB: db })
})
afterEach(() => {
  collector.child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Ends it as an operator does; how long that took, ms, and the exit code. */
async function stop(): Promise<{ code: number | string; ms: number }> {
  const began = performance.now()
  collector.child.kill('SIGTERM')
  const code = await collector.ended
  return { code, ms: performance.now() - began }
}

interface Raw {
  /** Requests sent whole, answers read whole. */
  sent: number
  answered: number
  closed: Promise<void>
}

/** A connection that sends a beacon, waits for its answer and sends the next, as long as it is open. */
function raw(origin: string): Raw {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  const result: Raw = {
    sent: 0,
    answered: 0,
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
  }
  let text = ''
  const send = () => {
    if (!socket.writable) return
    const body = pageBeacon()
    socket.write(
      `POST /v1/in HTTP/1.1\r\nhost: x\r\nuser-agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
    result.sent++
  }
  socket.on('error', () => {})
  socket.on('connect', send)
  socket.on('data', (chunk) => {
    text += chunk
    const end = text.indexOf('\r\n\r\n')
    if (end < 0) return
    expect(text).toMatch(/^HTTP\/1\.1 204 /)
    const last = /^connection: close$/im.test(text.slice(0, end))
    text = ''
    result.answered++
    if (!last) send()
  })
  return result
}

describe('a stop', () => {
  it('under load ends with 0 within ten seconds, and answers every request that it has taken', async () => {
    const connections = Array.from({ length: 32 }, () => raw(collector.origin))
    await until(() => connections.every(({ answered }) => answered > 5))
    const { code, ms } = await stop()
    expect(code).toBe(0)
    expect(ms).toBeLessThan(10_000)
    await Promise.all(connections.map(({ closed }) => closed))
    const sum = (what: 'sent' | 'answered') => connections.reduce((total, one) => total + one[what], 0)
    expect(sum('answered')).toBe(sum('sent'))

    const again = await serveBuilt({ LEADWAKE_DB: db })
    await drained(again.origin)
    again.child.kill('SIGTERM')
    await again.ended
    expect(counts(db).stored).toBe(sum('answered'))
  })

  it('does not wait for connections that only hold on', async () => {
    const port = Number(new URL(collector.origin).port)
    const holding = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'))
    for (const socket of holding) socket.on('error', () => {})
    const half = connect(port, '127.0.0.1')
    half.on('error', () => {})
    half.write('POST /v1/in HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{')
    await until(() => !half.connecting && holding.every((socket) => !socket.connecting))
    const { code, ms } = await stop()
    expect(code).toBe(0)
    expect(ms).toBeLessThan(8_000)
  })

  it('leaves the backlog to the next start', async () => {
    const load = traffic(collector.origin, 16)
    await until(() => load.taken > 300)
    const { code } = await stop()
    await load.stop()
    expect(code).toBe(0)
    const again = await serveBuilt({ LEADWAKE_DB: db })
    await drained(again.origin)
    again.child.kill('SIGTERM')
    await again.ended
    // What was taken and whose answer the client did not read may be there too.
    expect(counts(db).stored).toBeGreaterThanOrEqual(load.taken)
  })
})
