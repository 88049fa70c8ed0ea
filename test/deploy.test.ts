import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, serveBuilt } from './support/process.ts'
import { pageBeacon, until } from './support/traffic.ts'
import { BROWSER } from './support/user-agent.ts'

const ROOT = new URL('..', import.meta.url).pathname
const recipe = (name: string) => readFileSync(join(ROOT, 'deploy', name), 'utf8')
const KEY = 'lw_a-key-for-the-proxy-tests'

const there = (command: string, ...args: string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

interface Proxy {
  recipe: string
  isThere: boolean
  /** Starts it with the recipe, to this collector, on this port of the loopback alone; all its files in `folder`. */
  start(folder: string, collector: string, port: number): ChildProcess
}

const proxies: Proxy[] = [
  {
    recipe: 'nginx.conf',
    isThere: there('nginx', '-v') && there('openssl', 'version'),
    start(folder, collector, port) {
      mkdirSync(join(folder, 'logs'))
      execFileSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '1',
          '-subj',
          '/CN=go.example.com',
          '-keyout',
          join(folder, 'key.pem'),
          '-out',
          join(folder, 'cert.pem'),
        ],
        { stdio: 'ignore' },
      )
      const conf = recipe('nginx.conf')
        .replaceAll(/ssl_certificate_key .*;/g, `ssl_certificate_key ${folder}/key.pem;`)
        .replaceAll(/ssl_certificate {2}.*;/g, `ssl_certificate ${folder}/cert.pem;`)
        .replaceAll(/listen \[::\]:443.*;/g, '')
        .replaceAll(/listen 443/g, `listen 127.0.0.1:${port}`)
        .replace('127.0.0.1:4380', collector)
      const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${folder}/${name};`,
      )
      writeFileSync(
        join(folder, 'main.conf'),
        `daemon off; pid ${folder}/pid; error_log stderr warn; events {}\nhttp { ${temp.join(' ')}\n${conf}\n}`,
      )
      return spawn('nginx', ['-p', folder, '-c', join(folder, 'main.conf')], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
    },
  },
  {
    recipe: 'Caddyfile',
    isThere: there('caddy', 'version'),
    start(folder, collector, port) {
      // Certificates of its own making, told to nobody: these names are not ours.
      const options = `{
        admin off
        local_certs
        skip_install_trust
        auto_https disable_redirects
        https_port ${port}
        default_bind 127.0.0.1
      }`
      const conf = recipe('Caddyfile').replaceAll('127.0.0.1:4380', collector)
      writeFileSync(join(folder, 'Caddyfile'), `${options}\n${conf}`)
      return spawn('caddy', ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'], {
        env: { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
    },
  },
]

for (const { recipe: name, isThere, start } of proxies)
  describe.skipIf(!isThere)(`deploy/${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'leadwake-proxy-'))
    let port: number
    let stop: () => Promise<void>

    beforeAll(async () => {
      const collector = await serveBuilt({
        LEADWAKE_DB: join(folder, 'x.db'),
        LEADWAKE_ADMIN_KEY: KEY,
        LEADWAKE_TRUST_PROXY: '127.0.0.1',
      })
      port = await freePort()
      const child = start(folder, new URL(collector.origin).host, port)
      let errors = ''
      child.stderr!.on('data', (chunk) => (errors += chunk))
      stop = async () => {
        const ended = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGTERM')
        collector.child.kill('SIGTERM')
        await Promise.all([ended, collector.ended])
        rmSync(folder, { recursive: true, force: true })
      }
      for (;;) {
        if (child.exitCode !== null) throw new Error(`${name}: the proxy ended: ${errors}`)
        const answer = await ask('go.example.com', 'GET', '/readyz').catch(() => undefined)
        if (answer?.status === 200) return
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    })
    afterAll(() => stop())

    /** Over TLS, as a browser that was told this name. */
    function ask(
      host: string,
      method: string,
      path: string,
      headers: Record<string, string> = {},
      body = '',
    ): Promise<{ status: number; text: string; cookie: string | undefined }> {
      return new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port, servername: host, rejectUnauthorized: false, method, path }
        const sent = request(
          { ...options, headers: { host, 'user-agent': BROWSER, ...headers } },
          (answer) => {
            let text = ''
            answer.on('data', (chunk) => (text += chunk))
            const cookie = answer.headers['set-cookie']?.[0]
            answer.on('end', () => resolve({ status: answer.statusCode!, text, cookie }))
          },
        )
        sent.on('error', reject)
        sent.end(body)
      })
    }

    it('hands script and beacons on, by a host of its own and by a path of the site', async () => {
      for (const host of ['go.example.com', 'www.example.com']) {
        expect((await ask(host, 'GET', '/l.js?s=main')).text).toContain('leadwake')
        expect((await ask(host, 'POST', '/v1/in', {}, pageBeacon())).status).toBe(204)
      }
    })

    it('tells the collector the address that it saw itself, whatever the client wrote', async () => {
      const headers = { 'x-forwarded-for': '203.0.113.66', 'x-leadwake-debug': KEY }
      const { text } = await ask('go.example.com', 'POST', '/v1/in', headers, pageBeacon())
      expect(JSON.parse(text)).toMatchObject({ would: 'store', address: '127.0.0.1' })
    })

    it('keeps metrics, dashboard and API from who should not see them', async () => {
      expect((await ask('go.example.com', 'GET', '/metrics')).status).toBe(403)
      for (const path of ['/', '/metrics', '/v1/stats', '/v1/identify', '/login']) {
        const { status, text } = await ask('www.example.com', 'GET', path)
        // Caddy answers 200 with nothing where no site is behind it yet.
        if (status !== 200) expect([403, 404], path).toContain(status)
        else expect([path, text]).toEqual([path, ''])
      }
      expect((await ask('go.example.com', 'GET', '/v1/stats')).status).toBe(401)
    })

    it('tells the collector that browsers see https: in its tags, and for its cookie', async () => {
      const { text } = await ask('go.example.com', 'GET', '/v1/sites/main/tag', {
        authorization: `Bearer ${KEY}`,
      })
      expect(JSON.parse(text).tag).toContain('src="https://go.example.com/l.js?s=main"')
      const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
      const { status, cookie } = await ask('go.example.com', 'POST', '/login', form, `secret=${KEY}`)
      expect([status, cookie]).toEqual([303, expect.stringMatching(/^leadwake_session=.*; Secure/)])
    })
  })

