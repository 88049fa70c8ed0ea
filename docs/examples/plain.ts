/**
 * Behind form.html, in any language: read the posted fields, make one HTTP call, thank. Nothing of Leadwake is
 * installed here, as in a PHP, Ruby or Python back end. By hand it is
 *
 *   curl https://go.example.com/v1/identify -H "Authorization: Bearer $LEADWAKE_KEY" \
 *     -d '{"site":"main","visitor":"VISITOR","email":"ada@acme.org","signal":{"name":"demo_requested"}}'
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

const page = readFileSync(new URL('form.html', import.meta.url))

export const server = createServer(async (request, response) => {
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
    return
  }
  const posted = await text(request)
  const form = new URLSearchParams(posted)
  const answer = await fetch(`${process.env.LEADWAKE_ORIGIN}/v1/identify`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${process.env.LEADWAKE_KEY}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      site: 'main',
      visitor: form.get('leadwake_visitor') ?? '',
      page: form.get('leadwake_page') ?? '',
      email: form.get('email'),
      traits: { name: form.get('name'), company: { name: form.get('company') } },
      // The same fields posted twice are one demand.
      signal: { name: 'demo_requested', id: createHash('sha256').update(posted).digest('hex') },
    }),
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined)
  if (answer?.status === 422) {
    response.writeHead(422).end('Please check what you typed.')
    return
  }
  // The person asked for a demo, whatever became of its lead: your own mail or CRM still gets it.
  if (!answer?.ok) console.error('Leadwake did not take it:', answer?.status ?? 'not reached')
  response.writeHead(303, { location: '/thanks' }).end()
})

if (import.meta.main) server.listen(3000)
