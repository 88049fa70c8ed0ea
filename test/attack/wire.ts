import { connect, type Socket } from 'node:net'

export interface RawRequest {
  path?: string
  headers?: Record<string, string>
  body: string | Buffer
}

/** A request as it goes over the wire. */
export function bytesOf({ path = '/v1/in', headers = {}, body }: RawRequest): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body
  const lines = Object.entries({ host: 'x', 'content-length': String(bytes.length), ...headers })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${head}\r\n`, 'latin1'), bytes])
}

export const portOf = (origin: string): number => Number(new URL(origin).port)

/** Sends all of them over one connection, one behind the other, and gives the statuses of the answers in order. */
export function pipeline(origin: string, requests: Buffer[]): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(portOf(origin), '127.0.0.1')
    const statuses: number[] = []
    let waiting = Buffer.alloc(0)
    socket.on('error', reject)
    socket.on('close', () => {
      if (statuses.length < requests.length)
        reject(
          new Error(`closed after ${statuses.length} of ${requests.length} answers, last ${statuses.at(-1)}`),
        )
    })
    socket.on('data', (chunk) => {
      waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk])
      for (;;) {
        const end = waiting.indexOf('\r\n\r\n')
        if (end < 0) return
        const head = waiting.toString('latin1', 0, end)
        const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
        const chunked = /^transfer-encoding: chunked$/im.test(head)
        const after = chunked ? waiting.indexOf('0\r\n\r\n', end + 4) + 5 : end + 4 + length
        if (chunked ? after < end + 9 : waiting.length < after) return
        statuses.push(Number(head.slice(9, 12)))
        waiting = waiting.subarray(after)
        if (statuses.length === requests.length) {
          socket.destroy()
          resolve(statuses)
          return
        }
      }
    })
    socket.write(Buffer.concat(requests))
  })
}

/** So many connections that do what they are told and hold on; those that the other side ended are counted. */
export function hold(origin: string, n: number, each: (socket: Socket, i: number) => void) {
  const sockets: Socket[] = []
  const held = {
    open: 0,
    ended: 0,
    end() {
      for (const socket of sockets) socket.destroy()
    },
  }
  for (let i = 0; i < n; i++) {
    const socket = connect(portOf(origin), '127.0.0.1')
    sockets.push(socket)
    socket.on('error', () => {})
    socket.once('connect', () => {
      held.open++
      each(socket, i)
    })
    socket.once('close', () => held.ended++)
    socket.resume()
  }
  return held
}
