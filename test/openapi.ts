/** Makes `docs/openapi.json` of what the routes are described by: `npm run openapi`, after any change to one. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { toJsonSchema } from '@valibot/to-json-schema'
import { Hono } from 'hono'
import { type DescribeRouteOptions, describeRoute, generateSpecs } from 'hono-openapi'
import type * as v from 'valibot'
import * as access from '../collector/api/answers/access.ts'
import * as leads from '../collector/api/answers/leads.ts'
import * as operating from '../collector/api/answers/operation.ts'
import * as people from '../collector/api/answers/people.ts'
import * as reports from '../collector/api/answers/reports.ts'
import * as rules from '../collector/api/answers/rules.ts'
import * as sites from '../collector/api/answers/sites.ts'
import * as stats from '../collector/api/answers/stats.ts'
import * as webhooks from '../collector/api/answers/webhooks.ts'
import { type Call, callOf, TAGS } from '../collector/api/endpoint.ts'
import { type AppDeps, createApp } from '../collector/app.ts'
import { CALLS, callTypes } from './calls.ts'

export const DOCUMENT = new URL('../docs/openapi.json', import.meta.url)

/** Schemas that have a name in the document: the type of that name in `shared/api.ts`. */
export const NAMED: Record<string, v.GenericSchema> = Object.fromEntries(
  Object.entries({
    ...access,
    ...stats,
    ...leads,
    ...operating,
    ...people,
    ...reports,
    ...rules,
    ...sites,
    ...webhooks,
  }).sort(([a], [b]) => (a < b ? -1 : 1)),
)

/** The routes that are described, with Hono's paths. Their handlers are not called. */
export function routes(): { method: string; path: string; call: Call | undefined }[] {
  const app = createApp({ pages: new Hono(), demo: undefined } as unknown as AppDeps)
  return app.routes.map(({ method, path, handler }) => ({ method, path, call: callOf(handler) }))
}

type JsonSchema = Record<string, unknown>

function schemaOf(schema: v.GenericSchema, inside?: string): JsonSchema {
  const {
    $schema: _,
    $defs: __,
    ...found
  } = toJsonSchema(schema, {
    typeMode: 'input',
    errorMode: 'ignore',
    target: 'draft-2020-12',
    definitions: Object.fromEntries(Object.entries(NAMED).filter(([name]) => name !== inside)),
    overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  }) as JsonSchema
  return tidy(found)
}

/** Lists of required fields that are empty say nothing; neither do names that may be any text. A query's number comes as text. */
function tidy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(tidy) as T
  if (typeof value !== 'object' || value === null) return value
  if ('type' in value && value.type === 'integer' && 'default' in value) value.default = Number(value.default)
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, each]) => !(name === 'required' && Array.isArray(each) && each.length === 0))
      .filter(([name]) => name !== 'propertyNames')
      .map(([name, each]) => [name, tidy(each)]),
  ) as T
}

function parameters(call: Call): DescribeRouteOptions['parameters'] {
  const of = (place: 'path' | 'query', schema: Call['query']) => {
    const { properties = {}, required = [] } = schema
      ? (schemaOf(schema) as { properties?: Record<string, JsonSchema>; required?: string[] })
      : {}
    return Object.entries(properties).map(([name, { description, ...rest }]) => {
      const example = (place === 'path' ? call.example.params : call.example.query) as
        | Record<string, unknown>
        | undefined
      return {
        in: place,
        name,
        required: place === 'path' || required.includes(name),
        ...(description !== undefined && { description: description as string }),
        schema: rest,
        ...(example?.[name] !== undefined && { example: shown(example[name], rest) }),
      }
    })
  }
  return [
    ...of('path', call.params),
    ...of('query', call.query),
    ...(call.appends && (call.body || call.shown)
      ? [{ $ref: '#/components/parameters/IdempotencyKey' }]
      : []),
  ]
}

/** A number of a query comes as text, and is shown as the number that it is. */
const shown = (value: unknown, { type }: JsonSchema): unknown =>
  type === 'integer' || type === 'number' ? Number(value) : value

const REFUSALS = {
  400: 'What was asked is malformed: an unknown or wrong query parameter, or a body that is no JSON.',
  401: 'No key, or one that is unknown, expired or revoked.',
  403: 'The key lacks the right.',
  404: 'No such site for this key, or nothing of that name.',
  409: 'It conflicts with what is known.',
  413: 'The body is too large.',
  422: 'Values do not hold; `errors` points to each.',
  429: 'Too many calls of this key; come back as `Retry-After` says.',
  503: 'The collector cannot store this now; send it again as `Retry-After` says.',
} as const

const STATUS_WORDS: Record<string, string> = {
  200: 'As asked.',
  201: 'Made.',
  202: 'Stored; what became of it is to be asked for where `location` says.',
  204: 'Done.',
  308: 'The record has become part of another; `location` names that.',
}

