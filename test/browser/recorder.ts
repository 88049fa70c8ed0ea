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
  stop(): Promise<void>
}

/**
 * Stands in front of a collector and writes down what reaches it. A browser's own tools miss what a page sends
 * while it ends, and preflights; what is on the wire misses nothing.
 */
export async function recordFor(collector: string): Promise<Recorder> {
  const requests: Recorded[] = []
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    requests.push({ method, path, headers, body: body.toString() })
    const passed = request(collector + path, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    passed.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const beacons = () =>
    requests
      .filter(({ method, path }) => method === 'POST' && path === '/v1/in')
      .map(({ body }): WireBody => JSON.parse(body))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    beacons,
    events(kind) {
      const all = beacons().flatMap(({ e }) => e)
      const once = new Map(all.map((event) => [JSON.stringify(event), event]))
      return [...once.values()].filter((event) => !kind || event[0] === kind)
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
