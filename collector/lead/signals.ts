import type { Signal } from '../../shared/lead.ts'
import { dayOf } from './day.ts'
import type { CompiledRules } from './rules.ts'
import type { Fold } from './sessionise.ts'
import type { ContactFacts, Occurrence, TrackedEvent } from './state.ts'
import type { Happened } from './where.ts'

/** Page views of one visit from which it is a long one: 'more than 8'. */
export const LONG_VISIT_VIEWS = 9
/** The custom event by which the snippet reports a click on a call to action. */
const CALL_TO_ACTION = 'cta'
/** Characters kept of a distinct key. The end of a path tells files apart. */
const MAX_KEY_LENGTH = 200

/** Signals made of what a browser says. Whoever forges a beacon can make these, so none opens the hand-raise gate. */
export const BROWSER_SIGNALS = [
  'visit',
  'page_view',
  'engaged_minutes',
  'long_visit',
  'download',
  'cart',
  'click',
  'form',
] as const

/** Prefix of a browser's custom events, so that none bears a server's name. */
export const CUSTOM_PREFIX = 'custom:'

/** Prefix of the signal that a rule with conditions makes where they hold. Nothing that is sent can bear it. */
export const RULE_PREFIX = 'rule:'

/** What a rule with conditions that shows intent makes of an event, once however many there are. No rule can bear the id. */
export const CONDITIONAL_INTENT = `${RULE_PREFIX}*`

/** The signal of a page kind: `pricing` -> `pricing_view`. */
export const kindSignal = (kind: string): Signal => `${kind}_view`

/**
 * What one event means to the rules, in a fixed order; empty for engagement that did not grow or whose page view is
 * not known yet. `fold` is what sessionising made of it; `facts` are what conditions on traits ask for.
 */
export function occurrencesOf(
  event: TrackedEvent,
  fold: Fold,
  rules: CompiledRules,
  facts: ContactFacts | null = null,
): Occurrence[] {
  const found: Occurrence[] = []
  const today = dayOf(event.at)
  const once = (signal: Signal, day = today, key: string | null = null): void => {
    found.push({ signal, at: event.at, day, count: 1, ms: 0, key })
  }
  if (fold.opened) once('visit')
  switch (event.kind) {
    case 'page': {
      once('page_view')
      const kind = rules.pageKind(event.path, event.pageKind)
      if (kind) once(kindSignal(kind))
      if (fold.visit?.views === LONG_VISIT_VIEWS) once('long_visit', dayOf(fold.visit.startAt))
      break
    }
    case 'engage':
      break
    case 'download':
      once('download', today, pathOf(event.url))
      break
    case 'cart':
      once('cart')
      break
    case 'outbound':
      once('click')
      break
    case 'form':
      once('form')
      break
    case 'custom':
      if (event.name === CALL_TO_ACTION) once('click')
      once(`${CUSTOM_PREFIX}${event.name}`)
      break
    case 'signal':
      if (!event.name.startsWith(RULE_PREFIX)) once(event.name)
      break
    default:
      return event satisfies never
  }
  if (fold.engagedDelta > 0) {
    const day = dayOf(fold.page?.at ?? event.at)
    found.push({ signal: 'engaged_minutes', at: event.at, day, count: 0, ms: fold.engagedDelta, key: null })
  }
  return rules.conditional.size === 0 ? found : withConditional(found, { event, fold, facts }, rules)
}

/** Behind what happened, the signals of the rules whose conditions it satisfies. */
function withConditional(found: Occurrence[], happened: Happened, rules: CompiledRules): Occurrence[] {
  let intent = found.some(({ signal }) => rules.intent.has(signal))
  const made: Occurrence[] = []
  for (const occurrence of found) {
    for (const { signal, holds, showsIntent } of rules.conditional.get(occurrence.signal) ?? []) {
      if (!holds(happened)) continue
      made.push({ ...occurrence, signal })
      if (!showsIntent || intent || occurrence.count === 0) continue
      intent = true
      made.push({ ...occurrence, signal: CONDITIONAL_INTENT, ms: 0, key: null })
    }
  }
  return [...found, ...made]
}

/** The path of a URL, which names a file whatever its host's alias or query; what is no URL stays as it is. */
export function pathOf(url: string): string {
  const bare = url.replace(/[?#].*$/s, '').replace(/^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/]*/i, '')
  return (bare || '/').slice(-MAX_KEY_LENGTH)
}
