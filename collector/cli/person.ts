import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { userInfo } from 'node:os'
import { CorrectionBody } from '../api/schema.ts'
import { checked } from '../api/validate.ts'
import { readConfig } from '../config.ts'
import { ENTRY_VERSION } from '../entry.ts'
import { exportOf } from '../read/person.ts'
import { answers } from '../read.ts'
import type { Perform } from '../seed.ts'
import { Sentence } from '../sentence.ts'
import type { StateReader } from '../store/reader.ts'
import type { Command, Input } from './command.ts'
import { withState } from './perform.ts'

const PERSON = 'PERSON is the id of a lead, an e-mail address, a phone number or an external id.'
const OPTIONS = `  --site ID       the site (LEADWAKE_SITE, main)
  --db FILE       database (LEADWAKE_DB, data/leadwake.db)`

export const personExport: Command = {
  name: 'person export',
  summary: 'Write all that is held of a person, as JSON',
  help: `Usage: leadwake person export PERSON [options]

${PERSON}

Options:
  --out FILE      where to (standard output)
${OPTIONS}

Example:
  leadwake person export ada@acme.org --out ada.json`,
  options: { out: { type: 'string' } },
  positionals: ['PERSON'],
  run(input) {
    return about(input, async ({ no, id, site }, perform, reader) => {
      await perform({ kind: 'exported', v: ENTRY_VERSION, site, contact: no, by: account() })
      const ask = answers({ state: reader, now: Date.now })
      const head = { id, site, exportedAt: new Date().toISOString(), lead: ask.lead(id) }
      const { out } = input.options
      const to = typeof out === 'string' ? createWriteStream(out, { mode: 0o600 }) : process.stdout
      for await (const text of exportOf(head, (cursor) => ask.personParts(no, cursor)))
        if (!to.write(text)) await once(to, 'drain')
      if (typeof out === 'string') {
        to.end()
        await once(to, 'finish')
        input.print(`Wrote ${out}.`)
      }
      return 0
    })
  },
}

export const personErase: Command = {
  name: 'person erase',
  summary: 'Remove a person for good, who then stays away',
  help: `Usage: leadwake person erase PERSON --yes [options]

${PERSON}

Removes events, traits, links, scores, transitions and webhooks of the person from the database and its log, with all
devices that were nobody else's. What comes of the person later is refused, until a new opt-in: an identify call with
consent: true. Totals of visits and pages stay. It cannot be taken back.

Options:
  --yes           do it
${OPTIONS}

Example:
  leadwake person erase ada@acme.org --yes`,
  options: { yes: { type: 'boolean' } },
  positionals: ['PERSON'],
  run(input) {
    return about(input, async ({ no, site }, perform) => {
      if (!input.options.yes)
        throw new Sentence('this removes the person for good; say --yes if that is what you want')
      const { body } = await perform({ kind: 'erase', v: ENTRY_VERSION, site, contact: no, by: account() })
      input.print(`Erased: ${body.rows} rows. Backups that you made before still hold the person.`)
      return 0
    })
  },
}

export const personObject: Command = {
  name: 'person object',
  summary: 'Note that a person objects to profiling: kept, never scored',
  help: `Usage: leadwake person object PERSON [options]

${PERSON}

Options:
  --lift          the person no longer objects, and is scored from the whole history
${OPTIONS}`,
  options: { lift: { type: 'boolean' } },
  positionals: ['PERSON'],
  run(input) {
    return about(input, async ({ no, site }, perform) => {
      const objects = input.options.lift !== true
      const at = Date.now()
      await perform({ kind: 'object', v: ENTRY_VERSION, site, contact: no, objects, at, by: account() })
      input.print(objects ? 'Noted: kept, and no longer scored.' : 'Noted: scored again.')
      return 0
    })
  },
}

export const personCorrect: Command = {
  name: 'person correct',
  summary: 'Correct what is wrong about a person',
  help: `Usage: leadwake person correct PERSON JSON [options]

${PERSON}

JSON has any of email, phone, externalId and traits; null forgets.

Options:
${OPTIONS}

Example:
  leadwake person correct ada@acme.org '{"email": "ada@lovelace.org", "traits": {"title": null}}'`,
  positionals: ['PERSON', 'JSON'],
  run(input) {
    return about(input, async ({ no, site }, perform) => {
      const { email, phone, externalId, traits } = correction(input.positionals[1])
      await perform({
        kind: 'correct',
        v: ENTRY_VERSION,
        site,
        contact: no,
        by: account(),
        ...(email !== undefined && { email }),
        ...(phone !== undefined && { phone }),
        ...(externalId !== undefined && { externalId }),
        traits,
        at: Date.now(),
      })
      input.print('Corrected.')
      return 0
    })
  },
}

export const auditCommand: Command = {
  name: 'audit',
  summary: 'Show who did what about whose data, without the data',
  help: `Usage: leadwake audit [options]

Options:
  --json          as JSON
  --db FILE       database (LEADWAKE_DB, data/leadwake.db)`,
  options: { json: { type: 'boolean' } },
  run({ flags, options, print }) {
    return withState(readConfig(flags), async (_, reader) => {
      const { items } = answers({ state: reader, now: Date.now }).audit(1_000)
      if (options.json) print(JSON.stringify(items))
      else
        for (const { at, by, what, site, subject, detail } of items)
          print([at, what.padEnd(7), site, subject, by, JSON.stringify(detail)].join('  '))
      return 0
    })
  },
}

/** Whose hand it was, for the audit log. */
function account(): string {
  try {
    return `command line: ${userInfo().username}`
  } catch {
    // An account without a name, as in some containers.
    return 'command line'
  }
}

function correction(text: string | undefined) {
  if (text === undefined)
    throw new Sentence('say what is right: leadwake person correct PERSON \'{"email": ...}\'')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Sentence('what is right must be JSON, like \'{"traits": {"name": "Ada"}}\'')
  }
  const result = checked(CorrectionBody, value)
  if ('problem' in result) throw new Sentence(result.problem)
  return result.value
}

interface Found {
  no: number
  id: string
  site: string
}

function about(
  input: Input,
  work: (person: Found, perform: Perform, reader: StateReader) => Promise<number>,
): Promise<number> {
  const [name] = input.positionals
  if (name === undefined) throw new Sentence(`name the person: ${PERSON}`)
  const config = readConfig(input.flags)
  return withState(config, (perform, reader) => work(personOf(reader, config.site, name), perform, reader))
}

function personOf(reader: StateReader, siteId: string, name: string): Found {
  const sites = reader.sites()
  const site = sites.find(({ id }) => id === siteId)
  if (!site)
    throw new Sentence(
      `--site: there is no site '${siteId}'; there are ${sites.map(({ id }) => id).join(', ')}`,
    )
  const named = [{ email: name.trim().toLowerCase() }, { phone: name }, { externalId: name }]
  const ids = [name, ...named.flatMap((one) => reader.contactsNamed(site.no, one))]
  for (const id of ids) {
    const found = reader.numberOf(id)
    if (found && found.site === site.no) return { ...found, site: site.id }
  }
  throw new Sentence(`the site '${siteId}' knows nobody of that name; a merged or erased person has none`)
}
