import { createReadStream, statSync } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { cleanTexts } from '../clean-texts.ts'
import { readConfig } from '../config.ts'
import { ENTRY_VERSION, type ToldItem } from '../entry.ts'
import { UnreadableFile } from '../import/header.ts'
import { PLAUSIBLE_SUMS } from '../import/plausible.ts'
import { type ViewsOptions, viewsOf } from '../import/views.ts'
import { importSetting } from '../project/bring.ts'
import type { Perform } from '../seed.ts'
import { Sentence } from '../sentence.ts'
import type { Command, Input } from './command.ts'
import { AHEAD, fileId, sizeOf, wrongLines } from './import-file.ts'
import { withState } from './perform.ts'
import { progress } from './progress.ts'

/** Page views of one entry: its transaction stays below 100 ms. */
const CHUNK = 500

const WHAT = `Page views come into the numbers of their own days, under visitors of their own: they are linked to nobody,
move no lead and send no webhook. The same file can be imported again; what is there stays once. A wrong line is
reported with its number and costs no other line. A file whose name ends in .gz is unpacked.`

const OPTIONS = `Options:
  --dry-run         read and check all of it, and change nothing
  --resume          go on where an import of this file stopped
  --errors FILE     write every wrong line's number and reason there
  --json            the result as JSON
  --site ID         the site (LEADWAKE_SITE, main)
  --db FILE         database (LEADWAKE_DB, data/leadwake.db)`

function command(
  tool: ViewsOptions['tool'],
  summary: string,
  about: string,
  more: Command['options'] = {},
): Command {
  return {
    name: `import ${tool}`,
    summary,
    help: `Usage: leadwake import ${tool} FILE [options]\n\n${about}\n\n${WHAT}\n\n${OPTIONS}`,
    options: {
      'dry-run': { type: 'boolean' },
      resume: { type: 'boolean' },
      errors: { type: 'string' },
      json: { type: 'boolean' },
      ...more,
    },
    positionals: ['FILE'],
    run: (input) => run(tool, input),
  }
}

export const importGa4 = command(
  'ga4',
  'Bring page views of Google Analytics 4, from its BigQuery export',
  `FILE is newline-delimited JSON, as 'bq extract --destination_format NEWLINE_DELIMITED_JSON' writes the tables
events_YYYYMMDD. Of its events the page_view ones are taken; engaged time is not in them.`,
)

export const importUmami = command(
  'umami',
  'Bring page views of Umami, from its CSV export',
  `FILE is website_event as CSV with a header: Umami's own export, or, of PostgreSQL,
\\copy (SELECT * FROM website_event JOIN session USING (session_id)) TO 'umami.csv' CSV HEADER.
--website ID takes one website of several.`,
  { website: { type: 'string' } },
)

export const importPlausible = command(
  'plausible',
  'Bring page views of Plausible, from its events table',
  `FILE is events_v2 of a Plausible of your own as CSV with names:
clickhouse-client --query "SELECT * FROM events_v2 WHERE name = 'pageview' FORMAT CSVWithNames".
The files imported_*.csv of plausible.io hold sums by day and are refused: no visitor can be made of them.`,
)

interface Done {
  views: number
  stored: number
  known: number
  from: number
  to: number
  left: Map<string, number>
}

