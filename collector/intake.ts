/** `POST /v1/in`: the one table that maps what became of a beacon to an answer, and its way past the router. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { MAX_BODY_BYTES } from '../shared/protocol.ts'
import type { AcceptMemory, DropReason, RequestFacts } from './accept.ts'
import { type CollectAnswer, type CollectDeps, collect } from './collect.ts'
import { collectImage, type ImageDeps, PIXEL } from './image.ts'
import { LogUnavailable } from './log/log.ts'
import type { Memory } from './memory.ts'
import { isPrivate } from './nets.ts'
import { problemText } from './problem.ts'

/** Where beacons go: short, and on no block list. */
export const INTAKE_PATH = '/v1/in'
/** A beacon that cannot be stored now may come again after this, s. */
export const RETRY_AFTER = '5'

export const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-leadwake-dropped, retry-after',
}

export interface IntakeDeps extends CollectDeps {
  memory: AcceptMemory & Pick<Memory, 'sets'>
  /** The address that a request came from, behind trusted proxies. */
  clientIp: (socket: string, forwarded: string | undefined) => string
  now: () => number
  /** A beacon could not be stored; it comes again. */
  unavailable: () => void
  /** What would happen to this beacon, for who has a key; nothing is stored. */
  explain: (key: string, text: string, facts: RequestFacts) => IntakeAnswer
  /** Tells the operator of an error that nobody expected. */
  unexpected: (error: Error) => void
}

export interface IntakeAnswer {
  status: 200 | 202 | 204 | 400 | 401 | 413 | 429 | 500 | 503
  headers: Record<string, string>
  body: string | null
}

/** The headers of a request, by their names in lower case. */
export type RequestHeaders = { readonly [name: string]: string | string[] | undefined }

const TAKEN: IntakeAnswer = { status: 204, headers: { 'access-control-allow-origin': '*' }, body: null }

/** Without a length Node sends the nothing in chunks, which costs a tenth of a refused beacon. */
const NOTHING = { ...CORS, 'content-length': '0' }

/** Answers to what is not wanted, made once for each reason. */
const dropped = new Map<DropReason, IntakeAnswer>()

function droppedFor(reason: DropReason): IntakeAnswer {
  let answer = dropped.get(reason)
  if (!answer) {
    answer = { status: 202, headers: { ...NOTHING, 'x-leadwake-dropped': reason }, body: null }
    dropped.set(reason, answer)
  }
  return answer
}

/** A body as it came, or what was wrong with its bytes. */
export type Body = string | { status: 400 | 413; problem: string }

export const TOO_LARGE: Body = { status: 413, problem: `a beacon may have at most ${MAX_BODY_BYTES} bytes` }

/**
 * The text of a body. Servers may send it as gzip; the output has the same bound as a plain body, and unpacking
 * stops there.
 */
export function bodyOf(bytes: Buffer, encoding: string | undefined): Body {
  if (bytes.length > MAX_BODY_BYTES) return TOO_LARGE
  if (encoding === undefined || encoding === 'identity') return bytes.toString('utf8')
  if (encoding !== 'gzip') return { status: 400, problem: 'content-encoding must be gzip, or missing' }
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BODY_BYTES }).toString('utf8')
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    return tooLarge ? TOO_LARGE : { status: 400, problem: 'body is not gzip, as its content-encoding says' }
  }
}

/** Answers one beacon; never throws or rejects. A sender is told in a status what it needs to know, and no more. */
export function intake(
  body: Body,
  headers: RequestHeaders,
  socket: string,
  deps: IntakeDeps,
): IntakeAnswer | Promise<IntakeAnswer> {
  if (typeof body !== 'string') {
    deps.counts.reject(body.status === 413 ? 'too-large' : 'malformed')
    return refusal(body.status, body.problem)
  }
  const facts = factsOf(headers, socket, deps)
  const debug = headers['x-leadwake-debug'] as string | undefined
  const answer = answered(
    () => (debug === undefined ? collect(body, facts, deps) : deps.explain(debug, body, facts)),
    deps,
  )
  if (facts.origin === undefined || !deps.memory.sets('cookie')) return answer
  const { origin } = facts
  return answer instanceof Promise
    ? answer.then((one) => credentialed(one, origin))
    : credentialed(answer, origin)
}

/** A browser that sends cookies shows the script only answers that name its origin. They hold nothing about anybody. */
function credentialed(answer: IntakeAnswer, origin: string): IntakeAnswer {
  const cors = {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    vary: 'origin',
  }
  return { ...answer, headers: { ...answer.headers, ...cors } }
}

