import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WireBody, WireEvent } from '../../shared/protocol.ts'

export interface Recorded {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

export interface Recorder {
  /** Where the browser finds the collector. */
  origin: string
  /** All that arrived, in order. */
  requests: Recorded[]
  /** Bodies of the beacons among them. */
  beacons(): WireBody[]
  /** Events of a kind, each once: what the next page cuts off is sent again, as it was. */
  events(kind?: WireEvent[0]): WireEvent[]
  /** Begins anew. */
  forget(): void
  /** Answers beacons itself from now on, with these headers; undefined passes them on again. */
  answer(status: number | undefined, headers?: Record<string, string>): void
  /** Refuses connections, as a collector that is switched off. */
  down(): Promise<void>
  /** Listens again, where it did. */
  up(): Promise<void>
  stop(): Promise<void>
}

/**
 * Stands in front of a collector and writes down what reaches it. A browser's own tools miss what a page sends
 * while it ends, and preflights; what is on the wire misses nothing.
 */
export async function recordFor(collector: string): Promise<Recorder> {
  const requests: Recorded[] = []
  let instead: { status: number; headers: Record<string, string> } | undefined
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    requests.push({ method, path, headers, body: body.toString() })
    if (instead && path === '/v1/in') {
      outgoing.writeHead(instead.status, instead.headers).end()
      return
    }
    const passed = request(collector + path, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    passed.end(body)
  })
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  const down = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  await listen(0)
  const { port } = server.address() as AddressInfo
  const beacons = () =>
    requests
      .filter(({ method, path }) => method === 'POST' && path === '/v1/in')
      .map(({ body }): WireBody => JSON.parse(body))
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    beacons,
    events(kind) {
      const all = beacons().flatMap(({ e }) => e)
      const once = new Map(all.map((event) => [JSON.stringify(event), event]))
      return [...once.values()].filter((event) => !kind || event[0] === kind)
    },
    forget() {
      requests.length = 0
    },
    answer(status, headers = {}) {
      instead = status === undefined ? undefined : { status, headers }
    },
    down,
    up: () => listen(port),
    stop: down,
  }
}
