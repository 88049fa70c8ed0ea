import type { Context } from 'hono'
import * as v from 'valibot'
import { parseJson, withoutNul } from '../json-text.ts'
import { problem } from '../problem.ts'
import { isTooDeep, TOO_DEEP } from './depth.ts'
import { nearest } from './nearest.ts'
import { readBody } from './read-body.ts'

type Schema = v.GenericSchema
type Checked<S extends Schema> = { value: v.InferOutput<S> } | { refused: Response }

/** Reads and checks a JSON body against a schema, which may depend on what was posted. Gives the text along. */
export async function jsonBody<S extends Schema>(
  c: Context,
  schema: S | ((posted: unknown) => S),
  max: number,
): Promise<Checked<S> & { text: string }> {
  const text = await readBody(c, max)
  if (text === 'too-large')
    return { refused: problem(c, 413, `a body may have at most ${max} bytes`), text: '' }
  const read = jsonIn(text)
  if ('fault' in read) return { refused: problem(c, 400, read.fault), text }
  const { posted } = read
  return { ...check(c, typeof schema === 'function' ? schema(posted) : schema, posted, 422), text }
}

/** What a body's text says; a fault in words where it is not JSON, or deeper than anything that is asked for. */
export function jsonIn(text: string): { posted: unknown } | { fault: string } {
  let posted: unknown
  try {
    posted = parseJson(text)
  } catch {
    return { fault: 'the body is not JSON' }
  }
  return isTooDeep(posted) ? { fault: `the body holds ${TOO_DEEP}` } : { posted }
}

/** Checks the query string against a schema; unknown parameters are errors, and so is one that is given twice. */
export function queryOf<S extends Schema>(c: Context, schema: S): Checked<S> {
  const all = c.req.queries()
  const twice = Object.keys(all).filter((name) => all[name]!.length > 1)
  if (twice.length > 0) {
    const errors = twice.map((name) => ({ pointer: pointer([name]), detail: 'is given twice; give it once' }))
    return { refused: refusal(c, 400, errors) }
  }
  return check(c, schema, storable(c.req.query()), 400)
}

/** Checks the parts of the path: what cannot be is not there. */
export function paramsOf<S extends Schema>(c: Context, schema: S): Checked<S> {
  const result = v.safeParse(schema, storable(c.req.param()))
  if (result.success) return { value: result.output }
  return { refused: problem(c, 404, result.issues[0].message) }
}

const storable = (texts: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, withoutNul(text)]))

function check<S extends Schema>(c: Context, schema: S, input: unknown, status: 400 | 422): Checked<S> {
  const result = v.safeParse(schema, input)
  if (result.success) return { value: result.output }
  const known = Object.keys((schema as { entries?: object }).entries ?? {})
  const errors = result.issues.map((issue) => ({ pointer: pointerOf(issue), detail: wordsOf(issue, known) }))
  // A strict object tells of the first field alone that it does not know.
  if (result.issues.some(isUnknownField))
    for (const name of Object.keys(input as object).filter((one) => !known.includes(one)))
      if (!errors.some((error) => error.pointer === pointer([name])))
        errors.push({ pointer: pointer([name]), detail: notKnown(name, known) })
  return { refused: refusal(c, status, errors) }
}

const isUnknownField = ({ type, expected, path }: v.BaseIssue<unknown>): boolean =>
  type === 'strict_object' && expected === 'never' && path?.length === 1

function refusal(c: Context, status: 400 | 422, errors: { pointer: string; detail: string }[]): Response {
  const detail = errors.map((error) => sentence(error.pointer, error.detail)).join('; ')
  return problem(c, status, detail, errors)
}

/** Checks a value against a schema; else says in words what is wrong, without the value. */
export function checked<S extends Schema>(
  schema: S,
  input: unknown,
): { value: v.InferOutput<S> } | { problem: string } {
  // A list passes for an object whose fields are all absent, but for those that every list has.
  if (Array.isArray(input)) return { problem: 'must be a JSON object' }
  const result = v.safeParse(schema, input)
  if (result.success) return { value: result.output }
  return {
    problem: result.issues.map((issue) => sentence(pointerOf(issue), wordsOf(issue))).join('; '),
  }
}

/** What is wrong, with the field in front where the words do not begin with it. */
function sentence(pointer: string, words: string): string {
  const field = pointer.slice(1)
  const [name = ''] = field.split('/')
  return words.startsWith(name) ? words : `${field} ${words}`
}

const pointerOf = (issue: v.BaseIssue<unknown>): string =>
  pointer((issue.path ?? []).map(({ key }) => String(key)))

/** JSON pointer (RFC 6901) to what is wrong. */
const pointer = (path: string[]): string =>
  path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** The schema's own sentence; the library's would repeat what was posted. `known` are the names of the outermost fields. */
function wordsOf(issue: v.BaseIssue<unknown>, known: readonly string[] = []): string {
  if (issue.expected === 'Object') return issue.path ? 'must be an object' : 'must be a JSON object'
  if (issue.type === 'strict_object') {
    return issue.expected === 'never' ? unknownField(issue, known) : 'is required'
  }
  if (issue.message.includes('received')) return `must be ${issue.expected ?? 'something else'}`
  return issue.message
}

function unknownField({ path }: v.BaseIssue<unknown>, known: readonly string[]): string {
  return path?.length === 1 ? notKnown(String(path[0]!.key), known) : 'is not a known field'
}

function notKnown(field: string, known: readonly string[]): string {
  const name = nearest(field, known)
  if (name !== undefined) return `is not a known field; the nearest is '${name}'`
  return known.length === 0 ? 'is not a known field' : `is not a known field; there are ${known.join(', ')}`
}
