import type { TrackedEvent } from '../../lead/state.ts'
import type { Column } from './lists.ts'

/** Kinds by number; append only. */
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

/** What of each kind is looked for, in `value`. An engagement has its page in `page_key` and its time in `ms`. */
const VALUES = {
  page: 'path',
  engage: undefined,
  download: 'url',
  cart: 'product',
  outbound: 'url',
  form: 'form',
  custom: 'name',
  signal: 'name',
} as const satisfies Record<TrackedEvent['kind'], string | undefined>

/** Columns of an event but its visitor; the rest of it is JSON in `more`, null where there is none. */
export interface EventRow {
  id_ms: number
  id_key: number
  at: number
  kind: number
  value: string | null
  page_key: number | null
  ms: number | null
  more: string | null
}

export const EVENT_COLUMNS = 'id_ms, id_key, at, kind, value, page_key, ms, more'

/** What lies in columns of its own, or beside the events: titles. */
const APART = new Set(['id', 'at', 'kind', 'title', 'page', 'ms'])

type Fields = TrackedEvent & Record<string, unknown>

/** Null of a kind of which nothing is looked for. */
export function valueIn(event: TrackedEvent): string | null {
  const field = VALUES[event.kind]
  return field === undefined ? null : (((event as Fields)[field] as string | undefined) ?? null)
}

/** The rest of an event, which lies in no column. */
export function moreOf(event: TrackedEvent): string | null {
  const fields = event as Fields
  const field = VALUES[event.kind]
  let more: Record<string, unknown> | undefined
  for (const name in fields) {
    const value = fields[name]
    if (APART.has(name) || value === undefined) continue
    // What a text column cannot hold is kept as JSON spells it.
    if (name === field && !(typeof value === 'string' && value.includes('\0'))) continue
    more ??= {}
    more[name] = value
  }
  return more ? JSON.stringify(more) : null
}

/** But for its visitor, and its month. */
export const EVENT_LISTS: Column<TrackedEvent>[] = [
  ['id_ms', ({ id }) => id.ms],
  ['id_key', ({ id }) => id.key],
  ['at', ({ at }) => at],
  ['kind', ({ kind }) => EVENT_KINDS.indexOf(kind)],
  ['value', valueIn],
  // The ms of its page's id are those of its own.
  ['page_key', (event) => (event.kind === 'engage' ? event.page.key : null)],
  ['ms', (event) => (event.kind === 'engage' ? event.ms : null)],
  ['more', moreOf],
]

/** `title` is the latest of its path, where a reader asks for it. */
export function fromEventRow(row: EventRow & { title?: string | null }): TrackedEvent {
  const kind = EVENT_KINDS[row.kind]!
  const field = VALUES[kind]
  return {
    id: { ms: row.id_ms, key: row.id_key },
    at: row.at,
    kind,
    ...(field && { [field]: row.value }),
    ...(kind === 'engage' && { page: { ms: row.id_ms, key: row.page_key }, ms: row.ms }),
    ...(row.title && { title: row.title }),
    ...(row.more !== null && JSON.parse(row.more)),
  } as TrackedEvent
}
