import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { webhookGuard } from '../../collector/webhook/guard.ts'
import { sender } from '../../collector/webhook/send.ts'
import { type Receiver, receiver } from './receiver.ts'

let there: Receiver
beforeEach(async () => {
  there = await receiver()
})
afterEach(() => there.close())

const NOW = Date.UTC(2026, 10, 3, 9)
const send = (url = there.url, timeoutMs = 2_000, resolve?: Parameters<typeof sender>[0]['resolve']) =>
  sender({
    guard: webhookGuard(['127.0.0.0/8', 'nowhere.example']),
    now: () => NOW,
    timeoutMs,
    ...(resolve && { resolve }),
  })({
    url,
    headers: { 'webhook-id': 'msg_1' },
    body: '{"a":"ü"}',
  })

describe('a request', () => {
  it('carries body and headers over a connection of its own', async () => {
    expect(await send()).toEqual({ status: 204, error: null, retryAfterMs: null })
    await send()
    expect(there.received[0]).toMatchObject({ id: 'msg_1', json: { a: 'ü' } })
    expect(there.received[0]!.headers['content-type']).toBe('application/json')
    expect(there.connections()).toBe(2)
  })

  it.each([
    [200, null],
    [202, null],
    [299, null],
    [301, 'redirect'],
    [304, 'redirect'],
    [308, 'redirect'],
    [400, 'status'],
    [404, 'status'],
    [410, 'status'],
    [500, 'status'],
  ])('that is answered %i: %s', async (status, error) => {
    there.answer = status
    expect(await send()).toMatchObject({ status, error })
  })

  it.each([
    [503, '120', 120_000],
    [429, new Date(NOW + 60_000).toUTCString(), 60_000],
    [500, 'soon', null],
    [200, '120', null],
  ])('that is answered %i with Retry-After %s', async (status, header, ms) => {
    there.answer = (response) => {
      response.writeHead(status, { 'retry-after': header }).end()
    }
    expect((await send()).retryAfterMs).toBe(ms)
  })

  it('ends after its time, whether the receiver answers nothing or drips', async () => {
    there.answer = () => {}
    expect(await send(there.url, 100)).toMatchObject({ status: null, error: 'timeout' })
    const silent = createServer((socket) => socket.on('error', () => {}))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { port: number }
    expect(await send(`http://127.0.0.1:${port}/`, 100)).toMatchObject({ error: 'timeout' })
    silent.close()
  })

  it('reads no endless answer', async () => {
    let written = 0
    const ended = Promise.withResolvers<void>()
    there.answer = (response) => {
      response.writeHead(200)
      response.on('close', ended.resolve)
      const write = () => {
        written += 65_536
        if (response.writableEnded || response.destroyed) return
        if (response.write(Buffer.alloc(65_536))) setImmediate(write)
        else response.once('drain', write)
      }
      write()
    }
    expect(await send()).toMatchObject({ status: 200, error: null })
    await ended.promise
    expect(written).toBeLessThan(20 * 2 ** 20)
  })

  it.each([
    ['closes at once', '', 'broken'],
    ['speaks something else', 'SSH-2.0-OpenSSH_9.9\r\n', 'broken'],
    [
      'switches protocols',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      'broken',
    ],
    ['sends headers without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`, 'broken'],
  ])('to a receiver that %s fails', async (_, text, error) => {
    const odd = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(text))
    })
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve))
    const { port } = odd.address() as { port: number }
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ error })
    odd.close()
  })

  it('to nobody, to a name that is none and to a server without TLS fails, with why', async () => {
    const { port } = there
    expect((await send(`https://127.0.0.1:${port}/`)).error).toMatch(/tls|broken/)
    await there.close()
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ error: 'connect' })
    const failing = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })
    expect(await send('https://nowhere.example/', 500, (_, done) => done(failing, []))).toMatchObject({
      error: 'dns',
    })
  })
})