async function run(tool: ViewsOptions['tool'], input: Input): Promise<number> {
  const { options, positionals, print } = input
  const path = positionals[0]
  if (path === undefined) throw new Sentence(`name the file: leadwake import ${tool} FILE`)
  refuseFolder(tool, path)
  const size = sizeOf(path)
  const config = readConfig(input.flags)
  const isDry = options['dry-run'] === true
  return withState(config, async (perform, reader) => {
    const sites = reader.sites()
    const site = sites.find(({ id }) => id === config.site)
    if (!site)
      throw new Sentence(
        `--site: there is no site '${config.site}'; there are ${sites.map(({ id }) => id).join(', ')}`,
      )
    const file = fileId(path, size, site.id)
    const stopped = Number(reader.setting(importSetting(file)) ?? 0)
    if (stopped > 0 && !options.resume && !isDry)
      process.stderr.write(`An import of this file stopped at line ${stopped}; --resume goes on there.\n`)
    const after = options.resume ? stopped : 0
    const bar = progress(process.stderr, 'bytes imported')
    const lines = wrongLines(options.errors, bar)
    const done: Done = {
      views: 0,
      stored: 0,
      known: 0,
      from: Number.POSITIVE_INFINITY,
      to: 0,
      left: new Map(),
    }
    const stream = createReadStream(path, { highWaterMark: 262_144 })
    const chunks = path.endsWith('.gz') ? stream.pipe(createGunzip()) : stream
    const { website } = options
    const reading: ViewsOptions = {
      tool,
      site,
      now: Date.now(),
      clean: cleanTexts(),
      ...(typeof website === 'string' && { website }),
    }
    const sender = isDry ? undefined : sending(perform, site.id, file, done)
    for await (const found of viewsOf(chunks, reading)) {
      for (const one of found) {
        if (one.line <= after) continue
        if ('problem' in one) lines.wrong(one.line, one.problem)
        else if ('left' in one) done.left.set(one.left, (done.left.get(one.left) ?? 0) + 1)
        else {
          done.views++
          done.from = Math.min(done.from, one.item.at)
          done.to = Math.max(done.to, one.item.at)
          await sender?.add(one.item, one.line)
        }
      }
      bar.show(stream.bytesRead, size)
    }
    await sender?.end()
    const wrong = lines.end()
    report(print, done, { wrong, after, isDry, isJson: options.json === true })
    return wrong > 0 ? 1 : 0
  }).catch((error) => {
    if (error instanceof UnreadableFile) throw new Sentence(`${path}: ${error.message}`)
    if (error?.code === 'Z_BUF_ERROR')
      throw new Sentence(`${path} ends before its end: it was not copied whole`)
    if (String(error?.code).startsWith('Z_')) throw new Sentence(`${path} is not gzip, as its name says`)
    throw error
  })
}

/** What Plausible hands out is an archive of sums; who unpacked it names the folder. */
function refuseFolder(tool: ViewsOptions['tool'], path: string): void {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  if (tool === 'plausible' && (isFolder || path.endsWith('.zip')))
    throw new Sentence(`${path} ${PLAUSIBLE_SUMS}`)
}

/** Sends page views by chunks, some of them under way at once. */
function sending(perform: Perform, site: string, file: string, done: Done) {
  const under: Promise<void>[] = []
  let items: ToldItem[] = []
  let last = 0
  async function send(some: ToldItem[], line: number | null): Promise<void> {
    const entry = { kind: 'told', v: ENTRY_VERSION, site, items: some, file: { id: file, line } } as const
    const { body } = await perform(entry)
    done.stored += Number(body.stored)
    done.known += Number(body.known)
  }
  async function flush(): Promise<void> {
    const sent = send(items, last)
    items = []
    // Whoever awaits it hears of its failure; until then nobody must.
    sent.catch(() => {})
    under.push(sent)
    if (under.length >= AHEAD) await under.shift()
  }
  return {
    async add(item: ToldItem, line: number): Promise<void> {
      last = line
      if (items.push(item) === CHUNK) await flush()
    },
    async end(): Promise<void> {
      if (items.length > 0) await flush()
      for (const sent of under) await sent
      await send([], null)
    },
  }
}

function report(
  print: Input['print'],
  { views, stored, known, from, to, left }: Done,
  { wrong, after, isDry, isJson }: { wrong: number; after: number; isDry: boolean; isJson: boolean },
): void {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10)
  const span = views === 0 ? {} : { from: day(from), to: day(to) }
  if (isJson) {
    print(
      JSON.stringify({
        views,
        stored,
        known,
        ...span,
        left: Object.fromEntries(left),
        wrong,
        after,
        dryRun: isDry,
      }),
    )
    return
  }
  const days = views === 0 ? '' : ` from ${day(from)} to ${day(to)}`
  const news = isDry ? '' : `: ${stored} new, ${known} known`
  print(`${isDry ? 'Would bring' : 'Brought'} ${views} page views${days}${news}. ${wrong} lines are wrong.`)
  const names = [...left].sort(([, a], [, b]) => b - a)
  if (names.length > 0)
    print(`No page views, left out: ${names.map(([name, n]) => `${n} ${name}`).join(', ')}.`)
  if (after > 0) print(`Began behind line ${after}.`)
}
