import { Hono } from 'hono'
import { answer } from './answer.tsx'
import { Layout } from './layout.tsx'

/** What the page reads of an OpenAPI document. */
interface Schema {
  $ref?: string
  type?: string | string[]
  format?: string
  description?: string
  enum?: unknown[]
  const?: unknown
  default?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: Schema | boolean
  anyOf?: Schema[]
}

interface Parameter {
  $ref?: string
  in: string
  name: string
  required?: boolean
  description?: string
  schema: Schema
  example?: unknown
}

interface Media {
  schema?: Schema
  example?: unknown
}

interface Operation {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  parameters?: Parameter[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, { $ref?: string; description?: string; content?: Record<string, Media> }>
}

interface Named {
  method: string
  path: string
  call: Operation
}

export interface Document {
  info: { title: string; description: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: {
    parameters: Record<string, Parameter>
    responses: Record<string, { description: string }>
    schemas: Record<string, Schema>
  }
}

/** The API for people: the document as a page, which asks nobody else for anything. */
export function apiDocs(document: Document): Hono {
  return new Hono().get('/docs', (c) =>
    answer(c, <Docs document={document} origin={new URL(c.req.url).origin} />),
  )
}

function Docs({ document, origin }: { document: Document; origin: string }) {
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, call]): Named => ({ method: method.toUpperCase(), path, call })),
  )
  const of = (tag: string) => calls.filter(({ call }) => call.tags.includes(tag))
  return (
    <Layout title="API" wide>
      <div class="head">
        <h1>The API</h1>
        <p>
          <a href="/openapi.json">openapi.json</a>
        </p>
      </div>
      <div class="columns aside">
        <div class="stack">
          <section class="card">
            {document.info.description.split('\n\n').map((text) => (
              <p>
                <Prose text={text} />
              </p>
            ))}
          </section>
          {document.tags.map(({ name, description }) => (
            <>
              <h2 id={name}>{name}</h2>
              <p class="quiet">{description}</p>
              {of(name).map((one) => (
                <Call {...one} document={document} origin={origin} />
              ))}
            </>
          ))}
          <h2 id="types">Types</h2>
          {Object.entries(document.components.schemas).map(([name, schema]) => (
            <section class="card" id={`type-${name}`}>
              <h3>{name}</h3>
              <Fields schema={schema} />
            </section>
          ))}
        </div>
        <nav class="card" aria-label="Calls">
          {document.tags.map(({ name }) => (
            <div>
              <h3>
                <a href={`#${name}`}>{name}</a>
              </h3>
              <ul>
                {of(name).map(({ method, path, call }) => (
                  <li>
                    <a class="path" href={`#${call.operationId}`}>
                      {method} {path}
                    </a>
                  </li>
                ))}
              </ul>
            </div>
          ))}
          <h3>
            <a href="#types">Types</a>
          </h3>
        </nav>
      </div>
    </Layout>
  )
}

