import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Site {
  origin: string
  stop(): Promise<void>
}

/** A customer's site on an origin of its own, every page of it with the tag pasted in. */
export async function siteWith(tag: string): Promise<Site> {
  const html = `<!doctype html><html lang="en"><head><title>A shop elsewhere</title>
<link rel="icon" href="data:,">${tag}</head><body><h1>A shop elsewhere</h1><p><a href="/next">Next</a></p></body></html>`
  const server = createServer((_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    // Another host than the collector's, so that it is another site to the browser too, not only another origin.
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
