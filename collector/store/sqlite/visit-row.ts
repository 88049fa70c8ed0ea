import type { Visit } from '../../lead/state.ts'
import type { Texts } from './texts.ts'

/** The row of a visit: its length instead of its end, and numbers of `texts` for its strings. */
export interface VisitRow {
  startAt: number
  span: number
  views: number
  engagedMs: number
  actions: number
  entry: number | null
  exit: number | null
  referrer: number | null
  /** JSON. */
  query: number | null
}

export const VISIT_COLUMNS =
  'start_at AS startAt, span, views, engaged_ms AS engagedMs, actions, entry, exit, referrer, query'

export function toVisitRow(visit: Visit, texts: Texts): VisitRow {
  const { startAt, endAt, views, engagedMs, actions, entryPath, exitPath, referrer, query } = visit
  const no = (text: string | null) => (text === null ? null : texts.no(text))
  return {
    startAt,
    span: endAt - startAt,
    views,
    engagedMs,
    actions,
    entry: no(entryPath),
    exit: no(exitPath),
    referrer: no(referrer),
    query: query && texts.noOf(query, JSON.stringify),
  }
}

export function fromVisitRow(row: VisitRow, texts: Texts): Visit {
  const { startAt, span, views, engagedMs, actions, entry, exit, referrer, query } = row
  const text = (no: number | null) => (no === null ? null : texts.text(no))
  return {
    startAt,
    endAt: startAt + span,
    views,
    engagedMs,
    actions,
    entryPath: text(entry),
    exitPath: text(exit),
    referrer: text(referrer),
    query: query === null ? null : JSON.parse(texts.text(query)),
  }
}
