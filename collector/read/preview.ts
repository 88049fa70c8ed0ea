import { outcomeOf } from '../lead/outcome.ts'
import { cellsSuffice, type Moved, type Preview, type PreviewLead, preview } from '../lead/preview.ts'
import type { CompiledRules } from '../lead/rules.ts'
import type { StateReader } from '../store/reader.ts'
import { factsOf } from '../store/store.ts'

export interface PreviewAnswer extends Preview {
  /** Those who would stand elsewhere, at most as many as were asked for. */
  movers: Moved[]
}

export interface PreviewAsked {
  now: number
  /** SQLs that sales can work in a week. */
  capacity?: number
  /** How many movers to name. */
  movers: number
  /** Called now and then with how many leads were replayed. */
  progress?: (leads: number) => void
}

/** Leads read at once, and between two calls of `progress`. */
const PAGE = 500

/**
 * Replays everybody of a site under the rules in force and under a draft: who would move, and by which rules. From
 * the cells where the rules differ in points, caps, half-lives or thresholds alone, else from the events.
 */
export function previewOf(
  state: StateReader,
  site: number,
  current: CompiledRules,
  draft: CompiledRules,
  { now, capacity, movers: most, progress = () => {} }: PreviewAsked,
): PreviewAnswer {
  const fromCells = cellsSuffice(current, draft)
  const movers: Moved[] = []
  const replay = preview(people(state, site, fromCells, progress), current, draft, {
    now,
    named: most,
    ...(capacity !== undefined && { capacity }),
  })
  for (;;) {
    const step = replay.next()
    if (step.done) return { ...step.value, movers }
    movers.push(step.value)
  }
}

function* people(
  state: StateReader,
  site: number,
  fromCells: boolean,
  progress: (leads: number) => void,
): Generator<PreviewLead> {
  let seen = 0
  let last = 0
  for (;;) {
    const page = state.people(site, last, PAGE)
    for (const contact of page) {
      const facts = factsOf(contact)
      const decisions = state.decisions(contact.no)
      const outcome = outcomeOf(decisions)
      const known = { id: contact.id, facts, decisions, ...(outcome && { outcome }) }
      if (fromCells) yield { ...known, cells: state.cells(contact.no) }
      else {
        const streams = (contact.objectedAt === null ? state.visitors(contact.no) : []).map(
          ({ visitor, from, to }) => state.events(visitor.no, from, to),
        )
        const past = contact.objectedAt === null ? state.pastCells(contact.no) : []
        yield { ...known, streams, past }
      }
    }
    seen += page.length
    progress(seen)
    if (page.length < PAGE) return
    last = page.at(-1)!.no
  }
}