function Call({ method, path, call, document, origin }: Named & { document: Document; origin: string }) {
  const parameters = (call.parameters ?? []).map((one) => resolved(one, document.components.parameters))
  const [media, body] = Object.entries(call.requestBody?.content ?? {})[0] ?? []
  return (
    <section class="card" id={call.operationId}>
      <h3>
        <code>
          {method} {path}
        </code>
      </h3>
      <p>{call.summary}.</p>
      {call.description ? (
        <p class="quiet">
          <Prose text={call.description} />
        </p>
      ) : null}
      {parameters.length > 0 ? (
        <table>
          <thead>
            <tr>
              <th>Parameter</th>
              <th>Type</th>
              <th>What it is</th>
            </tr>
          </thead>
          <tbody>
            {parameters.map(({ name, required, schema, description, ...rest }) => (
              <Row
                {...{ name, schema, isRequired: required === true }}
                words={`${rest.in === 'header' ? 'Header. ' : ''}${description ?? ''}`}
              />
            ))}
          </tbody>
        </table>
      ) : null}
      {body?.schema ? (
        <>
          <p>
            Body, <code>{media}</code>
          </p>
          <Fields schema={body.schema} />
        </>
      ) : null}
      <details>
        <summary>Example, and what comes back</summary>
        <pre>
          <code>{curl({ method, path, call }, parameters, origin)}</code>
        </pre>
        <table>
          <tbody>
            {Object.entries(call.responses).map(([status, answer]) => {
              const { description, content } = resolved(
                answer,
                document.components.responses,
              ) as typeof answer
              return (
                <tr>
                  <th scope="row">{status}</th>
                  <td>
                    {description}{' '}
                    {Object.entries(content ?? {})
                      .filter(([type]) => !type.includes('problem'))
                      .map(([type, { schema }]) => (
                        <span class="quiet">
                          {type}: <Type schema={schema ?? {}} />{' '}
                        </span>
                      ))}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </details>
    </section>
  )
}

function Fields({ schema }: { schema: Schema }) {
  if (schema.anyOf)
    return (
      <>
        {schema.anyOf.map((one, i) => (
          <>
            {i > 0 ? <p class="quiet">or</p> : null}
            <Fields schema={one} />
          </>
        ))}
      </>
    )
  if (!schema.properties)
    return (
      <p>
        <Type schema={schema} />
      </p>
    )
  return (
    <table>
      <tbody>
        {Object.entries(schema.properties).map(([name, field]) => (
          <Row
            {...{ name, schema: field, isRequired: schema.required?.includes(name) === true }}
            words={field.description ?? ''}
          />
        ))}
      </tbody>
    </table>
  )
}

function Row({
  name,
  schema,
  isRequired,
  words,
}: {
  name: string
  schema: Schema
  isRequired: boolean
  words: string
}) {
  return (
    <tr>
      <th scope="row">
        <code>{name}</code>
      </th>
      <td class="quiet">
        <Type schema={schema} />
        {isRequired ? null : ', optional'}
      </td>
      <td>
        <Prose text={words} />
        {schema.default === undefined ? null : ` ${JSON.stringify(schema.default)} unless said.`}
      </td>
    </tr>
  )
}

/** A type in words, with a link to the one that has a name. */
function Type({ schema }: { schema: Schema }) {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1)
    return <a href={`#type-${name}`}>{name}</a>
  }
  if (schema.anyOf)
    return (
      <>
        {schema.anyOf.map((one, i) => (
          <>
            {i > 0 ? ' or ' : ''}
            <Type schema={one} />
          </>
        ))}
      </>
    )
  if (schema.items)
    return (
      <>
        list of <Type schema={schema.items} />
      </>
    )
  if (schema.enum) return <>{schema.enum.map((one) => String(one)).join(', ')}</>
  if (schema.const !== undefined) return <>{JSON.stringify(schema.const)}</>
  if (schema.properties) return <>{`{ ${Object.keys(schema.properties).join(', ')} }`}</>
  return <>{schema.format ?? [schema.type ?? 'anything'].flat().join(' or ')}</>
}

/** `code` in a text. */
function Prose({ text }: { text: string }) {
  return <>{text.split('`').map((part, i) => (i % 2 ? <code>{part}</code> : part))}</>
}

function resolved<T extends { $ref?: string }>(one: T, named: Record<string, unknown>): T {
  return one.$ref === undefined ? one : (named[one.$ref.split('/').at(-1)!] as T)
}

/** The example as a command. */
function curl({ method, path, call }: Named, parameters: Parameter[], origin: string): string {
  const given = (place: string) => parameters.filter((one) => one.in === place && one.example !== undefined)
  const filled = given('path').reduce(
    (url, { name, example }) => url.replace(`{${name}}`, encodeURIComponent(String(example))),
    path,
  )
  const query = given('query').map(({ name, example }) => [name, String(example)])
  const search = query.length > 0 ? `?${new URLSearchParams(query)}` : ''
  const body = Object.values(call.requestBody?.content ?? {})[0]?.example
  return [
    `curl${method === 'GET' ? '' : ` -X ${method}`} -H "Authorization: Bearer $LEADWAKE_KEY"`,
    ...(body === undefined ? [] : [`  --json '${JSON.stringify(body).replaceAll("'", "'\\''")}'`]),
    `  '${origin}${filled}${search}'`,
  ].join(' \\\n')
}
