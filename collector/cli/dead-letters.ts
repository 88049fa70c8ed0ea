import { readConfig } from '../config.ts'
import { ENTRY_VERSION, type Entry } from '../entry.ts'
import { eventsOf, REPLAYED_AT_ONCE, type Replayed } from '../project/replay-dead.ts'
import { Sentence } from '../sentence.ts'
import type { StateReader } from '../store/reader.ts'
import type { DeadLetter } from '../store/store.ts'
import type { Command, Input } from './command.ts'
import { withState } from './perform.ts'
import { progress } from './progress.ts'

const OPTIONS = `  --json           as JSON
  --db FILE        database (LEADWAKE_DB, data/leadwake.db)`
const SHOWN = 100

export const deadLettersList: Command = {
  name: 'dead-letters list',
  summary: 'List entries that could not be projected',
  help: `Usage: leadwake dead-letters list [options]

A dead letter was acknowledged and could not be projected. They are kept for 90 days, at most 64 MB of them.

Options:
  --limit N        how many (${SHOWN})
${OPTIONS}

Exit code: 0, also where there are none.`,
  options: { limit: { type: 'string' }, json: { type: 'boolean' } },
  run({ flags, options, print }) {
    const limit = numberOf(options.limit) ?? SHOWN
    return withState(readConfig(flags), async (_, reader) => {
      const letters = reader.deadLetters(0, limit).map(lineOf)
      if (options.json) print(JSON.stringify(letters))
      else if (letters.length === 0) print('There are none.')
      else
        for (const { seq, at, kind, events, reason } of letters)
          print(`${String(seq).padEnd(10)} ${at}  ${kind.padEnd(9)} ${events} events  ${reason}`)
      return 0
    })
  },
}

export const deadLettersShow: Command = {
  name: 'dead-letters show',
  summary: 'Show one of them, whole',
  help: `Usage: leadwake dead-letters show NUMBER [options]

What it holds may be personal data.

Options:
${OPTIONS}

Exit code: 0 when it is there, 1 when not.

Example:
  leadwake dead-letters show 4711`,
  options: { json: { type: 'boolean' } },
  positionals: ['NUMBER'],
  run({ flags, options, positionals, print }) {
    const seq = numberOf(positionals[0])
    if (seq === undefined) throw new Sentence('name it by its number: leadwake dead-letters show NUMBER')
    return withState(readConfig(flags), async (_, reader) => {
      const [letter] = reader.deadLetters(seq - 1, 1)
      if (letter?.seq !== seq)
        throw new Sentence(`there is no dead letter ${seq}; leadwake dead-letters list shows them`)
      const shown = { ...lineOf(letter), entry: JSON.parse(letter.body) as unknown }
      print(options.json ? JSON.stringify(shown) : JSON.stringify(shown, null, 2))
      return 0
    })
  },
}

export const deadLettersReplay: Command = {
  name: 'dead-letters replay',
  summary: 'Project them again, after their cause was mended',
  help: `Usage: leadwake dead-letters replay [NUMBER] [options]

Projects one dead letter, or all of them, again: by the collector that runs, or here where none does. One that fails
again stays, with its new reason; an event counts once however often it is replayed.

Options:
${OPTIONS}

Exit code: 0 when all of them went through, 1 when any failed again.

Examples:
  leadwake dead-letters replay
  leadwake dead-letters replay 4711 --json`,
  options: { json: { type: 'boolean' } },
  positionals: ['NUMBER'],
  run(input) {
    return inChunks(input, async (perform, seqs) => {
      const { body } = await perform({ kind: 'replay', v: ENTRY_VERSION, seqs })
      return body as unknown as Replayed
    })
  },
}

export const deadLettersDiscard: Command = {
  name: 'dead-letters discard',
  summary: 'Remove one of them for good',
  help: `Usage: leadwake dead-letters discard NUMBER [options]

Options:
${OPTIONS}

Exit code: 0 when it is gone, 1 when it was not there.`,
  options: { json: { type: 'boolean' } },
  positionals: ['NUMBER'],
  run({ flags, options, positionals, print }) {
    const seq = numberOf(positionals[0])
    if (seq === undefined) throw new Sentence('name it by its number: leadwake dead-letters discard NUMBER')
    return withState(readConfig(flags), async (perform, reader) => {
      if (reader.deadLetters(seq - 1, 1)[0]?.seq !== seq)
        throw new Sentence(`there is no dead letter ${seq}; leadwake dead-letters list shows them`)
      await perform({ kind: 'discard', v: ENTRY_VERSION, seqs: [seq] })
      print(options.json ? JSON.stringify({ discarded: seq }) : `Discarded ${seq}.`)
      return 0
    })
  },
}

type Perform = Parameters<Parameters<typeof withState>[1]>[0]

function inChunks(
  { flags, options, positionals, print }: Input,
  replay: (perform: Perform, seqs: number[]) => Promise<Replayed>,
): Promise<number> {
  const one = positionals[0] === undefined ? undefined : numberOf(positionals[0])
  return withState(readConfig(flags), async (perform, reader) => {
    const all = one === undefined ? numbersOf(reader) : [one]
    const total: Replayed = { replayed: [], failed: [], unknown: [] }
    const shown = progress(process.stderr, 'dead letters replayed')
    for (let i = 0; i < all.length; i += REPLAYED_AT_ONCE) {
      shown.show(i, all.length)
      const done = await replay(perform, all.slice(i, i + REPLAYED_AT_ONCE))
      total.replayed.push(...done.replayed)
      total.failed.push(...done.failed)
      total.unknown.push(...done.unknown)
    }
    shown.end()
    if (total.unknown.length > 0)
      throw new Sentence(`there is no dead letter ${total.unknown[0]}; leadwake dead-letters list shows them`)
    if (options.json) print(JSON.stringify({ replayed: total.replayed, failed: total.failed }))
    else {
      print(`${total.replayed.length} went through, ${total.failed.length} failed again.`)
      for (const { seq, reason } of total.failed) print(`${seq}  ${reason}`)
    }
    return total.failed.length > 0 ? 1 : 0
  })
}

/** All numbers, read in steps so that a body is not held longer than it is looked at. */
function numbersOf(reader: StateReader): number[] {
  const seqs: number[] = []
  for (;;) {
    const next = reader.deadLetters(seqs.at(-1) ?? 0, REPLAYED_AT_ONCE)
    if (next.length === 0) return seqs
    for (const { seq } of next) seqs.push(seq)
  }
}

function lineOf({ seq, at, body, reason }: DeadLetter) {
  const entry = JSON.parse(body) as Entry
  const site = 'site' in entry ? entry.site : null
  return { seq, at: new Date(at).toISOString(), kind: entry.kind, site, events: eventsOf(entry), reason }
}

function numberOf(value: string | boolean | undefined): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value)
  throw new Sentence(`'${value}' is not a whole number`)
}
