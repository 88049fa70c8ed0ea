/** `POST /v1/in`: the one table that maps what became of a beacon to an answer, and its way past the router. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { MAX_BODY_BYTES } from '../shared/protocol.ts'
import type { RequestFacts } from './accept.ts'
import { type CollectAnswer, type CollectDeps, collect } from './collect.ts'
import { LogUnavailable } from './log/log.ts'
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

/** Answers one beacon; never throws or rejects. A sender is told in a status what it needs to know, and no more. */
export function intake(
  text: string | 'too-large',
  headers: RequestHeaders,
  socket: string,
  deps: IntakeDeps,
): IntakeAnswer | Promise<IntakeAnswer> {
  if (text === 'too-large') {
    deps.counts.reject('too-large')
    return refusal(413, `a beacon may have at most ${MAX_BODY_BYTES} bytes`)
  }
  const forwarded = headers['x-forwarded-for'] as string | undefined
  const ip = deps.clientIp(socket, forwarded)
  const facts: RequestFacts = {
    receivedAt: deps.now(),
    ip,
    hidden: forwarded !== undefined && socket.endsWith(ip) && isPrivate(ip),
    userAgent: headers['user-agent'] as string | undefined,
    origin: headers.origin as string | undefined,
    privacy: headers['sec-gpc'] === '1' || headers.dnt === '1',
    languages: headers['accept-language'] as string | undefined,
  }
  const debug = headers['x-leadwake-debug'] as string | undefined
  try {
    if (debug !== undefined) return deps.explain(debug, text, facts)
    const answer = collect(text, facts, deps)
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
      return TAKEN
    case 202:
      return { status: 202, headers: { ...CORS, 'x-leadwake-dropped': answer.dropped }, body: null }
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
      const text = size > MAX_BODY_BYTES ? 'too-large' : textOf(chunks)
      const answer = intake(text, request.headers, request.socket.remoteAddress ?? '', deps)
      if (answer instanceof Promise) answer.then(reply)
      else reply(answer)
    })
    // A sender that goes away in the middle has sent nothing.
    request.on('error', () => response.destroy())
  }
}

function textOf(chunks: Buffer[]): string {
  return chunks.length === 1 ? chunks[0]!.toString('utf8') : Buffer.concat(chunks).toString('utf8')
}
