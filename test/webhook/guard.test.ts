import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isPublic, type Resolve, webhookGuard } from '../../collector/webhook/guard.ts'
import { type Answer, sender } from '../../collector/webhook/send.ts'
import { type Receiver, receiver } from './receiver.ts'

let trap: Receiver
let trap6: Receiver | undefined
beforeAll(async () => {
  trap = await receiver()
  trap6 = await receiver('::1').catch(() => undefined)
})
afterAll(async () => {
  await trap.close()
  await trap6?.close()
})

const PORT = '{port}'

/** Addresses of this machine, of its network and of clouds, as attackers write them. */
const LITERALS = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0x7f.1',
  '017700000001',
  '0177.0.0.1',
  '0177.0.0.0x1',
  '00000177.0.0.1',
  '127.0.0.1.',
  '127。0。0。1',
  '127．0．0．1',
  '①②⑦.⓪.⓪.①',
  '１２７.０.０.１',
  '%31%32%37.0.0.1',
  '0',
  '0.0.0.0',
  '0.0.0.1',
  '0x0',
  '00',
  '10.0.0.1',
  '10.1',
  '167772161',
  '10.255.255.255',
  '100.64.0.1',
  '100.100.100.200',
  '100.127.255.255',
  '169.254.169.254',
  '169.254.169.253',
  '169.254.170.2',
  '169.254.0.1',
  '2852039166',
  '0xA9FEA9FE',
  '0xa9.0xfe.0xa9.0xfe',
  '0251.0376.0251.0376',
  '0251.254.169.254',
  '168.63.129.16',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.0.1',
  '192.168.1',
  '0xc0a80001',
  '3232235521',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
  '4294967295',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[0000:0000:0000:0000:0000:0000:0000:0001]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:7f00:0001]',
  '[::ffff:0:127.0.0.1]',
  '[::ffff:10.0.0.1]',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[::ffff:8.8.8.8]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b::8.8.8.8]',
  '[64:ff9b:1::1]',
  '[2002:7f00:1::]',
  '[2002:7f00:0001::1]',
  '[2002:a9fe:a9fe::]',
  '[2002:c0a8:0001::1]',
  '[2001::1]',
  '[2001:0:4136:e378:8000:63bf:3fff:fdd2]',
  '[2001:10::1]',
  '[2001:20::1]',
  '[2001:2::1]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[5f00::1]',
  '[100::1]',
  '[fc00::1]',
  '[fd00::1]',
  '[fd00:ec2::254]',
  '[fd00:ec2::23]',
  '[fdff:ffff::1]',
  '[fe80::1]',
  '[fe80::a9fe:a9fe]',
  '[febf::1]',
  '[fec0::1]',
  '[ff02::1]',
  '[ff05::1:3]',
  '[4000::1]',
  '[::ffff:0:0]',
]

/** Names that resolve to the trap, whatever they are called. */
const NAMES = [
  'localhost',
  'LOCALHOST',
  'localhost.',
  'sub.localhost',
  'localhost.localdomain',
  'ip6-localhost',
  'loopback',
  'metadata',
  'metadata.google.internal',
  'METADATA.google.internal.',
  'instance-data',
  'instance-data.ec2.internal',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  'host.docker.internal',
  'gateway.docker.internal',
  'router',
  'printer.local',
  'fritz.home.arpa',
  'localtest.me',
  'lvh.me',
  '127.0.0.1.nip.io',
  '127-0-0-1.sslip.io',
  '7f000001.rbndr.example',
  'a.b.c.attacker.example',
  'attacker.example',
  'attacker.example.',
  'xn--bcher-kva.example',
  'ⓛocalhost',
  'loc\u00adalhost',
]

