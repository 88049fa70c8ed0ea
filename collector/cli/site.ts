import { readConfig } from '../config.ts'
import { ENTRY_VERSION } from '../entry.ts'
import { filesOf } from '../files.ts'
import { secretSetting } from '../project/sites.ts'
import { rulesInFile } from '../rules-file.ts'
import { PIECE_NAMES, scriptServer, settingsOf } from '../script.ts'
import { siteEntry } from '../seed.ts'
import { Sentence } from '../sentence.ts'
import { consentOf, hostsOf, piecesOf, retentionOf } from '../site-settings.ts'
import type { StateReader } from '../store/reader.ts'
import type { Site } from '../store/store.ts'
import { scriptTag, versionedTag } from '../tag.ts'
import { builtSnippet } from './built.ts'
import type { Command } from './command.ts'
import { listCommand } from './list-command.ts'
import { withState } from './perform.ts'
import { timeZoneOf } from './rebuild.ts'

const DB_OPTION = '  --db FILE        database (LEADWAKE_DB, data/leadwake.db)'

export const siteNew: Command = {
  name: 'site new',
  summary: 'Add a site',
  help: `Usage: leadwake site new ID [NAME] [options]

Options:
  --consent MODE   'required' (measure only until the visitor consents; the default) or 'given'
                   (you say that you have consent, so that visitors get an id at once)
  --hosts LIST     host names whose pages may send, with commas; all if not given
  --with LIST      what its script takes on, with commas: ${PIECE_NAMES.join(', ')}
  --rules FILE     its rules (LEADWAKE_RULES; else the standard preset)
  --time-zone ZONE whose days its numbers are of, by its IANA name (Europe/Berlin; UTC if not given)
${DB_OPTION}

Example:
  leadwake site new shop "Our shop" --hosts shop.example.com,www.example.com`,
  options: {
    consent: { type: 'string' },
    hosts: { type: 'string' },
    with: { type: 'string' },
    'time-zone': { type: 'string' },
  },
  positionals: ['ID', 'NAME'],
  run({ flags, options, positionals, print }) {
    const [id, name = id] = positionals
    if (id === undefined || !/^[A-Za-z0-9_-]{1,64}$/.test(id)) {
      throw new Sentence('name the site: leadwake site new ID, with 1 to 64 of A-Z a-z 0-9 _ -')
    }
    const consent = consentOf((options.consent as string | undefined) ?? 'required')
    const hosts = hostsOf((options.hosts as string | undefined) ?? '')
    const pieces = piecesOf((options.with as string | undefined) ?? '')
    const timeZone = timeZoneOf(options['time-zone'])
    const config = readConfig(flags)
    const rules = config.rules === undefined ? undefined : rulesInFile(config.rules)
    return withState(config, async (perform) => {
      const entry = {
        ...siteEntry(id, name!, consent, rules),
        hosts,
        with: pieces,
        ...(timeZone !== undefined && { timeZone }),
      }
      await perform(entry as Parameters<typeof perform>[0])
      print(`Added the site '${id}'. Its script tag:`)
      print(scriptTag(`http://${config.host}:${config.port}`, id))
      if (consent === 'required') {
        print(
          'Its visitors are only measured until they consent: without a consent banner, leads come through forms alone.',
        )
      }
      return 0
    })
  },
}

export const siteSet: Command = {
  name: 'site set',
  summary: "Change a site's settings",
  help: `Usage: leadwake site set ID [options]

What is not named stays as it is. Pages take a change up within an hour; a versioned tag (leadwake site tag) keeps
the script as it was.

Options:
  --with LIST      what its script takes on, with commas: ${PIECE_NAMES.join(', ')}; '' for the core alone
  --consent MODE   'required' or 'given' (see leadwake site new --help)
  --hosts LIST     host names whose pages may send, with commas; '' for all
  --name NAME      how it is called in the dashboard
  --retention DAYS how long events, visits and visitors without a contact are kept, from 90; 'all' keeps them for good.
                   What is older goes at the end of each day; sums, leads and their scores stay
${DB_OPTION}

Examples:
  leadwake site set main --retention 400
  leadwake site set main --with ga4,woo
  leadwake site set main --consent given --hosts shop.example.com`,
  options: {
    with: { type: 'string' },
    consent: { type: 'string' },
    hosts: { type: 'string' },
    name: { type: 'string' },
    retention: { type: 'string' },
  },
  positionals: ['ID'],
  run({ flags, options, positionals, print }) {
    const id = idOf(positionals, 'set')
    const { with: pieces, consent, hosts, name, retention } = options as Record<string, string | undefined>
    const changes = {
      ...(pieces !== undefined && { with: piecesOf(pieces) }),
      ...(consent !== undefined && { consent: consentOf(consent) }),
      ...(hosts !== undefined && { hosts: hostsOf(hosts) }),
      ...(name !== undefined && { name }),
      ...(retention !== undefined && { retention: retentionOf(retention) }),
    }
    if (Object.keys(changes).length === 0)
      throw new Sentence('say what to change: --with, --consent, --hosts, --name or --retention')
    if (name === '') throw new Sentence('--name must not be empty')
    return withState(readConfig(flags), async (perform, reader) => {
      siteIn(reader, id)
      const { body } = await perform({ kind: 'site-set', v: ENTRY_VERSION, id, ...changes })
      describe(body as unknown as Site, print)
      return 0
    })
  },
}

