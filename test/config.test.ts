import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { explainConfig, type Flags, readConfig, withoutPasswords } from '../collector/config.ts'
import { Sentence } from '../collector/sentence.ts'

const folder = mkdtempSync(join(tmpdir(), 'leadwake-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let serial = 0

function configFile(text: string): string {
  const path = join(folder, `${++serial}.json`)
  writeFileSync(path, text)
  return path
}
const read = (flags: Flags, env: Record<string, string> = {}, stored?: Record<string, unknown>) =>
  readConfig(flags, env, stored ? configFile(JSON.stringify(stored)) : join(folder, 'none.json'))

describe('readConfig', () => {
  it('has a default for everything', () => {
    expect(read({})).toEqual({
      host: '127.0.0.1',
      port: 4380,
      db: 'data/leadwake.db',
      site: 'main',
      adminKey: undefined,
      rules: undefined,
      trustProxy: [],
      rate: 50,
      apiRate: 6000,
      staff: [],
      refuseNets: undefined,
      webdriver: 'refuse',
      database: undefined,
      intakeLog: undefined,
      partitions: 4,
      connections: 10_000,
      logKeep: 0,
      logLimit: 1024,
      geo: undefined,
      webhookAllow: [],
      smtp: undefined,
      mailFrom: 'leadwake@localhost',
      demo: true,
    })
  })

  const options: [name: keyof Flags, variable: string, values: [string, string, string], key: string][] = [
    ['host', 'HOST', ['::1', '0.0.0.0', '10.0.0.1'], 'host'],
    ['port', 'PORT', ['1', '2', '3'], 'port'],
    ['db', 'LEADWAKE_DB', ['a.db', 'b.db', 'c.db'], 'db'],
    ['site', 'LEADWAKE_SITE', ['a', 'b', 'c'], 'site'],
    ['rules', 'LEADWAKE_RULES', ['a.json', 'b.json', 'c.json'], 'rules'],
    [
      'adminKey',
      'LEADWAKE_ADMIN_KEY',
      ['lw_aaaaaaaaaaaaaaaa', 'lw_bbbbbbbbbbbbbbbb', 'lw_cccccccccccccccc'],
      'adminKey',
    ],
    ['webhookAllow', 'LEADWAKE_WEBHOOK_ALLOW', ['a.lan', '10.0.0.2', '10.0.0.0/8'], 'webhookAllow'],
    ['mailFrom', 'LEADWAKE_MAIL_FROM', ['a@b.org', 'c@b.org', 'd@b.org'], 'mailFrom'],
    ['smtp', 'LEADWAKE_SMTP', ['smtp://a', 'smtp://b', 'smtps://c'], 'smtp'],
    ['geo', 'LEADWAKE_GEO', ['a.mmdb', 'b.mmdb', 'c.mmdb'], 'geo'],
    ['trustProxy', 'LEADWAKE_TRUST_PROXY', ['10.0.0.1', '10.0.0.2', '10.0.0.3'], 'trustProxy'],
    ['rate', 'LEADWAKE_RATE', ['1', '2', '3'], 'rate'],
    ['apiRate', 'LEADWAKE_API_RATE', ['1', '2', '3'], 'apiRate'],
    ['staff', 'LEADWAKE_STAFF', ['10.0.0.1', '10.0.0.2', '10.0.0.3'], 'staff'],
    ['refuseNets', 'LEADWAKE_REFUSE_NETS', ['a.txt', 'b.txt', 'c.txt'], 'refuseNets'],
    ['connections', 'LEADWAKE_CONNECTIONS', ['1', '2', '3'], 'connections'],
    ['logKeep', 'LEADWAKE_LOG_KEEP', ['1', '2', '3'], 'logKeep'],
  ]
  it.each(options)(
    'takes %s from the flag, then %s, then the file',
    (name, variable, [flag, env, stored], key) => {
      const value = (...args: Parameters<typeof read>) =>
        String((read(...args) as unknown as Record<string, unknown>)[key])
      const all = [{ [name]: flag }, { [variable]: env }, { [name]: stored }] as const
      expect(value(...all)).toBe(flag)
      expect(value({}, all[1], all[2])).toBe(env)
      expect(value({}, {}, all[2])).toBe(stored)
      expect(value({}, { [variable]: '' }, all[2])).toBe(stored)
    },
  )

  it('takes webdriver from the flag, then LEADWAKE_WEBDRIVER, then the file', () => {
    const [flag, env, stored] = [
      { webdriver: 'count' },
      { LEADWAKE_WEBDRIVER: 'count' },
      { webdriver: 'count' },
    ]
    expect(read(flag, { LEADWAKE_WEBDRIVER: 'refuse' }).webdriver).toBe('count')
    expect(read({}, env, { webdriver: 'refuse' }).webdriver).toBe('count')
    expect(read({}, {}, stored).webdriver).toBe('count')
    expect(() => read({ webdriver: 'yes' })).toThrow(
      /^LEADWAKE_WEBDRIVER .*must be 'refuse' or 'count', got 'yes'/,
    )
  })

  it('reads a list of proxies with spaces and empty places', () => {
    expect(read({ trustProxy: ' 10.0.0.0/8, ,fd00::/8,' }).trustProxy).toEqual(['10.0.0.0/8', 'fd00::/8'])
    expect(read({}, {}, { trustProxy: ['10.0.0.1', '10.0.0.2'] }).trustProxy).toEqual([
      '10.0.0.1',
      '10.0.0.2',
    ])
  })

  it('leaves the demo out by flag or file, the flag first', () => {
    expect(read({ demo: false }).demo).toBe(false)
    expect(read({}, {}, { demo: false }).demo).toBe(false)
    expect(read({ demo: true }, {}, { demo: false }).demo).toBe(true)
  })

  it('takes a port as a number from the file, and 0', () => {
    expect(read({}, {}, { port: 8080 }).port).toBe(8080)
    expect(read({ port: '0' }).port).toBe(0)
  })

  const wrong: [what: string, run: () => unknown, words: RegExp][] = [
    ...['abc', '-1', '65536', '80.5', '0x50', ' ', '1e3'].map((value): [string, () => unknown, RegExp] => [
      `the port '${value}'`,
      () => read({ port: value }),
      /^PORT \(or --port\) must be a whole number from 0 to 65535/,
    ]),
    [
      'a site with a space',
      () => read({ site: 'my site' }),
      /^LEADWAKE_SITE \(or --site\) must be 1 to 64 of/,
    ],
    ['a site that is too long', () => read({ site: 'x'.repeat(65) }), /^LEADWAKE_SITE/],
    ...['secret', 'lw_short', 'lw_with a space in it', `LW_${'x'.repeat(20)}`].map(
      (value): [string, () => unknown, RegExp] => [
        'a key of the wrong form',
        () => read({}, { LEADWAKE_ADMIN_KEY: value }),
        /^LEADWAKE_ADMIN_KEY must begin with 'lw_' and have at least 16 characters/,
      ],
    ),
    ...['0', '-1', '1.5', '2 GB', '9999999999'].map((value): [string, () => unknown, RegExp] => [
      `a log limit of '${value}'`,
      () => read({}, { LEADWAKE_LOG_LIMIT: value }),
      /^LEADWAKE_LOG_LIMIT \(or --log-limit\) must be a whole number of MiB from 1/,
    ]),
    ...['mysql://db.example.org/x', 'postgres://', 'a file', 'postgres://u:50%@db/x'].map(
      (value): [string, () => unknown, RegExp] => [
        `DATABASE_URL=${value}`,
        () => read({}, { DATABASE_URL: value }),
        /^DATABASE_URL must be like postgres:\/\//,
      ],
    ),
    [
      'a log elsewhere without a shared database',
      () => read({}, { LEADWAKE_INTAKE_LOG: 'nats://log' }),
      /^LEADWAKE_INTAKE_LOG puts the log of a shared database elsewhere: set DATABASE_URL too/,
    ],
    [
      'a log elsewhere that is none',
      () => read({}, { DATABASE_URL: 'postgres://db', LEADWAKE_INTAKE_LOG: 'nats://a,kafka://b' }),
      /^LEADWAKE_INTAKE_LOG must be nats:/,
    ],
    [
      'a log elsewhere whose password holds a %',
      () => read({}, { DATABASE_URL: 'postgres://db', LEADWAKE_INTAKE_LOG: 'nats://u:50%@log' }),
      /^LEADWAKE_INTAKE_LOG must be nats:/,
    ],
    ...['0', '1025', 'many'].map((value): [string, () => unknown, RegExp] => [
      `LEADWAKE_PARTITIONS=${value}`,
      () => read({}, { LEADWAKE_PARTITIONS: value }),
      /^LEADWAKE_PARTITIONS must be a whole number from 1 to 1024/,
    ]),
    [
      'an unknown option in the file',
      () => read({}, {}, { prot: 1 }),
      /'prot' is not an option; the options are host, port/,
    ],
    ['a file that is no JSON', () => readConfig({}, {}, configFile('{"port":')), /cannot be read/],
    ['a file with a list', () => readConfig({}, {}, configFile('[]')), /must hold a JSON object/],
    ['a folder for a file', () => readConfig({}, {}, folder), /cannot be read/],
  ]
  it.each(wrong)('refuses %s in a sentence that names it', (_what, run, words) => {
    expect(run).toThrow(Sentence)
    expect(run).toThrow(words)
  })

  it('does not repeat a key that it refuses', () => {
    for (const run of [
      () => read({}, { LEADWAKE_ADMIN_KEY: 'hunter2hunter2' }),
      () => readConfig({}, {}, configFile('{"adminKey": hunter2hunter2}')),
    ]) {
      expect(run).toThrow(Sentence)
      expect(run).not.toThrow(/hunter2/)
    }
  })
})

describe('explainConfig', () => {
  it.each([
    ['postgres://leadwake:s3cret@db:5432/x', 'postgres://leadwake:***@db:5432/x'],
    ['postgres://leadwake@db/x?search_path=a', 'postgres://leadwake@db/x?search_path=a'],
    ['postgres://db/x?user=u&password=s3cret', 'postgres://db/x?user=u&password=***'],
    ['nats://u:s3cret@a,nats://u:s3cret@b?replicas=3', 'nats://u:***@a,nats://u:***@b?replicas=3'],
    ['nats://s3cret@a', 'nats://***@a'],
    ['postgres://u:s3c/ret@db/x', 'postgres://u:***@db/x'],
  ])('shows the address %s without its password', (address, shown) => {
    expect(withoutPasswords(address)).toBe(shown)
  })

  it('says of every option what holds and where that came from, and shows no secret', () => {
    const file = configFile(JSON.stringify({ host: '::1', port: 4000, demo: false }))
    const env = { PORT: '5000', LEADWAKE_DB: 'e.db', LEADWAKE_ADMIN_KEY: 'lw_a-secret-of-sixteen' }
    const told = explainConfig({ db: 'f.db' }, env, file)
    const of = (name: string) => told.find((one) => one.name === name)
    expect(of('db')).toMatchObject({ value: 'f.db', from: 'flag', variable: 'LEADWAKE_DB', flag: '--db' })
    expect(of('port')).toMatchObject({ value: '5000', from: 'environment' })
    expect(of('host')).toMatchObject({ value: '::1', from: 'leadwake.config.json' })
    expect(of('site')).toMatchObject({ value: 'main', from: 'default' })
    expect(of('trustProxy')).toMatchObject({ value: null, from: 'default', flag: '--trust-proxy' })
    expect(of('demo')).toMatchObject({ value: false, from: 'leadwake.config.json' })
    expect(of('adminKey')).toMatchObject({ value: 'lw_...', from: 'environment', flag: null })
    expect(JSON.stringify(told)).not.toContain('secret-of-sixteen')
  })
})