/** What no address of a webhook may look like. */
const SHAPES = [
  '',
  ' ',
  'hooks.example.org',
  '//attacker.example/x',
  '/relative',
  'https://',
  'https:///x',
  'http:/127.0.0.1',
  'javascript:alert(1)',
  'data:text/plain,x',
  'file:///etc/passwd',
  'file://localhost/etc/passwd',
  'ftp://attacker.example/',
  'gopher://127.0.0.1:6379/_INFO',
  'dict://127.0.0.1:11211/',
  'ldap://127.0.0.1/',
  'ws://attacker.example/',
  'wss://attacker.example/',
  'unix:/var/run/docker.sock',
  'http+unix://%2Fvar%2Frun%2Fdocker.sock/info',
  'jar:https://attacker.example!/',
  'blob:https://attacker.example/1',
  'about:blank',
  'https://user@attacker.example/',
  'https://user:password@attacker.example/',
  `https://attacker.example@127.0.0.1:${PORT}/`,
  `https://hooks.slack.com:443@127.0.0.1:${PORT}/`,
  `http://127.0.0.1:${PORT}#@hooks.slack.com/`,
  `http://127.0.0.1:${PORT}\\@hooks.slack.com/`,
  `https:\\\\127.0.0.1:${PORT}\\`,
  `http://127.0.0.1:${PORT}/\r\nx-injected: 1`,
  `http://127.0.0.1:${PORT}/\tx`,
  'https://attacker.example:22/',
  'https://attacker.example:25/',
  'https://attacker.example:80/',
  'https://attacker.example:2375/',
  'https://attacker.example:3306/',
  'https://attacker.example:5432/',
  'https://attacker.example:6379/',
  'https://attacker.example:8080/',
  'https://attacker.example:9200/',
  'https://attacker.example:65535/',
  'https://attacker.example:65536/',
  'https://attacker.example:-1/',
  'https://attacker.example/#fragment',
  'http://attacker.example/',
  'http://8.8.8.8/',
  `https://attacker.example/${'x'.repeat(2_100)}`,
  'https://[::1',
  'https://[::1%25lo]/',
  'https://[fe80::1%eth0]/',
  'https://[v1.x]/',
  'https://a b.example/',
  'https://1.2.3.4.5/',
  'https://256.0.0.1/',
]

const HOSTILE = [
  ...[...LITERALS, ...NAMES].flatMap((host) => [`http://${host}:${PORT}/`, `https://${host}:${PORT}/`]),
  ...LITERALS.map((host) => `https://${host}/`),
  ...NAMES.map((host) => `https://${host}/`),
  ...SHAPES,
]

