import type { TrackedEvent } from '../../lead/state.ts'
import type { Texts } from './texts.ts'

/** Kinds by number, in the order of the column; append only. The first two cost no byte in a row. */
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

/**
 * The row of an event. `lag` is `at` less the ms of its id: a few bytes less than a second clock. What is in the
 * columns depends on the kind; strings are numbers of `texts`.
 *
 * | kind               | a            | b         | c                       | data        |
 * | ------------------ | ------------ | --------- | ----------------------- | ----------- |
 * | page               | path         | referrer  | JSON of query, pageKind |             |
 * | engage             | key of page  | ms        | scroll, %               |             |
 * | download, outbound | url          |           |                         |             |
 * | cart               | product      | quantity  | price                   | currency    |
 * | form               | form         | action    |                         |             |
 * | custom, signal     | name         |           |                         | props, JSON |
 */
export interface EventRow {
  idMs: number
  idKey: number
  lag: number
  kind: number
  a: number
  b: number | null
  c: number | null
  data: string | null
  /** Of its path, the latest; only where a reader asks for it. */
  title?: string | null
}

export const EVENT_COLUMNS = 'id_ms AS idMs, id_key AS idKey, lag, kind, a, b, c, data'

type Columns = Pick<EventRow, 'a' | 'b' | 'c' | 'data'>

export function toRow(event: TrackedEvent, texts: Texts): EventRow {
  const { ms, key } = event.id
  const kind = EVENT_KINDS.indexOf(event.kind)
  return { idMs: ms, idKey: key, lag: event.at - ms, kind, ...columnsOf(event, texts) }
}

function columnsOf(event: TrackedEvent, texts: Texts): Columns {
  const optional = (text: string | undefined) => (text === undefined ? null : texts.no(text))
  switch (event.kind) {
    case 'page': {
      const { path, referrer, query, pageKind } = event
      const rest = query || pageKind !== undefined ? texts.no(JSON.stringify({ query, pageKind })) : null
      return { a: texts.no(path), b: optional(referrer), c: rest, data: null }
    }
    case 'engage':
      // The ms of its page's id are those of its own.
      return { a: event.page.key, b: event.ms, c: event.scroll, data: null }
    case 'download':
    case 'outbound':
      return { a: texts.no(event.url), b: null, c: null, data: null }
    case 'cart': {
      const { product, quantity, price = null, currency = null } = event
      return { a: texts.no(product), b: quantity, c: price, data: currency }
    }
    case 'form':
      return { a: texts.no(event.form), b: optional(event.action), c: null, data: null }
    case 'custom':
    case 'signal': {
      const { name, props } = event
      return { a: texts.no(name), b: null, c: null, data: props ? JSON.stringify(props) : null }
    }
    default:
      return event satisfies never
  }
}

export function fromRow(row: EventRow, texts: Texts): TrackedEvent {
  const { a, b, c, data } = row
  const base = { id: { ms: row.idMs, key: row.idKey }, at: row.idMs + row.lag }
  const kind = EVENT_KINDS[row.kind]!
  switch (kind) {
    case 'page':
      return {
        ...base,
        kind,
        path: texts.text(a),
        ...(row.title && { title: row.title }),
        ...(b !== null && { referrer: texts.text(b) }),
        ...(c !== null && JSON.parse(texts.text(c))),
      }
    case 'engage':
      return { ...base, kind, page: { ms: row.idMs, key: a }, ms: b!, scroll: c! }
    case 'download':
    case 'outbound':
      return { ...base, kind, url: texts.text(a) }
    case 'cart':
      return {
        ...base,
        kind,
        product: texts.text(a),
        quantity: b!,
        ...(c !== null && { price: c }),
        ...(data !== null && { currency: data }),
      }
    case 'form':
      return { ...base, kind, form: texts.text(a), ...(b !== null && { action: texts.text(b) }) }
    case 'custom':
    case 'signal':
      return { ...base, kind, name: texts.text(a), ...(data !== null && { props: JSON.parse(data) }) }
    default:
      return kind satisfies never
  }
}
