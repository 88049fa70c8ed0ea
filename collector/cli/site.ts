import { readConfig } from '../config.ts'
import { secretSetting } from '../project/sites.ts'
import { rulesInFile } from '../rules-file.ts'
import { siteEntry } from '../seed.ts'
import { Sentence } from '../sentence.ts'
import type { Command } from './command.ts'
import { withState } from './perform.ts'

const DB_OPTION = '  --db FILE        database (LEADWAKE_DB, data/leadwake.db)'

export const siteNew: Command = {
  name: 'site new',
  summary: 'Add a site',
  help: `Usage: leadwake site new ID [NAME] [options]

Options:
  --consent MODE   'required' (measure only until the visitor consents; the default) or 'given'
                   (you say that you have consent, so that visitors get an id at once)
  --hosts LIST     host names whose pages may send, with commas; all if not given
  --rules FILE     its rules (LEADWAKE_RULES; else the standard preset)
${DB_OPTION}

Example:
  leadwake site new shop "Our shop" --hosts shop.example.com,www.example.com`,
  options: { consent: { type: 'string' }, hosts: { type: 'string' } },
  positionals: ['ID', 'NAME'],
  run({ flags, options, positionals, print }) {
    const [id, name = id] = positionals
    if (id === undefined || !/^[A-Za-z0-9_-]{1,64}$/.test(id)) {
      throw new Sentence('name the site: leadwake site new ID, with 1 to 64 of A-Z a-z 0-9 _ -')
    }
    const consent = options.consent ?? 'required'
    if (consent !== 'required' && consent !== 'given')
      throw new Sentence("--consent must be 'required' or 'given'")
    const hosts = hostsOf(options.hosts)
    const config = readConfig(flags)
    const rules = config.rules === undefined ? undefined : rulesInFile(config.rules)
    return withState(config.db, async (perform) => {
      await perform({ ...siteEntry(id, name!, consent, rules), hosts } as Parameters<typeof perform>[0])
      print(`Added the site '${id}'. Its script tag:`)
      print(`<script defer src="http://${config.host}:${config.port}/l.js?s=${id}"></script>`)
      if (consent === 'required') {
        print(
          'Its visitors are only measured until they consent: without a consent banner, leads come through forms alone.',
        )
      }
      return 0
    })
  },
}

function hostsOf(list: string | boolean | undefined): string[] {
  if (typeof list !== 'string') return []
  const hosts = list
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '')
  const wrong = hosts.find((host) => !/^[^\s/?#@*]+$/.test(host))
  if (wrong !== undefined)
    throw new Sentence(
      `--hosts: '${wrong}' is not a host name; write shop.example.com, without https:// or /`,
    )
  return hosts
}

export const siteList: Command = {
  name: 'site list',
  summary: 'List the sites',
  help: `Usage: leadwake site list [options]

Options:
  --json           as JSON
${DB_OPTION}`,
  options: { json: { type: 'boolean' } },
  run({ flags, options, print }) {
    return withState(readConfig(flags).db, async (_, reader) => {
      const sites = reader
        .sites()
        .map(({ id, name, consent, hosts, rulesVersion }) => ({ id, name, consent, hosts, rulesVersion }))
      if (options.json) print(JSON.stringify(sites))
      else
        for (const site of sites)
          print(
            [site.id, site.name, `consent ${site.consent}`, site.hosts.join(',') || 'every host'].join('  '),
          )
      return 0
    })
  },
}

export const siteSecret: Command = {
  name: 'site secret',
  summary: 'Print the secret with which a site signs who its visitor is',
  help: `Usage: leadwake site secret ID [options]

What a page says of who its visitor is, anybody can say; signed by your server it is as good as a form handler's
word. The signature is HMAC-SHA256, in hex, with this secret, of these three lines, with no line end after the last:

  SITE
  EMAIL         lower case, no spaces around it
  EXPIRES_MS    when it ends to hold, ms since 1970

Whoever has the secret can sign in anybody's name: keep it on the server, never in a page.

Options:
${DB_OPTION}

Examples:
  leadwake site secret main
  printf 'main\\nada@acme.org\\n1893456000000' | openssl dgst -sha256 -hmac "$(leadwake site secret main)"

In JavaScript, signIdentify({ secret, site, email, expires }) of leadwake/server gives the same.`,
  positionals: ['ID'],
  run({ flags, positionals, print }) {
    const [id] = positionals
    if (id === undefined)
      throw new Sentence('name the site: leadwake site secret ID (see leadwake site list)')
    return withState(readConfig(flags).db, async (_, reader) => {
      const sites = reader.sites().map((site) => site.id)
      if (!sites.includes(id)) throw new Sentence(`there is no site '${id}'; there are ${sites.join(', ')}`)
      const secret = reader.setting(secretSetting(id))
      if (secret === undefined) throw new Sentence(`the site '${id}' has no secret`)
      print(secret)
      return 0
    })
  },
}