/** Answers a beacon that comes as the address of an image, with an image; what is wrong with it, in words. */
export async function imageIntake(
  query: Record<string, string>,
  headers: RequestHeaders,
  socket: string,
  deps: IntakeDeps & ImageDeps,
): Promise<Omit<IntakeAnswer, 'status' | 'body'> & { status: number; body: string | Buffer | null }> {
  const referer = headers.referer as string | undefined
  const facts = factsOf(headers, socket, deps)
  const answer = await answered(() => collectImage(query, referer, facts, deps), deps)
  if (answer.status !== 202 && answer.status !== 204) return answer
  const headersOf = { ...answer.headers, 'content-type': 'image/gif', 'cache-control': 'no-store' }
  return { status: 200, headers: headersOf, body: PIXEL }
}

function factsOf(headers: RequestHeaders, socket: string, deps: IntakeDeps): RequestFacts {
  const forwarded = headers['x-forwarded-for'] as string | undefined
  const ip = deps.clientIp(socket, forwarded)
  return {
    receivedAt: deps.now(),
    ip,
    hidden: forwarded !== undefined && socket.endsWith(ip) && isPrivate(ip),
    userAgent: headers['user-agent'] as string | undefined,
    origin: headers.origin as string | undefined,
    host: headers.host as string | undefined,
    privacy: headers['sec-gpc'] === '1' || headers.dnt === '1',
    languages: headers['accept-language'] as string | undefined,
  }
}

function answered(
  collecting: () => CollectAnswer | IntakeAnswer | Promise<CollectAnswer>,
  deps: IntakeDeps,
): IntakeAnswer | Promise<IntakeAnswer> {
  try {
    const answer = collecting()
    if ('headers' in answer) return answer
    return answer instanceof Promise
      ? answer.then(answerOf, (error) => failed(error, deps))
      : answerOf(answer)
  } catch (error) {
    return failed(error, deps)
  }
}

function answerOf(answer: CollectAnswer): IntakeAnswer {
  switch (answer.status) {
    case 204:
      return answer.cookie === undefined ? TAKEN : withCookie(TAKEN, answer.cookie)
    case 202:
      return withCookie(droppedFor(answer.dropped), answer.cookie)
    case 429: {
      const many = refusal(429, 'too many beacons of one address')
      return { ...many, headers: { ...many.headers, 'retry-after': String(answer.wait) } }
    }
    case 400:
      return refusal(400, `${answer.field} ${answer.problem}`)
    default:
      return answer satisfies never
  }
}

function withCookie(answer: IntakeAnswer, cookie: string | undefined): IntakeAnswer {
  return cookie === undefined ? answer : { ...answer, headers: { ...answer.headers, 'set-cookie': cookie } }
}

function failed(error: unknown, deps: IntakeDeps): IntakeAnswer {
  if (error instanceof LogUnavailable) {
    deps.unavailable()
    const answer = refusal(503, 'the collector cannot store this now; send it again later')
    return { ...answer, headers: { ...answer.headers, 'retry-after': RETRY_AFTER } }
  }
  deps.unexpected(error as Error)
  return refusal(500, 'an error that nobody expected; it is in the log of the collector')
}

function refusal(status: 400 | 413 | 429 | 500 | 503, detail: string): IntakeAnswer {
  return {
    status,
    headers: { ...CORS, 'content-type': 'application/problem+json' },
    body: problemText(status, detail),
  }
}

/**
 * Puts the intake before a listener: the same answers as through the router, which costs a beacon a fifth more
 * CPU (a Request, a Headers and a Response for each).
 */
export function intakeFirst(
  deps: IntakeDeps,
  next: (request: IncomingMessage, response: ServerResponse) => void,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    if (request.method !== 'POST' || request.url !== INTAKE_PATH) return next(request, response)
    const chunks: Buffer[] = []
    let size = 0
    const reply = ({ status, headers, body }: IntakeAnswer) => {
      response.writeHead(status, headers).end(body)
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= MAX_BODY_BYTES) chunks.push(chunk)
    })
    request.on('end', () => {
      const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
      const body = size > MAX_BODY_BYTES ? TOO_LARGE : bodyOf(bytes, request.headers['content-encoding'])
      const answer = intake(body, request.headers, request.socket.remoteAddress ?? '', deps)
      if (answer instanceof Promise) answer.then(reply)
      else reply(answer)
    })
    // A sender that goes away in the middle has sent nothing.
    request.on('error', () => response.destroy())
  }
}
