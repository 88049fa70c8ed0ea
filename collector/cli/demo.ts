import { readConfig } from '../config.ts'
import { REPLAY_DAYS, type ReplayOptions, replay, replayName } from '../demo/replay/replay.ts'
import { type DecisionEntry, ENTRY_VERSION, type Entry, type EntryBody, type NoteEntry } from '../entry.ts'
import { DEMO_SITE, type Perform, siteEntry } from '../seed.ts'
import { Sentence } from '../sentence.ts'
import type { StateReader } from '../store/reader.ts'
import type { Command } from './command.ts'
import { AHEAD } from './import-file.ts'
import { filesOnly, withState } from './perform.ts'
import { progress } from './progress.ts'

const VISITORS = 4_000
/** As many as keep it within minutes. */
const MOST_VISITORS = 100_000
const PEOPLE_AT_ONCE = 1_000

export const demoReplay: Command = {
  name: 'demo',
  summary: 'Fill the demo site with three months that could have been',
  help: `Usage: leadwake demo --replay [options]

Makes ${REPLAY_DAYS} days of the demo site up, today the last of them: visits, pages, downloads, carts, forms, people who
leave their names, and what sales made of them. They come in as imports do: at past times, and no webhook is told.
The same day gives the same; a second time on that day changes nothing. Whatever real visitors of the demo did stays.

Options:
  --replay      do it
  --visitors N  how many come (${VISITORS}; at most ${MOST_VISITORS})
  --db FILE     database (LEADWAKE_DB, data/leadwake.db)

Example:
  leadwake demo --replay --visitors 1000`,
  options: { replay: { type: 'boolean' }, visitors: { type: 'string' } },
  run({ flags, options, print }) {
    if (options.replay !== true) throw new Sentence('say what is to be done: leadwake demo --replay')
    const visitors = visitorsOf(options.visitors)
    const bar = progress(process.stderr, 'visitors replayed')
    const shown = (done: number) => bar.show(done, visitors)
    const { db } = filesOnly(readConfig(flags), 'the replay is for a SQLite file; unset DATABASE_URL for it')
    return replayDemo(db, { now: Date.now(), visitors, shown }).then(({ events, decisions }) => {
      bar.end()
      print(
        `Replayed ${visitors} visitors on the demo site: ${events} new events, ${decisions} decisions of sales.`,
      )
      return 0
    })
  },
}

/** Brings the replay of the day of `now`, ms, into a database whose collector may run. Throws a `Sentence`. */
export function replayDemo(
  db: string,
  { now, visitors, shown = () => {} }: ReplayOptions & { shown?: (visitors: number) => void },
): Promise<{ events: number; decisions: number }> {
  return withState(
    db,
    async (perform, reader) => {
      if (!siteOf(reader)) await perform(siteEntry(DEMO_SITE, 'Demo', 'given'))
      refuseAnother(reader, siteOf(reader)!.no, replayName(now))
      return performAll(replay({ now, visitors }), perform, reader, shown)
    },
    { now: () => now },
  )
}

const siteOf = (reader: StateReader) => reader.sites().find(({ id }) => id === DEMO_SITE)

/** One of another day stands at other times, and would come on top. */
function refuseAnother(reader: StateReader, site: number, name: string): void {
  for (let after = 0; ; ) {
    const people = reader.people(site, after, PEOPLE_AT_ONCE)
    const brought = people.find(({ id }) => id.startsWith('replay-'))
    if (brought && !brought.id.startsWith(name))
      throw new Sentence(
        `the demo site holds the replay of ${brought.id.slice('replay-'.length, name.length)} already; name another database with --db for a new one`,
      )
    if (brought || people.length < PEOPLE_AT_ONCE) return
    after = people.at(-1)!.no
  }
}

/** Carries the entries out, some of them under way at once; what is said of people comes when they are known. */
async function performAll(
  entries: Iterable<EntryBody>,
  perform: Perform,
  reader: StateReader,
  shown: (visitors: number) => void,
): Promise<{ events: number; decisions: number }> {
  const sums = { events: 0, decisions: 0 }
  const under: Promise<void>[] = []
  for (const body of entries) {
    const entry: Entry = { ...body, v: ENTRY_VERSION }
    if (entry.kind === 'told') {
      const sent = perform(entry).then(({ body }) => {
        sums.events += Number(body.stored)
      })
      // Whoever awaits it hears of its failure; until then nobody must.
      sent.catch(() => {})
      under.push(sent)
      if (under.length >= AHEAD) await under.shift()
      if (entry.file?.line != null) shown(entry.file.line)
      continue
    }
    for (const sent of under.splice(0)) await sent
    if ((entry.kind !== 'decision' && entry.kind !== 'note') || isDone(reader, entry)) continue
    await perform(entry)
    if (entry.kind === 'decision') sums.decisions++
  }
  return sums
}

/** Whether it was said before; or of whom it is was erased since. */
function isDone(reader: StateReader, entry: DecisionEntry | NoteEntry): boolean {
  const contact = reader.numberOf(entry.contact)
  if (!contact) return true
  if (entry.kind === 'note') return reader.notes(contact.no).some(({ id }) => id === entry.id)
  const { at, id } = entry.decision
  return reader.decisions(contact.no).some((one) => one.at === at && one.id.key === id.key)
}

function visitorsOf(value: string | boolean | undefined): number {
  if (value === undefined) return VISITORS
  const visitors = Number(value)
  if (!Number.isSafeInteger(visitors) || visitors < 1 || visitors > MOST_VISITORS)
    throw new Sentence(`--visitors must be a whole number from 1 to ${MOST_VISITORS}`)
  return visitors
}
