/**
 * A checker of the part of JSON Schema (draft 2020-12) that our schema uses. It refuses a keyword that it does not
 * know, so that no part of the schema goes unchecked.
 */
type Schema = { [keyword: string]: unknown } | boolean
// biome-ignore lint/suspicious/noExplicitAny: a schema's parts are of any kind
type Loose = any

const NOTES = ['$schema', '$id', '$defs', 'title', 'description', 'examples', 'then', 'else']

/** Paths of what does not hold, with the keyword that says so; empty for a valid value. */
export function violations(root: Schema, value: unknown, schema: Schema = root, path = ''): string[] {
  if (schema === true) return []
  if (schema === false) return [`${path}: refused`]
  return Object.entries(schema).flatMap(([keyword, said]) => {
    if (NOTES.includes(keyword)) return []
    const test = KEYWORDS[keyword]
    if (!test) throw new Error(`the checker does not know "${keyword}"`)
    const at = (part: Schema, inner: unknown, name = '') => violations(root, inner, part, path + name)
    const found = test(said as Loose, value as Loose, schema, at, root)
    return found === true ? [] : found === false ? [`${path}: ${keyword}`] : found
  })
}

type At = (part: Schema, inner: unknown, name?: string) => string[]
const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const typeOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
const entries = (value: unknown): [string, unknown][] =>
  isObject(value) ? Object.entries(value as object) : []
const given = (value: unknown): [string, unknown][] => entries(value).filter(([, one]) => one !== undefined)

const KEYWORDS: Record<
  string,
  (said: Loose, value: Loose, schema: Loose, at: At, root: Loose) => boolean | string[]
> = {
  $ref: (said, value, _, at, root) => at(root.$defs[said.replace('#/$defs/', '')], value),
  type: (said, value) => typeOf(value) === said && !Number.isNaN(value),
  enum: (said, value) => said.includes(value),
  const: (said, value) => said === value,
  minimum: (said, value) => typeof value !== 'number' || value >= said,
  maximum: (said, value) => typeof value !== 'number' || value <= said,
  minLength: (said, value) => typeof value !== 'string' || value.length >= said,
  maxLength: (said, value) => typeof value !== 'string' || value.length <= said,
  pattern: (said, value) => typeof value !== 'string' || new RegExp(said, 'u').test(value),
  minItems: (said, value) => !Array.isArray(value) || value.length >= said,
  maxItems: (said, value) => !Array.isArray(value) || value.length <= said,
  minProperties: (said, value) => !isObject(value) || given(value).length >= said,
  maxProperties: (said, value) => !isObject(value) || given(value).length <= said,
  required: (said, value) => !isObject(value) || said.every((key: string) => value[key] !== undefined),
  items: (said, value, _, at) =>
    Array.isArray(value) ? value.flatMap((one, i) => at(said, one, `[${i}]`)) : true,
  properties: (said, value, _, at) =>
    given(value).flatMap(([key, one]) => (Object.hasOwn(said, key) ? at(said[key], one, `.${key}`) : [])),
  additionalProperties: (said, value, schema, at) =>
    given(value).flatMap(([key, one]) =>
      Object.hasOwn(schema.properties ?? {}, key) ? [] : at(said, one, `.${key}`),
    ),
  propertyNames: (said, value, _, at) => given(value).flatMap(([key]) => at(said, key, `.${key}`)),
  anyOf: (said, value, _, at) => said.some((one: Schema) => at(one, value).length === 0),
  if: (said, value, schema, at) => at(at(said, value).length === 0 ? schema.then : schema.else, value),
}
