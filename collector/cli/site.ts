import { readConfig } from '../config.ts'
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
    return withState(config.db, async (perform) => {
      await perform({ ...siteEntry(id, name!, consent), hosts } as Parameters<typeof perform>[0])
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
