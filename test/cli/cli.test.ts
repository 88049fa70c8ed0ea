import { spawn } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { claimSignature } from '../../collector/claims.ts'
import { type FirstRun, firstRun } from '../support/first-run.ts'
import { type CollectorProcess, freePort, serveBuilt } from '../support/process.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const CLI = join(ROOT, 'dist/leadwake.js')
const KEY = /^lw_[\w-]{32}$/m
const LINK = /http:\/\/\S+\/login\/[\w-]{32}/

let made: FirstRun
let folder: string
let db: string
beforeAll(async () => {
  made = await firstRun()
})
afterAll(() => made.remove())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-cli-'))
  db = join(folder, 'x.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Ran {
  code: number | string
  out: string
  err: string
}

interface How {
  env?: Record<string, string>
  node?: string
  script?: string
  uid?: number
}

/** Runs a command to its end, in the test's folder. */
function cli(
  args: string[],
  { env = {}, node = process.execPath, script = CLI, uid }: How = {},
): Promise<Ran> {
  const child = spawn(node, [script, ...args], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      LEADWAKE_DB: db,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code: code ?? signal!, out, err }))
  })
}

/** One sentence for the operator on stderr, no stack, exit code 1. */
function oneSentence({ code, out, err }: Ran, words: RegExp): void {
  expect(err).toMatch(words)
  expect(err).toMatch(/^leadwake: [^\n]+\n$/)
  expect(out).toBe('')
  expect(code).toBe(1)
}

/** Starts the built collector, and stops it when the work is done. */
async function serving<T>(
  work: (collector: CollectorProcess) => Promise<T>,
  env: Record<string, string> = {},
): Promise<T> {
  const collector = await serveBuilt({ LEADWAKE_DB: db, ...env })
  try {
    return await work(collector)
  } finally {
    collector.child.kill('SIGTERM')
    await collector.ended
  }
}

const stats = (origin: string, key: string, query = '') =>
  fetch(`${origin}/v1/stats${query}`, { headers: { authorization: `Bearer ${key}` } })

