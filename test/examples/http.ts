import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Send } from './contract.ts'

/** Serves on a free port; `send` posts the form there as a browser does. */
export async function listening(server: Server, path: string) {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const send: Send = async (fields, cookie) =>
    answerOf(await fetch(`${origin}${path}`, formPost(fields, cookie)))
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { origin, send, stop }
}

export function formPost(fields: Record<string, string>, cookie?: string): RequestInit {
  return {
    method: 'POST',
    headers: cookie === undefined ? {} : { cookie },
    body: new URLSearchParams(fields),
    redirect: 'manual',
  }
}

export const answerOf = ({ status, headers }: Response) => ({ status, location: headers.get('location') })
