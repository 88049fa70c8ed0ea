import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { exampleContract, type Send } from './contract.ts'
import { listening } from './http.ts'

const load = async () => {
  const { server } = await import('../../docs/examples/plain.ts')
  return listening(server, '/request-demo')
}

exampleContract('docs/examples/plain.ts', { serve: load, cookie: false })

const hasCurl = spawnSync('curl', ['--version']).status === 0

describe.runIf(hasCurl)('with a form posted by curl', () => {
  exampleContract('docs/examples/plain.ts', {
    async serve() {
      const { origin, stop } = await load()
      return { send: curl(`${origin}/request-demo`), stop }
    },
    cookie: false,
  })
})

function curl(url: string): Send {
  return async (fields) => {
    const { stdout } = await promisify(execFile)('curl', [
      ...['--silent', '--output', '/dev/null', '--write-out', '%{http_code} %{redirect_url}'],
      ...Object.entries(fields).flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`]),
      url,
    ])
    const [status, location] = stdout.split(' ')
    return { status: Number(status), location: location || null }
  }
}

describe('docs/examples/form.html', () => {
  it('has the field that the snippet fills and what the handler reads', async () => {
    const { origin, stop } = await load()
    const html = await (await fetch(origin)).text()
    for (const name of ['leadwake_visitor', 'name', 'company', 'email'])
      expect(html).toContain(`name="${name}"`)
    expect(html).toContain('/l.js?s=main')
    await stop()
  })
})
