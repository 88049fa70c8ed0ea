import { beaconOf, eventId, type TestCollector } from '../support/collector.ts'

const MINUTE = 60_000

export interface SignedIn {
  html(path: string): Promise<string>
  /** A form sent from one of our own pages: status, where it leads, and the page. */
  send(
    path: string,
    fields: [string, string][] | Record<string, string>,
  ): Promise<{ status: number; to: string | null; html: string }>
}

/** The pages of a real collector, as whoever signs in with this. */
export async function signIn(lw: TestCollector, secret: string, name = ''): Promise<SignedIn> {
  const own = { 'sec-fetch-site': 'same-origin' }
  const post = (path: string, body: URLSearchParams, cookie = '') =>
    lw.request(path, { method: 'POST', headers: { ...own, cookie }, body })
  const answer = await post('/login', new URLSearchParams({ name, secret }))
  const cookie = answer.headers.get('set-cookie')?.split(';')[0]
  if (!cookie) throw new Error(`not signed in: ${answer.status}`)
  return {
    html: async (path) => (await lw.request(path, { headers: { cookie } })).text(),
    async send(path, fields) {
      const sent = await post(path, new URLSearchParams(fields), cookie)
      return { status: sent.status, to: sent.headers.get('location'), html: await sent.text() }
    },
  }
}

let serial = 0

/** Somebody who reads these paths, a minute each until now, and leaves an e-mail. Resolves with the lead's id. */
export async function reader(
  lw: TestCollector,
  site: string,
  email: string,
  paths: string[],
): Promise<string> {
  const visitor = email.replace(/\W/g, '-')
  const now = lw.clock.now
  const events = paths.map((path, i) => {
    const at = now - (paths.length - i) * MINUTE
    return ['p', eventId(at, ++serial), at, path, '']
  })
  const taken = await lw.beacon({ ...beaconOf(now, events, { v: visitor }), s: site })
  if (taken.status !== 204) throw new Error(`beacon: ${taken.status} ${await taken.text()}`)
  const { body } = await lw.call('POST', '/v1/identify', { site, visitor, email, consent: true })
  return body.id
}
