import { dayOf } from '../lead/day.ts'
import { type Learned, type LearnSample, learn } from '../lead/learn.ts'
import { outcomeOf } from '../lead/outcome.ts'
import { replayLead } from '../lead/replay.ts'
import type { CompiledRules } from '../lead/rules.ts'
import type { StateReader } from '../store/reader.ts'
import { factsOf } from '../store/store.ts'

const PAGE = 500

/**
 * Points as a site's outcomes suggest them. What a person did is folded again from the events up to the hand-over, so that
 * nothing of what came later is looked at, even of the same day.
 */
export function learnOf(state: StateReader, site: number, rules: CompiledRules): Learned {
  return learn([...samples(state, site, rules)], rules)
}

function* samples(state: StateReader, site: number, rules: CompiledRules): Generator<LearnSample> {
  for (let last = 0; ; ) {
    const page = state.people(site, last, PAGE)
    for (const contact of page) {
      const outcome = outcomeOf(state.decisions(contact.no))
      if (!outcome) continue
      const { won, handedOverAt } = outcome
      const streams = state
        .visitors(contact.no)
        .map(({ visitor, from, to }) =>
          state.events(visitor.no, from, Math.min(to ?? Number.MAX_SAFE_INTEGER, handedOverAt + 1)),
        )
      const facts = factsOf(contact)
      const past = state.pastCells(contact.no).filter(({ lastAt }) => lastAt <= handedOverAt)
      const { cells } = replayLead(streams, facts, rules, handedOverAt, dayOf(handedOverAt) - 1, [], past)
      yield { id: contact.id, cells, handedOverAt, won }
    }
    if (page.length < PAGE) return
    last = page.at(-1)!.no
  }
}