describe('hostile addresses', () => {
  it('are more than 150', () => {
    expect(LITERALS.length + NAMES.length + SHAPES.length).toBeGreaterThan(150)
    expect(new Set(HOSTILE).size).toBe(HOSTILE.length)
  })

  it('never reach a server of this machine, whatever a name resolves to', async () => {
    // The worst resolver there is: every name is this machine.
    for (const addresses of [
      [{ address: '127.0.0.1', family: 4 }],
      [{ address: '::1', family: 6 }],
      [{ address: '::ffff:127.0.0.1', family: 6 }],
      [
        { address: '93.184.215.14', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    ]) {
      const resolve: Resolve = (_, done) => done(null, addresses)
      const send = sender({ guard: webhookGuard([]), now: Date.now, resolve, timeoutMs: 2_000 })
      const answers = await Promise.all(
        HOSTILE.map(async (pattern): Promise<[string, Answer['error']]> => {
          const url = pattern.replace(PORT, String(trap.port))
          const { error } = await send({ url, headers: { 'webhook-id': 'x' }, body: '{}' })
          return [url, error]
        }),
      )
      expect(answers.filter(([, error]) => error !== 'refused')).toEqual([])
    }
    expect(trap.connections()).toBe(0)
    expect(trap6?.connections() ?? 0).toBe(0)
  })

  it('are refused in words when a webhook is made, but for names that only resolving tells of', () => {
    const guard = webhookGuard([])
    const taken = [...LITERALS.map((host) => `https://${host}/`), ...SHAPES].filter(
      (url) => guard.fault(url.replace(PORT, '443')) === undefined,
    )
    expect(taken).toEqual([])
    for (const url of SHAPES) expect(guard.fault(url)).toMatch(/^url /)
  })

  it('do not pass by a second look-up: the connection goes to the address that was looked at', async () => {
    let asked = 0
    const resolve: Resolve = (_, done) =>
      done(null, [{ address: asked++ === 0 ? '198.51.100.1' : '127.0.0.1', family: 4 }])
    const send = sender({ guard: webhookGuard(['198.51.100.1']), now: Date.now, resolve, timeoutMs: 300 })
    const { error } = await send({ url: `http://rebind.example:${trap.port}/`, headers: {}, body: '{}' })
    expect(['timeout', 'connect']).toContain(error)
    expect(asked).toBe(1)
    expect(trap.connections()).toBe(0)
  })

  it('are not reached by a redirect', async () => {
    const outside = await receiver()
    outside.answer = (response) => {
      response.writeHead(307, { location: trap.url }).end()
    }
    const send = sender({ guard: webhookGuard(['127.0.0.1']), now: Date.now })
    const answer = await send({ url: outside.url, headers: {}, body: '{}' })
    expect(answer).toEqual({ status: 307, error: 'redirect', retryAfterMs: null })
    expect(trap.connections()).toBe(0)
    await outside.close()
  })
})

describe('isPublic', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '93.184.215.14',
    '99.255.255.255',
    '100.128.0.1',
    '172.32.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450:4001::1',
    '2001:4860:4860::8888',
  ])('%s is', (ip) => {
    expect(isPublic(ip)).toBe(true)
  })

  it.each(['', 'x', 'example.org', '1.2.3', '::ffff:8.8.8.8', '::'])('%s is not', (ip) => {
    expect(isPublic(ip)).toBe(false)
  })
})

describe('what the operator allows', () => {
  const PUBLIC = [
    'https://hooks.example.org/x',
    'https://hooks.example.org:8443/',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
  ]

  it.each(PUBLIC)('%s needs no leave', (url) => {
    expect(webhookGuard([]).fault(url)).toBeUndefined()
  })

  it.each([
    [['10.0.0.0/8'], 'http://10.1.2.3:9000/', true],
    [['10.0.0.0/8'], 'http://11.1.2.3:9000/', false],
    [['10.0.0.7'], 'http://10.0.0.7/', true],
    [['10.0.0.7'], 'http://10.0.0.8/', false],
    [['::1'], 'http://[::1]:1/', true],
    [['n8n.internal'], 'http://n8n.internal:5678/hook', true],
    [['n8n.internal'], 'http://N8N.internal.:5678/hook', true],
    [['n8n.internal'], 'http://x.n8n.internal/', false],
    [['n8n.internal'], 'http://other.internal/', false],
  ])('%j: %s is allowed: %s', (allow, url, allowed) => {
    expect(webhookGuard(allow).fault(url) === undefined).toBe(allowed)
  })

  it('a name may resolve into an allowed block, and nowhere else', async () => {
    const there = await receiver()
    const send = (address: string) =>
      sender({
        guard: webhookGuard(['127.0.0.0/8']),
        now: Date.now,
        resolve: (_, done) => done(null, [{ address, family: 4 }]),
        timeoutMs: 2_000,
      })({ url: `http://n8n.internal:${there.port}/`, headers: {}, body: '{}' })
    expect((await send('127.0.0.1')).status).toBe(204)
    expect((await send('10.0.0.1')).error).toBe('refused')
    // In the clear only where it is allowed.
    expect((await send('93.184.215.14')).error).toBe('refused')
    await there.close()
  })

  it.each(['10.0.0.0/33', '1.2.3.4/x', 'a b', 'https://x', '*.internal', ''])('%s is a mistake', (entry) => {
    expect(() => webhookGuard([entry])).toThrow(/is not an address/)
  })
})