it('the unit file holds what systemd understands, and a stop is given longer than it takes', ({ skip }) => {
  const unit = recipe('leadwake.service')
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)![1])).toBeGreaterThan(10)
  if (!there('systemd-analyze', '--version')) return skip('systemd-analyze is not there')
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-unit-'))
  try {
    // The program and the user need not be there to check the rest.
    const path = join(folder, 'leadwake.service')
    writeFileSync(
      path,
      unit.replace(/^ExecStart=.*$/m, 'ExecStart=/bin/true').replace(/^(User|Group)=.*$/gm, '$1=root'),
    )
    const told = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' })
    expect(told.stderr.split('\n').filter((line) => line.includes(path))).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('what the image holds is enough to serve', async () => {
  const dockerfile = recipe('Dockerfile')
  expect(dockerfile).toMatch(/^USER node$/m)
  expect(dockerfile).toMatch(/^HEALTHCHECK /m)
  const image = mkdtempSync(join(tmpdir(), 'leadwake-image-'))
  try {
    for (const [, from, to] of dockerfile.matchAll(/^COPY --from=build \/app\/(\S+) \.\/(\S+)$/gm))
      cpSync(join(ROOT, from!), join(image, to!), { recursive: true, dereference: true })
    cpSync(join(ROOT, 'package.json'), join(image, 'package.json'))
    const child = spawn(process.execPath, ['dist/leadwake.js', 'serve', '--no-demo'], {
      cwd: image,
      env: { LEADWAKE_DB: join(image, 'data/x.db'), PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    const ended = new Promise((resolve) => child.once('exit', resolve))
    await Promise.race([until(() => output.includes('Dashboard')), ended])
    child.kill('SIGTERM')
    expect([await ended, output]).toEqual([0, expect.stringContaining('Script tag')])
  } finally {
    rmSync(image, { recursive: true, force: true })
  }
})
