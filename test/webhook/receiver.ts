import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  id: string
  headers: IncomingHttpHeaders
  body: string
  // biome-ignore lint/suspicious/noExplicitAny: what came is asserted on, field by field
  json: any
}

export interface Receiver {
  url: string
  port: number
  received: Received[]
  /** Connections, whatever came over them. */
  connections(): number
  /** What it answers from now on: a status, or by hand. */
  answer: number | ((response: ServerResponse, received: Received) => void)
  /** Resolves once so many requests have come in all. */
  until(count: number): Promise<void>
  close(): Promise<void>
}

/** A server that keeps what it is sent. */
export async function receiver(host = '127.0.0.1'): Promise<Receiver> {
  const received: Received[] = []
  let connections = 0
  const waiting = new Set<() => void>()
  const server: Server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const one: Received = {
      id: String(request.headers['webhook-id']),
      headers: request.headers,
      body,
      json: body === '' ? undefined : JSON.parse(body),
    }
    received.push(one)
    for (const look of waiting) look()
    if (typeof self.answer === 'function') self.answer(response, one)
    else response.writeHead(self.answer).end('{"kept":"nothing of this"}')
  })
  server.on('connection', () => {
    connections++
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  const self: Receiver = {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/hook`,
    port,
    received,
    connections: () => connections,
    answer: 204,
    until: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (received.length < count) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return self
}