export const siteShow: Command = {
  name: 'site show',
  summary: "Print a site's settings",
  help: `Usage: leadwake site show ID [options]

Options:
  --json           as JSON
${DB_OPTION}`,
  options: { json: { type: 'boolean' } },
  positionals: ['ID'],
  run({ flags, options, positionals, print }) {
    const id = idOf(positionals, 'show')
    return withState(readConfig(flags), async (_, reader) => {
      const site = siteIn(reader, id)
      if (options.json) print(JSON.stringify(settings(site)))
      else describe(site, print)
      return 0
    })
  },
}

export const siteTag: Command = {
  name: 'site tag',
  summary: "Print a site's script tag",
  help: `Usage: leadwake site tag ID [options]

Options:
  --versioned      the script as it is now, for good: its bytes never change, and browsers check them
                   (Subresource Integrity). Print it again after an upgrade or a changed setting to take that up;
                   the tags printed before go on working.
  --origin URL     where pages reach the collector (http://HOST:PORT)
${DB_OPTION}

Examples:
  leadwake site tag main --origin https://go.example.com
  leadwake site tag main --origin https://go.example.com --versioned`,
  options: { versioned: { type: 'boolean' }, origin: { type: 'string' } },
  positionals: ['ID'],
  run({ flags, options, positionals, print }) {
    const id = idOf(positionals, 'tag')
    const config = readConfig(flags)
    const origin = originOf(options.origin as string | undefined, `http://${config.host}:${config.port}`)
    return withState(config, async (_, reader) => {
      const site = siteIn(reader, id)
      if (!options.versioned) print(scriptTag(origin, id))
      else {
        const script = scriptServer(builtSnippet(), filesOf(config.db).scripts)
        print(versionedTag(origin, script.handOut(settingsOf(site))))
      }
      return 0
    })
  },
}

function idOf(positionals: string[], command: string): string {
  const [id] = positionals
  if (id === undefined)
    throw new Sentence(`name the site: leadwake site ${command} ID (see leadwake site list)`)
  return id
}

function siteIn(reader: StateReader, id: string): Site {
  const sites = reader.sites()
  const site = sites.find((each) => each.id === id)
  if (!site)
    throw new Sentence(`there is no site '${id}'; there are ${sites.map((each) => each.id).join(', ')}`)
  return site
}

function originOf(text: string | undefined, otherwise: string): string {
  if (text === undefined) return otherwise
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '')
    return url.origin
  throw new Sentence(`--origin must be an address such as https://go.example.com, got '${text}'`)
}

const settings = ({ id, name, consent, hosts, with: pieces, rulesVersion, timeZone, retention }: Site) => ({
  id,
  name,
  consent,
  hosts,
  with: pieces,
  rulesVersion,
  timeZone,
  retention,
})

function describe(site: Site, print: (line: string) => void): void {
  print(`Site     ${site.id}`)
  print(`Name     ${site.name}`)
  print(`Consent  ${site.consent}`)
  print(`Hosts    ${site.hosts.join(', ') || 'every host'}`)
  print(`Script   ${['the core', ...site.with].join(', ')}`)
  print(`Days     ${site.timeZone}`)
  print(`Keeps    ${site.retention === null ? 'everything' : `${site.retention} days`}`)
}

export const siteList = listCommand({
  name: 'site list',
  summary: 'List the sites',
  items: (reader) => reader.sites().map(settings),
  parts: (site) => [
    site.id,
    site.name,
    `consent ${site.consent}`,
    site.hosts.join(',') || 'every host',
    ...(site.with.length > 0 ? [`with ${site.with.join(',')}`] : []),
    ...(site.timeZone === 'UTC' ? [] : [site.timeZone]),
    ...(site.retention === null ? [] : [`keeps ${site.retention} days`]),
  ],
})

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
    const id = idOf(positionals, 'secret')
    return withState(readConfig(flags), async (_, reader) => {
      siteIn(reader, id)
      const secret = reader.setting(secretSetting(id))
      if (secret === undefined) throw new Sentence(`the site '${id}' has no secret`)
      print(secret)
      return 0
    })
  },
}
