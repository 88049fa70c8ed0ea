import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { publicOrigin } from '../collector/public-origin.ts'

describe('publicOrigin', () => {
  const table: [what: string, trusted: string[], socket: string, said: string | undefined, origin: string][] =
    [
      ['what a trusted proxy says', ['10.0.0.0/8'], '10.1.2.3', 'https', 'https://go.example.com'],
      [
        'the same over a dual-stack socket',
        ['10.0.0.0/8'],
        '::ffff:10.1.2.3',
        'https',
        'https://go.example.com',
      ],
      ['the last word of a chain', ['10.0.0.0/8'], '10.1.2.3', 'http, https', 'https://go.example.com'],
      ['http where the proxy says so', ['10.0.0.0/8'], '10.1.2.3', 'https, http', 'http://go.example.com'],
      ['http where the proxy says nothing', ['10.0.0.0/8'], '10.1.2.3', undefined, 'http://go.example.com'],
      ['http where a stranger says so', ['10.0.0.0/8'], '203.0.113.7', 'https', 'http://go.example.com'],
      ['http where nobody is trusted', [], '127.0.0.1', 'https', 'http://go.example.com'],
      ['no scheme of anybody else', ['10.0.0.0/8'], '10.1.2.3', 'javascript', 'http://go.example.com'],
      ['http where there is no socket', ['10.0.0.0/8'], '', 'https', 'http://go.example.com'],
    ]
  it.each(table)('believes %s', async (_, trusted, socket, said, origin) => {
    const app = new Hono().get('/', (c) => c.text(publicOrigin(trusted)(c)))
    const headers = new Headers(said === undefined ? {} : { 'x-forwarded-proto': said })
    const env = socket === '' ? undefined : { incoming: { socket: { remoteAddress: socket } } }
    const answer = await app.request('http://go.example.com/', { headers }, env)
    expect(await answer.text()).toBe(origin)
  })
})