function responses(call: Call): DescribeRouteOptions['responses'] {
  const answers = { ...call.answers, ...(call.appends && { 202: people.PendingAnswer }) }
  const given = Object.entries(answers).map(([status, answer]) => [
    status,
    {
      description: STATUS_WORDS[status]!,
      headers: {
        ...(call.right !== null && status !== '308' && RATE_HEADERS),
        ...(status === '200' && call.streams && { Link: { $ref: '#/components/headers/Link' } }),
        ...((status === '202' || status === '308') && {
          location: { schema: { type: 'string' as const }, description: 'Where to ask next.' },
        }),
      },
      ...(answer !== null && {
        content:
          typeof answer === 'string'
            ? { [answer]: { schema: { type: 'string' as const } } }
            : {
                'application/json': { schema: schemaOf(answer as v.GenericSchema) },
                ...(status === '200' &&
                  Object.fromEntries(
                    (call.streams ?? []).map((media) => [
                      media.split(';')[0],
                      { schema: { type: 'string' as const } },
                    ]),
                  )),
              },
      }),
    },
  ])
  const hasBody = call.body !== undefined
  const isOfSite = [call.query, call.body].some(
    (schema) => 'site' in ((schema as { entries?: object } | undefined)?.entries ?? {}),
  )
  const may: [number, boolean][] = [
    [400, true],
    [401, call.right !== null],
    [403, call.right !== null],
    [404, call.params !== undefined || isOfSite],
    [409, false],
    [413, hasBody],
    [422, hasBody],
    [429, call.right !== null],
    [503, call.appends === true],
  ]
  const refused = may
    .filter(([status, is]) => is || call.refuses?.[status as 400] !== undefined)
    .map(([status]): [number, object] => {
      const own = call.refuses?.[status as 400]
      const $ref = `#/components/responses/${NAMES[status as keyof typeof NAMES]}`
      return [status, own === undefined ? { $ref } : problemResponse(own)]
    })
  return Object.fromEntries([...given, ...refused] as [string, never][])
}

const NAMES = {
  400: 'Malformed',
  401: 'KeyNeeded',
  403: 'RightMissing',
  404: 'NotThere',
  409: 'Conflict',
  413: 'TooLarge',
  422: 'Wrong',
  429: 'TooMany',
  503: 'Unavailable',
} as const

const RATE_HEADERS = {
  RateLimit: { $ref: '#/components/headers/RateLimit' },
  'RateLimit-Policy': { $ref: '#/components/headers/RateLimitPolicy' },
}

const problemResponse = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

function operation(call: Call): DescribeRouteOptions {
  const { id, tag, summary, description, right, example } = call
  const body = call.shown ?? (typeof call.body === 'function' ? undefined : call.body)
  const needs =
    right === null ? '' : right === 'any' ? 'Needs a key.' : `Needs a key with the right \`${right}\`.`
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [description, needs].filter(Boolean).join(' '),
    ...(right === null && { security: [] }),
    parameters: parameters(call) as never,
    ...(body && {
      requestBody: {
        required: true,
        content: {
          [call.media ?? 'application/json']: {
            schema: schemaOf(body) as never,
            ...(example.body !== undefined && { example: example.body }),
          },
        },
      },
    }),
    responses: responses(call),
  }
}

const VERSION = '1'

export async function document(): Promise<object> {
  const app = new Hono()
  for (const { method, path, call } of routes())
    if (call) app.on(method, path, describeRoute(operation(call)), (c) => c.body(null))
  return generateSpecs(app, {
    excludeStaticFile: false,
    defaultValidationErrorResponse: false,
    documentation: {
      openapi: '3.1.1',
      info: {
        title: 'Leadwake',
        version: VERSION,
        summary: 'From a pasted script tag to an explained MQL or SQL.',
        description: INTRODUCTION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'The collector that serves this document.' }],
      security: [{ key: [] }],
      tags: Object.entries(TAGS)
        .map(([name, description]) => ({ name, description }))
        .filter(({ name }) => routes().some((one) => one.call?.tag === name)),
      components: {
        securitySchemes: {
          key: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'lw_...',
            description: '`leadwake key new` makes a key. Secret: never in a page.',
          },
        },
        parameters: {
          IdempotencyKey: {
            in: 'header',
            name: 'Idempotency-Key',
            description:
              'The same call under the same key is carried out once, and answered alike for a day.',
            schema: { type: 'string', minLength: 1, maxLength: 255 },
          },
        },
        headers: {
          RateLimit: {
            description: 'Calls that the key has left, and seconds until it has all of them again.',
            schema: { type: 'string' },
            example: '"key";r=5999;t=1',
          },
          Link: {
            description: 'Of JSON, where there is a next page: its address, `rel="next"` (RFC 8288).',
            schema: { type: 'string' },
          },
          RateLimitPolicy: {
            description: 'Calls of a key in a window of seconds.',
            schema: { type: 'string' },
            example: '"key";q=6000;w=60',
          },
        },
        responses: Object.fromEntries(
          Object.entries(NAMES).map(([status, name]) => [
            name,
            problemResponse(REFUSALS[Number(status) as keyof typeof REFUSALS]),
          ]),
        ) as never,
        schemas: Object.fromEntries(
          Object.entries(NAMED).map(([name, schema]) => [name, schemaOf(schema, name)]),
        ) as never,
      },
    },
  })
}

const INTRODUCTION = `Times are ISO 8601 UTC. A list answers \`{ "items": [...], "next": cursor }\`, and its next page is
asked for with \`cursor\`. Errors are problem+json (RFC 9457): \`detail\` names the field and the mend, \`errors\` points to
each wrong field. An unknown parameter is an error, so that a misspelt filter never answers with everything. What is of
a site that the key does not open is not there (404). New fields may be added to answers at any time; what is here does
not change.`

/** As it is kept: in the order in which the routes stand. */
export const textOf = (made: object): string => `${JSON.stringify(made, null, 1)}\n`

/** `shared/calls.ts` as it is kept. */
export function callsText(made: object): string {
  const biome = new URL('../node_modules/@biomejs/biome/bin/biome', import.meta.url).pathname
  return execFileSync(
    process.execPath,
    [biome, 'format', '--config-path=test/lint.json', '--stdin-file-path=shared/calls.ts'],
    { input: callTypes(made), encoding: 'utf8', cwd: new URL('..', import.meta.url).pathname },
  )
}

if (import.meta.main) {
  const made = await document()
  writeFileSync(DOCUMENT, textOf(made))
  writeFileSync(CALLS, callsText(made))
  console.log('docs/openapi.json and shared/calls.ts are made anew')
}