/** Asks until the answer has this status: the collector looks into its log every 200 ms. */
async function becomes(status: number, ask: () => Promise<Response>): Promise<void> {
  for (;;) {
    if ((await ask()).status === status) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const keyIn = (text: string): string => KEY.exec(text)![0]
const idIn = (text: string): string => /key_[0-9a-f]{12}/.exec(text)![0]

describe('the words of the command line', () => {
  it.each([[], ['--help']])('%j lists the commands', async (...args: string[]) => {
    const { code, out } = await cli(args)
    expect(code).toBe(0)
    for (const name of [
      'serve',
      'key new',
      'key list',
      'key revoke',
      'site new',
      'site set',
      'site list',
      'site show',
      'site tag',
      'site secret',
      'rebuild',
      'version',
    ])
      expect(out).toMatch(new RegExp(`^  ${name}  +[A-Z]`, 'm'))
  })

  it.each([
    'serve',
    'key new',
    'key list',
    'key revoke',
    'site new',
    'site set',
    'site list',
    'site show',
    'site tag',
    'site secret',
    'rebuild',
    'version',
  ])('%s --help shows its usage and touches nothing', async (name) => {
    const { code, out } = await cli([...name.split(' '), '--help'])
    expect(code).toBe(0)
    expect(out).toContain(`Usage: leadwake ${name}`)
    expect(readdirSync(folder)).toEqual([])
  })

  it.each([['version'], ['--version']])('%s says which version on which Node', async (arg) => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    expect(await cli([arg])).toEqual({
      code: 0,
      err: '',
      out: `leadwake ${version} on Node ${process.versions.node}\n`,
    })
  })

  const wrong: [what: string, args: string[], words: RegExp][] = [
    ['an unknown command', ['sreve'], /there is no command 'sreve'; leadwake --help lists them/],
    [
      'half a command',
      ['key'],
      /say which: leadwake key new, leadwake key list, leadwake key revoke, leadwake key rotate/,
    ],
    [
      'half a command and a wrong word',
      ['site', 'add'],
      /say which: leadwake site new, leadwake site set, leadwake site list/,
    ],
    ['an unknown option', ['serve', '--prot', '1'], /--prot.*leadwake serve --help shows the options/],
    ['an option without its value', ['serve', '--port'], /--port.*leadwake serve --help/],
    ['a word too many', ['version', 'now'], /'now' is one word too many/],
    ['a key without its id', ['key', 'revoke'], /name the key: leadwake key revoke ID/],
    ['a site without its id', ['site', 'new'], /name the site: leadwake site new ID/],
    ['a secret without its site', ['site', 'secret'], /name the site: leadwake site secret ID/],
    ['settings without their site', ['site', 'set'], /name the site: leadwake site set ID/],
    [
      'too short a retention',
      ['site', 'set', 'main', '--retention', '89'],
      /--retention must be whole days from 90 to 36500, or 'all', got '89'/,
    ],
    ['settings without a change', ['site', 'set', 'main'], /say what to change: --with, --consent/],
    [
      'a piece that there is not',
      ['site', 'set', 'main', '--with', 'ga5'],
      /--with: there is no 'ga5'; there are ga4, woo,/,
    ],
    [
      'a mode that there is not',
      ['site', 'set', 'main', '--consent', 'yes'],
      /--consent must be 'required' or 'given'/,
    ],
    ['an empty name', ['site', 'set', 'main', '--name', ''], /--name must not be empty/],
    ['a site to show without its id', ['site', 'show'], /name the site: leadwake site show ID/],
    ['a tag without its site', ['site', 'tag'], /name the site: leadwake site tag ID/],
    [
      'an origin with a path',
      ['site', 'tag', 'main', '--origin', 'https://a.b/c'],
      /--origin must be an address such as/,
    ],
    [
      'an origin without a scheme',
      ['site', 'tag', 'main', '--origin', 'go.example.com'],
      /--origin must be an address such as/,
    ],
    ['a rebuild without its site', ['rebuild'], /name the site: leadwake rebuild SITE/],
    [
      'a place that is no time zone',
      ['rebuild', 'main', '--time-zone', 'Berlin'],
      /--time-zone: 'Berlin' is not a time zone; write one of the IANA database, like Europe\/Berlin, or UTC/,
    ],
    ['a site with a wrong id', ['site', 'new', 'my site'], /1 to 64 of A-Z a-z 0-9 _ -/],
    [
      'a wrong consent',
      ['site', 'new', 'a', '--consent', 'maybe'],
      /--consent must be 'required' or 'given'/,
    ],
    [
      'an address for a host',
      ['site', 'new', 'a', '--hosts', 'https://a.example/'],
      /--hosts: 'https:\/\/a.example\/' is not a host name/,
    ],
    [
      'wrong rights',
      ['key', 'new', '--rights', 'read,wirte'],
      /--rights: 'wirte' is not a right; the rights are link, events, read, leads, rules, admin/,
    ],
    ['--site where --only is meant', ['key', 'new', '--site', 'shop'], /made with --only SITE/],
    ['a port that is none', ['serve', '--port', 'abc'], /PORT \(or --port\) must be a whole number/],
    ['a proxy that is none', ['serve', '--trust-proxy', 'x'], /LEADWAKE_TRUST_PROXY: 'x' is not an address/],
    ['rules that are not there', ['serve', '--rules', 'no.json'], /the rules in no\.json cannot be read/],
    [
      'a database that is not there',
      ['key', 'list'],
      /there is no database at .*x\.db; start the collector once/,
    ],
  ]
  it.each(wrong)('%s is refused in one sentence, before any file is made', async (_what, args, words) => {
    oneSentence(await cli(args), words)
    expect(readdirSync(folder)).toEqual([])
  })

  const environment: [what: string, env: Record<string, string>, words: RegExp][] = [
    ['a bad PORT', { PORT: '80 80' }, /PORT \(or --port\) must be a whole number from 0 to 65535/],
    [
      'a bad LEADWAKE_ADMIN_KEY',
      { LEADWAKE_ADMIN_KEY: 'hunter2' },
      /LEADWAKE_ADMIN_KEY must begin with 'lw_'/,
    ],
  ]
  it.each(environment)('%s is refused in one sentence', async (_what, env, words) => {
    const ran = await cli(['serve'], { env })
    oneSentence(ran, words)
    expect(ran.err).not.toContain('hunter2')
  })

  it.each([
    ['{"port": 1', /leadwake\.config\.json cannot be read: it is not JSON/],
    ['{"prot": 1}', /'prot' is not an option; the options are host, port/],
  ])('a bad leadwake.config.json is refused in one sentence: %s', async (text, words) => {
    writeFileSync(join(folder, 'leadwake.config.json'), text)
    oneSentence(await cli(['serve']), words)
  })
})

describe('a Node that is too old', () => {
  const OLD = '/usr/bin/node'
  const version = existsSync(OLD) ? cliVersion(OLD) : Promise.resolve(undefined)
  it.each([
    ['dist/leadwake.js', ['serve', '--port', '0']],
    ['collector/start.js', []],
  ])('is told so in one sentence by %s (skipped where /usr/bin/node is none)', async (script, args) => {
    const major = await version
    if (major === undefined || major >= 22) return
    oneSentence(
      await cli(args, { node: OLD, script: join(ROOT, script) }),
      /needs Node 22 or newer, this is \d+\.\d+\.\d+; .*`npm ci`/,
    )
    expect(readdirSync(folder)).toEqual([])
  })
})

async function cliVersion(node: string): Promise<number> {
  const folder = tmpdir()
  const child = spawn(node, ['-p', 'process.versions.node'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let out = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  await new Promise((resolve) => child.once('close', resolve))
  return Number.parseInt(out, 10)
}

describe('files that do not fit', () => {
  const bytes = () =>
    Object.fromEntries(
      readdirSync(folder)
        .filter((name) => statSync(join(folder, name)).isFile() && !/lock$|-shm$|-wal$/.test(name))
        .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
    )
  async function refused(words: RegExp, args: string[] = ['serve', '--port', '0']): Promise<void> {
    const before = bytes()
    oneSentence(await cli(args), words)
    expect(bytes()).toEqual(before)
  }

  it('a database that is none is left as it is', async () => {
    writeFileSync(db, 'Dear diary, this is no database.\n'.repeat(50))
    await refused(/x\.db is not a Leadwake database; choose another place with LEADWAKE_DB or --db/)
    await refused(/x\.db is not a Leadwake database/, ['key', 'list'])
  })

  it('a database without its log is left as it is', async () => {
    made.into(folder)
    rmSync(join(folder, 'x.intake.db'))
    await refused(/x\.db is there but its intake log .*x\.intake\.db is not/)
    await refused(/its intake log/, ['key', 'new'])
  })

  it('a database beside the log of another collector is left as it is', async () => {
    made.into(folder)
    await serving(async () => {}, { LEADWAKE_DB: join(folder, 'other.db') })
    writeFileSync(join(folder, 'x.intake.db'), readFileSync(join(folder, 'other.intake.db')))
    await refused(/are of two different collectors; put the pair of one backup together/)
  })

  const nobody = 65_534
  it.skipIf(process.getuid?.() !== 0)(
    'a folder that may not be written (tried as nobody, needs root)',
    async () => {
      const closed = join(folder, 'closed')
      mkdirSync(closed)
      chmodSync(folder, 0o755)
      chmodSync(closed, 0o500)
      oneSentence(
        await cli(['serve', '--port', '0', '--db', join(closed, 'x.db')], { uid: nobody }),
        /cannot open .*closed\/x\.lock: .*; let this user write to its folder, or choose another place with LEADWAKE_DB or --db/,
      )
      expect(readdirSync(closed)).toEqual([])
    },
  )

  it.skipIf(process.getuid?.() !== 0)(
    'a database that may not be read (tried as nobody, needs root)',
    async () => {
      chmodSync(folder, 0o777)
      chownSync(folder, nobody, nobody)
      writeFileSync(db, 'x', { mode: 0o600 })
      oneSentence(
        await cli(['serve', '--port', '0'], { uid: nobody }),
        /cannot open .*x\.db: EACCES.*mend its permissions/,
      )
    },
  )
})

describe('a port that is taken', () => {
  let taken: Server
  let port: number
  beforeAll(async () => {
    taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    port = (taken.address() as { port: number }).port
  })
  afterAll(() => taken.close())

  it('is named with the option that changes it', async () => {
    oneSentence(
      await cli(['serve', '--port', String(port), '--no-demo']),
      new RegExp(`port ${port} on 127\\.0\\.0\\.1 is taken; choose another with PORT or --port`),
    )
  })
})

describe('serve', () => {
  it('prints key and login link on the first run and never again', async () => {
    const first = await serving(async ({ output, origin }) => {
      expect(output()).toMatch(new RegExp(`Dashboard +${origin}/\n`))
      expect(output()).toContain(`<script defer src="${origin}/l.js?s=main"></script>`)
      const key = /Key +(lw_\S+)/.exec(output())![1]!
      expect((await stats(origin, key)).status).toBe(200)
      expect(output()).toMatch(LINK)
      return key
    })
    await serving(async ({ output, origin }) => {
      expect(output()).toContain(`${origin}/l.js?s=main`)
      expect(output()).not.toMatch(/lw_|\/login\/|Shown this once/)
      expect((await stats(origin, first)).status).toBe(200)
    })
  })

  it('takes the key and the site that it is given for the first run', async () => {
    const env = { LEADWAKE_ADMIN_KEY: 'lw_chosen-by-the-operator', LEADWAKE_SITE: 'shop' }
    await serving(async ({ origin, output }) => {
      expect((await stats(origin, env.LEADWAKE_ADMIN_KEY)).status).toBe(200)
      expect(output()).toContain('/l.js?s=shop')
    }, env)
  })

  it('keeps its files from everybody else', async () => {
    await serving(async ({ origin }) => {
      await fetch(`${origin}/v1/in`, {
        method: 'POST',
        headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
        body: JSON.stringify({ s: 'main', t: Date.now(), e: [['p', 'id-1', Date.now(), '/']] }),
      })
      const found = readdirSync(folder)
      expect(found).toEqual(
        expect.arrayContaining(['x.db', 'x.db-wal', 'x.intake.db', 'x.intake.db-wal', 'x.salt']),
      )
      for (const name of found)
        expect((statSync(join(folder, name)).mode & 0o777).toString(8), name).toBe('600')
    })
  })

  it('holds its files: a second one on them is refused, and the first goes on', async () => {
    await serving(async ({ origin }) => {
      oneSentence(
        await cli(['serve', '--port', '0']),
        /another Leadwake process holds .*x\.db; stop it, or give this one its own file with LEADWAKE_DB or --db/,
      )
      expect((await fetch(`${origin}/readyz`)).status).toBe(200)
    })
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 within ten seconds of %s', async (signal) => {
    const { child, ended, output } = await serveBuilt({ LEADWAKE_DB: db })
    const started = performance.now()
    child.kill(signal)
    expect(await ended).toBe(0)
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(output()).toContain('Stopping')
  })

  it('ends with 0 though a browser keeps its connection', async () => {
    const port = await freePort()
    const { child, ended } = await serveBuilt({ LEADWAKE_DB: db, PORT: String(port) })
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: keep-alive\r\n\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    socket.destroy()
  })

  it('serves the demo unless it is told not to', async () => {
    const { origin, child, ended } = await serveBuilt({ LEADWAKE_DB: db }, [])
    expect((await fetch(`${origin}/demo/`)).status).toBe(200)
    child.kill('SIGTERM')
    await ended
    await serving(async (collector) => {
      expect((await fetch(`${collector.origin}/demo/`)).status).toBe(404)
    })
  })
})

describe('key and site', () => {
  it('take effect beside a running collector, without a restart', async () => {
    await serving(async ({ origin }) => {
      const site = await cli([
        'site',
        'new',
        'shop',
        'Our shop',
        '--consent',
        'given',
        '--hosts',
        'Shop.Example, a.b,',
      ])
      expect(site).toMatchObject({ code: 0, err: '' })
      expect(site.out).toContain('/l.js?s=shop"></script>')

      const made = await cli(['key', 'new', 'form', '--rights', 'read, link', '--only', 'shop'])
      expect(made).toMatchObject({ code: 0, err: '' })
      expect(made.out).not.toMatch(LINK)
      const key = keyIn(made.out)
      await becomes(200, () => stats(origin, key, '?site=shop'))
      expect((await stats(origin, key, '?site=main')).status).toBe(404)

      const sites = JSON.parse((await cli(['site', 'list', '--json'])).out)
      expect(sites).toContainEqual({
        id: 'shop',
        name: 'Our shop',
        consent: 'given',
        hosts: ['shop.example', 'a.b'],
        with: [],
        rulesVersion: 1,
        timeZone: 'UTC',
        retention: null,
      })
      const keys = JSON.parse((await cli(['key', 'list', '--json'])).out)
      expect(keys).toContainEqual({
        id: idIn(made.out),
        name: 'form',
        rights: ['read', 'link'],
        site: 'shop',
        createdAt: expect.stringMatching(/Z$/),
        revokedAt: null,
        expiresAt: null,
        usedAt: expect.toSatisfy((at) => at === null || /Z$/.test(at)),
      })

      const revoked = await cli(['key', 'revoke', idIn(made.out)])
      expect(revoked).toMatchObject({ code: 0, out: `Revoked ${idIn(made.out)} (form).\n` })
      await becomes(401, () => stats(origin, key, '?site=shop'))
    })
  })

  it('take effect while no collector runs, for the next one', async () => {
    made.into(folder)
    expect((await cli(['site', 'new', 'shop'])).code).toBe(0)
    const [kept, gone] = [await cli(['key', 'new']), await cli(['key', 'new', 'gone'])]
    expect(kept.out).toMatch(LINK)
    expect((await cli(['key', 'revoke', idIn(gone.out)])).code).toBe(0)
    const list = (await cli(['key', 'list'])).out
    expect(list).toMatch(
      new RegExp(`^${idIn(kept.out)}  .*  open  every site  link,events,read,leads,rules,admin`, 'm'),
    )
    expect(list).toMatch(new RegExp(`^${idIn(gone.out)}  .*  revoked \\d{4}-\\d\\d-\\d\\d`, 'm'))
    expect(list).not.toMatch(/[0-9a-f]{64}|lw_/)
    expect((await cli(['site', 'list'])).out).toMatch(/^shop {2}shop {2}consent required {2}every host$/m)

    await serving(async ({ origin }) => {
      expect((await stats(origin, keyIn(kept.out), '?site=shop')).status).toBe(200)
      expect((await stats(origin, keyIn(gone.out))).status).toBe(401)
      // The link takes one to the dashboard: once.
      const path = new URL(LINK.exec(kept.out)![0]).pathname
      expect(path).toMatch(/^\/login\//)
    })
  })

  it('say what the script of a site takes on, for the running collector and the next one', async () => {
    const composed = async (origin: string) =>
      (await (await fetch(`${origin}/l.js?s=main`)).text()).includes('dataLayer')
    await serving(async ({ origin }) => {
      expect(await composed(origin)).toBe(false)
      const set = await cli([
        'site',
        'set',
        'main',
        '--with',
        'woo, ga4,ga4',
        '--consent',
        'given',
        '--name',
        'Shop',
      ])
      expect(set).toMatchObject({ code: 0, err: '' })
      expect(set.out).toMatch(
        /^Site {5}main\nName {5}Shop\nConsent {2}given\nHosts {4}every host\nScript {3}the core, woo, ga4\nDays {5}UTC\nKeeps {4}everything\n$/,
      )
      while (!(await composed(origin))) await new Promise((resolve) => setTimeout(resolve, 20))
    })
    expect((await cli(['site', 'list'])).out).toMatch(
      /^main {2}Shop {2}consent given {2}every host {2}with woo,ga4$/m,
    )
    await serving(async ({ origin }) => expect(await composed(origin)).toBe(true))
    expect(
      (await cli(['site', 'set', 'main', '--with', '', '--hosts', 'A.example', '--retention', '400'])).code,
    ).toBe(0)
    expect(JSON.parse((await cli(['site', 'show', 'main', '--json'])).out)).toEqual({
      id: 'main',
      name: 'Shop',
      consent: 'given',
      hosts: ['a.example'],
      with: [],
      rulesVersion: 1,
      timeZone: 'UTC',
      retention: 400,
    })
    oneSentence(
      await cli(['site', 'set', 'nobody', '--name', 'x']),
      /there is no site 'nobody'; there are main/,
    )
  })

  it('print tags that work, of which the versioned one outlives a changed setting', async () => {
    await serving(async ({ origin }) => {
      const plain = await cli(['site', 'tag', 'main', '--origin', 'https://go.example.com/'])
      expect(plain.out).toBe('<script defer src="https://go.example.com/l.js?s=main"></script>\n')
      const args = ['site', 'tag', 'main', '--origin', origin, '--versioned']
      const { out } = await cli(args)
      const [, src, algorithm, digest] =
        /^<script defer src="(\S+\/l\.[\w-]{22}\.js)" integrity="(sha256)-(\S+)" crossorigin><\/script>\n$/.exec(
          out,
        )!
      const bytes = async () => Buffer.from(await (await fetch(src!)).arrayBuffer())
      const first = await bytes()
      expect(createHash(algorithm!).update(first).digest('base64')).toBe(digest)
      expect((await cli(['site', 'set', 'main', '--with', 'hash'])).code).toBe(0)
      expect((await cli(args)).out).not.toBe(out)
      expect(await bytes()).toEqual(first)
    })
    oneSentence(await cli(['site', 'tag', 'nobody']), /there is no site 'nobody'; there are main/)
  })

  it('make the numbers of a site again, in another time zone', async () => {
    await serving(async ({ origin }) => {
      expect((await cli(['site', 'new', 'shop', '--time-zone', 'Asia/Tokyo'])).code).toBe(0)
      const rebuilt = await cli(['rebuild', 'shop', '--time-zone', 'America/New_York'])
      expect(rebuilt).toMatchObject({ code: 0, err: '', out: "Counted 0 visitors of 'shop' again.\n" })
      const key = keyIn((await cli(['key', 'new'])).out)
      await becomes(200, () => stats(origin, key, '?site=shop'))
      const answer = await (await stats(origin, key, '?site=shop&from=2026-07-01&to=2026-07-01')).json()
      expect(answer).toMatchObject({
        timeZone: 'America/New_York',
        from: '2026-07-01T04:00:00.000Z',
        to: '2026-07-02T03:59:59.999Z',
      })
    })
  })

  it('give the secret of a site, with which what its pages say of their visitor holds', async () => {
    await serving(async ({ origin, output }) => {
      const { code, out, err } = await cli(['site', 'secret', 'main'])
      expect({ code, err }).toEqual({ code: 0, err: '' })
      // Nothing else on stdout, so that $(leadwake site secret main) is the secret.
      expect(out).toMatch(/^[\w-]{43}\n$/)
      expect((await cli(['site', 'new', 'shop'])).code).toBe(0)
      expect((await cli(['site', 'secret', 'shop'])).out).not.toBe(out)

      const [now, email] = [Date.now(), 'ada@acme.org']
      const expires = now + 3_600_000
      const signature = createHmac('sha256', out.trim()).update(`main\n${email}\n${expires}`).digest('hex')
      const said = ['i', 'id-1', now, 'page', email, signature, expires]
      const beacon = await fetch(`${origin}/v1/in`, {
        method: 'POST',
        headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
        body: JSON.stringify({ s: 'main', v: 'visitor-1', t: now, e: [said] }),
      })
      expect(beacon.status).toBe(204)

      const headers = { authorization: `Bearer ${/Key +(lw_\S+)/.exec(output())![1]}` }
      let lead: { id: string } | undefined
      while (!lead) lead = (await (await fetch(`${origin}/v1/leads`, { headers })).json()).items[0]
      const { verified } = await (await fetch(`${origin}/v1/leads/${lead.id}`, { headers })).json()
      expect(verified).toBe(true)
    })
  })

  it('show how to sign by a command that gives what the collector expects', async () => {
    const { out } = await cli(['site', 'secret', '--help'])
    expect(out).toContain('HMAC-SHA256')
    const [, text] = /printf '([^']+)' \| openssl dgst -sha256 -hmac/.exec(out)!
    const [site, email, expires] = text!.split('\\n')
    expect([site, email]).toEqual(['main', 'ada@acme.org'])
    const signed = createHmac('sha256', 'x').update(text!.replaceAll('\\n', '\n')).digest('hex')
    expect(signed).toBe(claimSignature('x', site!, email!, Number(expires)))
  })

  it('say in one sentence what is not there or there already', async () => {
    made.into(folder)
    oneSentence(
      await cli(['key', 'new', '--only', 'nobody']),
      /--only: there is no site 'nobody'; there are main/,
    )
    oneSentence(
      await cli(['key', 'revoke', 'key_nothing']),
      /there is no key 'key_nothing'; see leadwake key list/,
    )
    oneSentence(await cli(['rebuild', 'nobody']), /the site 'nobody' is not known/)
    oneSentence(await cli(['site', 'new', 'main']), /the site 'main' exists/)
    oneSentence(await cli(['site', 'secret', 'nobody']), /there is no site 'nobody'; there are main/)
  })
})
