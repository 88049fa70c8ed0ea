import type { Context } from 'hono'
import * as v from 'valibot'
import type { Page } from '../../shared/api.ts'
import { pageOf } from './answers/fields.ts'
import { BOM, csvLine } from './csv.ts'
import {
  type Asked,
  type Call,
  type EndpointDeps,
  endpoint,
  type KeyedCall,
  type Nothing,
  type ObjectSchema,
} from './endpoint.ts'

/** Items that are read at once where a list is streamed: what one answer may hold. */
const CHUNK = 500

const MEDIA = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' } as const
const FORMATS = ['json', 'csv', 'ndjson'] as const

const FORMAT = {
  format: v.optional(
    v.pipe(
      v.picklist(FORMATS, `format must be one of ${FORMATS.join(', ')}`),
      v.description(
        'How the list is given; the `Accept` header says so, too. As CSV and NDJSON it is the whole list from `cursor` on, streamed, and `limit` is how many are wanted in all.',
      ),
    ),
  ),
  bom: v.optional(
    v.pipe(
      v.picklist(['0', '1'], 'bom must be 0 or 1'),
      v.description("1 begins a CSV with UTF-8's mark, for Excel."),
    ),
  ),
}

export interface Part {
  limit: number
  cursor: string | undefined
}

/**
 * A list: as JSON a page with the cursor of the next one (and `Link`), as CSV and NDJSON all of it under the same
 * filters. `page` gives at most `limit` items behind a cursor, or what is to be answered instead. `name` is the file's.
 */
export function listing<
  I extends ObjectSchema,
  P extends ObjectSchema = Nothing,
  Q extends ObjectSchema = Nothing,
>(
  deps: EndpointDeps,
  call: Omit<KeyedCall<P, Q, Nothing>, 'answers' | 'body'> & {
    item: I
    name: string
    also?: Call['answers']
    /** What JSON gives in the place of a page, where there is more to tell than items and all of them come at once. */
    whole?: v.GenericSchema
  },
  page: (
    c: Context,
    asked: Asked<P, Q, Nothing>,
    part: Part,
  ) => Promise<Page<v.InferOutput<I>> | Response> | Page<v.InferOutput<I>> | Response,
): (c: Context) => Promise<Response> {
  const { item, name, also, whole, ...rest } = call
  const query = withFormat(call.query)
  const described = {
    ...rest,
    query,
    answers: { 200: whole ?? pageOf(item), ...also },
    streams: [MEDIA.csv, MEDIA.ndjson],
  } as unknown as KeyedCall<P, ObjectSchema, Nothing>
  const columns = Object.keys(item.entries)

  return endpoint(deps, described, async (c, asked) => {
    const { format, bom, limit, cursor } = asked.query as {
      format?: (typeof FORMATS)[number]
      bom?: string
      limit?: number
      cursor?: string
    }
    const chosen = format ?? accepted(c)
    const ask = (part: Part) => page(c, asked as unknown as Asked<P, Q, Nothing>, part)
    c.header('vary', 'accept')
    if (chosen === 'json') {
      const found = await ask({ limit: limit ?? CHUNK, cursor })
      if (found instanceof Response) return found
      if (whole) {
        const { next: _, ...told } = found
        return c.json(told)
      }
      if (found.next !== null) c.header('link', `<${nextUrl(c, found.next)}>; rel="next"`)
      return c.json(found)
    }
    // The default of `limit` is a page's, not a file's.
    const all = c.req.query('limit') === undefined ? Number.POSITIVE_INFINITY : limit!
    const first = await ask({ limit: Math.min(CHUNK, all), cursor })
    if (first instanceof Response) return first
    const lines = chosen === 'csv' ? csvOf(columns, bom === '1') : ndjson
    const day = new Date(deps.now()).toISOString().slice(0, 10)
    c.header('content-type', MEDIA[chosen])
    c.header('cache-control', 'no-store')
    c.header('content-disposition', `attachment; filename="${name}-${day}.${chosen}"`)
    return c.body(streamed(lines(parts(first, all, ask))))
  })
}

/** A query with what says how its list is given; what holds of several of its fields goes on to hold. */
function withFormat(query: ObjectSchema | undefined): ObjectSchema {
  const all = v.strictObject({ ...query?.entries, ...FORMAT })
  const [, ...checks] =
    (query as { pipe?: v.PipeItem<unknown, unknown, v.BaseIssue<unknown>>[] } | undefined)?.pipe ?? []
  return (checks.length === 0 ? all : v.pipe(all, ...(checks as never[]))) as unknown as ObjectSchema
}

const FORMAT_OF: Record<string, (typeof FORMATS)[number]> = {
  'application/json': 'json',
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
}

/** The format that is wanted most by the `Accept` header (RFC 9110, 12.5.1), the one named first where two are; JSON where it names none. */
function accepted(c: Context): (typeof FORMATS)[number] {
  let [chosen, most]: [(typeof FORMATS)[number], number] = ['json', 0]
  for (const range of (c.req.header('accept') ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const format = FORMAT_OF[type]
    const weight = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1)
    if (format && weight > most) [chosen, most] = [format, weight]
  }
  return chosen
}

/** The address of the next page, under the same filters. */
function nextUrl(c: Context, cursor: string): string {
  const { pathname, searchParams } = new URL(c.req.url)
  searchParams.set('cursor', cursor)
  return `${pathname}?${searchParams}`
}

type Items = readonly Record<string, unknown>[]

async function* parts(
  first: Page<unknown>,
  all: number,
  ask: (part: Part) => Promise<Page<unknown> | Response> | Page<unknown> | Response,
): AsyncGenerator<Items> {
  let given = 0
  let found = first
  for (;;) {
    yield found.items as Items
    given += found.items.length
    if (found.next === null || given >= all) return
    const next = await ask({ limit: Math.min(CHUNK, all - given), cursor: found.next })
    // What was there a moment ago is gone: the file ends here, and is not a whole one.
    if (next instanceof Response) throw new Error('the list went away while it was being read')
    found = next
  }
}

function csvOf(columns: readonly string[], bom: boolean) {
  return async function* (chunks: AsyncGenerator<Items>): AsyncGenerator<string> {
    yield (bom ? BOM : '') + csvLine(columns)
    for await (const items of chunks)
      yield items.map((item) => csvLine(columns.map((name) => item[name]))).join('')
  }
}

async function* ndjson(chunks: AsyncGenerator<Items>): AsyncGenerator<string> {
  for await (const items of chunks) yield items.map((item) => `${JSON.stringify(item)}\n`).join('')
}

/** Texts as they are asked for: whoever reads slowly is read for slowly. */
export function streamed(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const next = await texts.next()
      if (next.done) controller.close()
      else controller.enqueue(encoder.encode(next.value))
    },
    async cancel() {
      await texts.return(undefined)
    },
  })
}
