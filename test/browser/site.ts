import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Site {
  origin: string
  stop(): Promise<void>
}

const HEADING = '<h1>A shop elsewhere</h1><p><a href="/next">Next</a></p>'

/** A customer's site on an origin of its own, every page of it with the tag pasted in. */
export async function siteWith(
  tag: string,
  body = HEADING,
  scripts: Record<string, () => Promise<string>> = {},
): Promise<Site> {
  const html = `<!doctype html><html lang="en"><head><title>A shop elsewhere</title>
<link rel="icon" href="data:,">${tag}</head><body>${body}</body></html>`
  const server = createServer(async (incoming, outgoing) => {
    const script = scripts[incoming.url!]
    if (script) {
      outgoing.writeHead(200, { 'content-type': 'text/javascript' }).end(await script())
      return
    }
    if (/\.(pdf|zip|csv)$/i.test(incoming.url!)) {
      // A file that is handed out leaves the page where it is.
      outgoing.writeHead(204).end()
      return
    }
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
