import type { TrackedEvent } from '../../lead/state.ts'

/** Kinds by number, in the order of the column; append only. */
export const EVENT_KINDS = [
  'page',
  'engage',
  'download',
  'cart',
  'outbound',
  'form',
  'custom',
  'signal',
] as const

export interface EventRow {
  idMs: number
  idKey: number
  at: number
  kind: number
  path: string | null
  /** Of its path, the latest; only where a reader asks for it. */
  title?: string | null
  ms: number | null
  scroll: number | null
  data: string | null
}

/** The row of an event; its path as text, which the store interns. */
export function toRow(event: TrackedEvent): EventRow {
  const row: EventRow = {
    idMs: event.id.ms,
    idKey: event.id.key,
    at: event.at,
    kind: EVENT_KINDS.indexOf(event.kind),
    path: null,
    ms: null,
    scroll: null,
    data: null,
  }
  switch (event.kind) {
    case 'engage':
      // The key of its page view: an engagement bears the ms of the page's id, but a key of its own.
      return { ...row, ms: event.ms, scroll: event.scroll, data: String(event.page.key) }
    case 'page': {
      const { id: _id, at: _at, kind: _kind, path, title: _title, ...rest } = event
      return { ...row, path, data: json(rest) }
    }
    default: {
      const { id: _id, at: _at, kind: _kind, ...rest } = event
      return { ...row, data: json(rest) }
    }
  }
}

function json(rest: object): string | null {
  return Object.keys(rest).length === 0 ? null : JSON.stringify(rest)
}

export function fromRow(row: EventRow): TrackedEvent {
  const base = { id: { ms: row.idMs, key: row.idKey }, at: row.at }
  const kind = EVENT_KINDS[row.kind]
  if (kind === 'engage') {
    return { ...base, kind, page: { ms: row.idMs, key: Number(row.data) }, ms: row.ms!, scroll: row.scroll! }
  }
  const rest = row.data === null ? {} : JSON.parse(row.data)
  if (kind === 'page')
    return { ...base, kind, path: row.path!, ...(row.title && { title: row.title }), ...rest }
  return { ...base, kind, ...rest }
}
