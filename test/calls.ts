/** Makes the types of `shared/calls.ts` from the OpenAPI document. */
import { readFileSync } from 'node:fs'

export const CALLS = new URL('../shared/calls.ts', import.meta.url)

interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema | boolean
}

interface Operation {
  summary: string
  security?: unknown[]
  parameters?: { $ref?: string; in: string; name: string; required?: boolean; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>
}

interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

const JSON_TYPE = 'application/json'

/** Names that files of `shared/` export. */
function exportsOf(file: string): string[] {
  const text = readFileSync(new URL(`../shared/${file}`, import.meta.url), 'utf8')
  return [...text.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name!)
}

/** The file's text: a type for each call that a key opens and that answers with JSON. */
export function callTypes(made: object): string {
  const { paths, components } = made as Document
  const known = {
    './api.ts': exportsOf('api.ts'),
    './lead.ts': exportsOf('lead.ts'),
    './reports.ts': exportsOf('reports.ts'),
  }
  const used = new Set<string>()
  const type = (schema: Schema): string => {
    if (schema.$ref) {
      const name = schema.$ref.split('/').at(-1)!
      used.add(name)
      return name
    }
    if (schema.anyOf) return [...new Set(schema.anyOf.map(type))].join(' | ')
    if (schema.enum) return schema.enum.map((one) => literal(one)).join(' | ')
    if (schema.const !== undefined) return literal(schema.const)
    if (schema.items) return `(${type(schema.items)})[]`
    if (schema.properties) return object(schema.properties, schema.required ?? [])
    if (typeof schema.additionalProperties === 'object')
      return `Record<string, ${type(schema.additionalProperties)}>`
    return [schema.type ?? 'unknown']
      .flat()
      .map((name) => TYPES[name] ?? name)
      .join(' | ')
  }
  const object = (fields: Record<string, Schema>, required: readonly string[]): string => {
    if (Object.keys(fields).length === 0) return 'Record<string, never>'
    return `{ ${Object.entries(fields)
      .map(
        ([name, field]) =>
          `${/^\w+$/.test(name) ? name : `'${name}'`}${required.includes(name) ? '' : '?'}: ${type(field)}${required.includes(name) ? '' : ' | undefined'}`,
      )
      .join('; ')} }`
  }

  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, call]) => {
      const answers = ['200', '201'].flatMap((status) => call.responses[status]?.content?.[JSON_TYPE] ?? [])
      if (answers.length === 0 || call.security?.length === 0) return []
      const of = (place: string) => {
        const named = (call.parameters ?? []).filter((one) => one.in === place)
        const required = named.filter((one) => one.required).map((one) => one.name)
        return object(Object.fromEntries(named.map((one) => [one.name, one.schema])), required)
      }
      const body = call.requestBody?.content[JSON_TYPE]?.schema
      const answer = [...new Set(answers.map(({ schema }) => type(schema)))].join(' | ')
      return [
        `  /** ${call.summary}. */`,
        `  '${method.toUpperCase()} ${path}': { params: ${of('path')}; query: ${of('query')}; body: ${body ? type(body) : 'undefined'}; answer: ${answer} }`,
      ]
    }),
  )
  const own: string[] = []
  for (let due = [...used]; due.length > 0; ) {
    const name = due.shift()!
    if (Object.values(known).some((names) => names.includes(name))) continue
    const before = new Set(used)
    own.push(`export type ${name} = ${type(components.schemas[name]!)}`)
    due = [...due, ...[...used].filter((one) => !before.has(one))]
  }
  const imports = Object.entries(known).flatMap(([file, names]) => {
    const wanted = names.filter((name) => used.has(name)).sort()
    return wanted.length === 0 ? [] : [`import type { ${wanted.join(', ')} } from '${file}'`]
  })
  return [
    '/** What each call of the API takes and gives. Made from the OpenAPI document by `npm run openapi`. */',
    ...imports,
    '',
    ...own.sort(),
    '',
    'export interface Calls {',
    ...calls,
    '}',
    '',
  ].join('\n')
}

const TYPES: Record<string, string> = { integer: 'number', object: 'Record<string, unknown>' }
const literal = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value))
