import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readConfig } from '../config.ts'
import { type BroughtPerson, ENTRY_VERSION } from '../entry.ts'
import { keepHeapsSmall } from '../heap.ts'
import type { Target } from '../import/columns.ts'
import { OWN_FIELDS } from '../import/columns.ts'
import { UnreadableFile } from '../import/header.ts'
import { type Found, type PeopleOptions, peopleOf } from '../import/people.ts'
import { importSetting } from '../project/bring.ts'
import type { Perform } from '../seed.ts'
import { Sentence } from '../sentence.ts'
import type { StateReader } from '../store/reader.ts'
import type { Command, Input } from './command.ts'
import { AHEAD, fileId, sizeOf, wrongLines } from './import-file.ts'
import { withState } from './perform.ts'
import { progress } from './progress.ts'

/** People of one entry: its transaction stays below 100 ms. */
const CHUNK = 500

export const importContacts: Command = {
  name: 'import contacts',
  summary: 'Bring the contacts of another system, from CSV or NDJSON',
  help: `Usage: leadwake import contacts FILE [options]

Makes leads of people whom you know, so that what they do counts from the day they come. Known people are updated;
the same file can be imported again. A wrong line is reported with its number and costs no other line. No webhook is
sent. People who were erased stay away.

A CSV file names its columns in its first line; delimiter and encoding are found. Columns with usual names (e-mail,
phone, customer id, first name, company, job title, ...) are taken, others are left out unless --map names them. An
NDJSON file holds one JSON object a line, with email, phone, externalId, traits, consent, at.

Options:
  --map LIST        what a column is, where its name does not say: TARGET=COLUMN, with commas; a target is
                    ${OWN_FIELDS.join(', ')} or a trait, like company.name
  --dry-run         say what would happen, and change nothing
  --resume          go on where an import of this file stopped
  --format FORMAT   csv or ndjson (by the file's name)
  --encoding NAME   of a CSV file that is not UTF-8, like windows-1252
  --delimiter CHAR  of a CSV file
  --errors FILE     write every wrong line's number and reason there
  --json            the result as JSON
  --site ID         the site (LEADWAKE_SITE, main)
  --db FILE         database (LEADWAKE_DB, data/leadwake.db)

Examples:
  leadwake import contacts crm.csv --dry-run
  leadwake import contacts crm.csv --map 'externalId=Deal owner id,company.name=Konto'`,
  options: {
    map: { type: 'string' },
    'dry-run': { type: 'boolean' },
    resume: { type: 'boolean' },
    format: { type: 'string' },
    encoding: { type: 'string' },
    delimiter: { type: 'string' },
    errors: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: ['FILE'],
  run(input) {
    const path = input.positionals[0]
    if (path === undefined) throw new Sentence('name the file: leadwake import contacts FILE')
    keepHeapsSmall()
    const options = optionsOf(input, path)
    const size = sizeOf(path)
    const config = readConfig(input.flags)
    return withState(config, async (perform, reader) => {
      const sites = reader.sites()
      const site = sites.find(({ id }) => id === config.site)
      if (!site)
        throw new Sentence(
          `--site: there is no site '${config.site}'; there are ${sites.map(({ id }) => id).join(', ')}`,
        )
      const file = fileId(path, size, site.id)
      const stopped = Number(reader.setting(importSetting(file)) ?? 0)
      if (stopped > 0 && !input.options.resume && !input.options['dry-run'])
        process.stderr.write(`An import of this file stopped at line ${stopped}; --resume goes on there.\n`)
      const after = input.options.resume ? stopped : 0
      const source = { path, size, options, after }
      const report = reporter(input)
      const done = input.options['dry-run']
        ? await rehearse(source, report, reader, site.no)
        : await carryOut(source, report, perform, site.id, file)
      return report.end({ ...done, after, dryRun: input.options['dry-run'] === true })
    }).catch((error) => {
      if (error instanceof UnreadableFile) throw new Sentence(`${path}: ${error.message}`)
      throw error
    })
  },
}

interface Source {
  path: string
  size: number
  options: PeopleOptions
  /** Lines up to here are done. */
  after: number
}

interface Done {
  created: number
  updated: number
  /** People whose consent nobody can read: kept as refused. */
  unreadableConsent: number
}

type Person = Exclude<Found, { problem: string }>

/** The people of a file behind `after`, by chunks; wrong lines go to the report. `line` is the last that was read. */
async function* chunksOf(
  { path, size, options, after }: Source,
  report: Report,
): AsyncGenerator<{ people: Person[]; line: number }> {
  const stream = createReadStream(path, { highWaterMark: 262_144 })
  let people: Person[] = []
  let line = 0
  for await (const found of peopleOf(stream, { ...options, leftOut: report.leftOut })) {
    for (const one of found) {
      if (one.line <= after) continue
      line = one.line
      if ('problem' in one) report.wrong(one.line, one.problem)
      else if (people.push(one) === CHUNK) {
        yield { people, line }
        people = []
      }
    }
    report.share(stream.bytesRead, size)
  }
  if (people.length > 0) yield { people, line }
}

async function carryOut(
  source: Source,
  report: Report,
  perform: Perform,
  site: string,
  file: string,
): Promise<Done> {
  const done: Done = { created: 0, updated: 0, unreadableConsent: 0 }
  const now = Date.now()
  const under: Promise<void>[] = []
  const send = async (people: BroughtPerson[], line: number | null): Promise<void> => {
    const entry = { kind: 'contacts', v: ENTRY_VERSION, site, people, file: { id: file, line } } as const
    const { body } = await perform(entry)
    done.created += Number(body.created)
    done.updated += Number(body.updated)
    for (const { line, detail } of body.refused as { line: number; detail: string }[])
      report.wrong(line, detail)
  }
  for await (const { people, line } of chunksOf(source, report)) {
    for (const { unreadableConsent } of people) if (unreadableConsent) done.unreadableConsent++
    const sent = send(
      people.map((one) => brought(one, now)),
      line,
    )
    // Whoever awaits it hears of its failure; until then nobody must.
    sent.catch(() => {})
    under.push(sent)
    if (under.length >= AHEAD) await under.shift()
  }
  for (const sent of under) await sent
  await send([], null)
  return done
}

function brought({ line, person }: Person, now: number): BroughtPerson {
  const { email, phone, externalId, traits, consent, at } = person
  return {
    newContact: randomUUID(),
    line,
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
    ...(externalId !== undefined && { externalId }),
    traits,
    ...(consent !== undefined && { consent }),
    at: Math.min(at ?? now, now),
  }
}

/** Reads and checks all of it, and asks whom it is about, without changing anything. */
async function rehearse(source: Source, report: Report, reader: StateReader, site: number): Promise<Done> {
  const done: Done = { created: 0, updated: 0, unreadableConsent: 0 }
  for await (const { people } of chunksOf(source, report)) {
    for (const { person, unreadableConsent } of people) {
      const { email, phone, externalId } = person
      const named = {
        ...(email !== undefined && { email }),
        ...(phone !== undefined && { phone }),
        ...(externalId !== undefined && { externalId }),
      }
      if (reader.contactsNamed(site, named).length > 0) done.updated++
      else done.created++
      if (unreadableConsent) done.unreadableConsent++
    }
  }
  return done
}

interface Report {
  leftOut(columns: string[]): void
  wrong(line: number, problem: string): void
  /** Bytes read so far, of how many. */
  share(read: number, size: number): void
  /** Prints the sum; the exit code is 1 where a line was wrong. */
  end(sum: Done & { after: number; dryRun: boolean }): number
}

function reporter({ options, print }: Input): Report {
  const bar = progress(process.stderr, 'bytes imported')
  const lines = wrongLines(options.errors, bar)
  return {
    leftOut(columns) {
      if (columns.length === 0 || options.json) return
      process.stderr.write(`Left out: ${columns.join(', ')} (take them with --map TRAIT=COLUMN).\n`)
    },
    wrong: lines.wrong,
    share: bar.show,
    end({ created, updated, unreadableConsent, after, dryRun }) {
      const wrong = lines.end()
      if (options.json) print(JSON.stringify({ created, updated, wrong, unreadableConsent, after, dryRun }))
      else {
        const would = dryRun ? 'Would bring' : 'Brought'
        print(
          `${would} ${created + updated} people: ${created} new, ${updated} known. ${wrong} lines are wrong.`,
        )
        if (after > 0) print(`Began behind line ${after}.`)
        if (unreadableConsent > 0)
          print(`${unreadableConsent} have a consent that cannot be read (yes or no): taken as no.`)
      }
      return wrong > 0 ? 1 : 0
    },
  }
}

function optionsOf({ options }: Input, path: string): PeopleOptions {
  const format = options.format ?? (/\.(ndjson|jsonl)$/i.test(path) ? 'ndjson' : 'csv')
  if (format !== 'csv' && format !== 'ndjson') throw new Sentence('--format must be csv or ndjson')
  const { encoding, delimiter } = options
  if (typeof encoding === 'string') {
    try {
      new TextDecoder(encoding)
    } catch {
      throw new Sentence(
        `--encoding: '${encoding}' is not an encoding; try windows-1252, iso-8859-15, utf-16le`,
      )
    }
  }
  if (typeof delimiter === 'string' && delimiter.length !== 1)
    throw new Sentence('--delimiter must be one character, like ;')
  return {
    format,
    map: mapOf(options.map),
    ...(typeof encoding === 'string' && { encoding }),
    ...(typeof delimiter === 'string' && { delimiter }),
  }
}

const TARGET = /^[A-Za-z][\w.-]{0,63}$/

function mapOf(list: string | boolean | undefined): Map<Target, string> {
  const map = new Map<Target, string>()
  if (typeof list !== 'string') return map
  for (const pair of list.split(',')) {
    const [target = '', column = ''] = pair.split(/=(.*)/s).map((part) => part.trim())
    if (!TARGET.test(target) || column === '')
      throw new Sentence(`--map: '${pair.trim()}' is not TARGET=COLUMN, like email=Work address`)
    map.set(target, column)
  }
  return map
}
