/** One request to a webhook: no redirects, no proxy, no body kept, and no longer than it may take. */
import { lookup } from 'node:dns'
import { Agent as HttpAgent, request as http, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as https } from 'node:https'
import { type Guard, Refused, type Resolve } from './guard.ts'
import { retryAfterMs } from './tries.ts'

/** All of it, from the name's look-up to the status line, ms. */
export const TIMEOUT_MS = 15_000
/** What is read of an answer and thrown away, bytes: a receiver that is still writing is not cut off at once. */
const MOST_READ = 16_384

/** What a try came to, for the delivery log: a closed set of reasons. */
export interface Answer {
  /** HTTP status; null where there was no answer. */
  status: number | null
  /** Null of a success. */
  error: 'refused' | 'dns' | 'connect' | 'tls' | 'timeout' | 'broken' | 'redirect' | 'status' | 'smtp' | null
  /** What the receiver asked for, ms. */
  retryAfterMs: number | null
}

export interface Sending {
  url: string
  headers: Record<string, string>
  body: string
}

export interface SendOptions {
  guard: Guard
  now: () => number
  resolve?: Resolve
  timeoutMs?: number
}

export type Send = (sending: Sending) => Promise<Answer>

const everyAddress: Resolve = (host, done) => lookup(host, { all: true, verbatim: true }, done)

/** Sends by POST. Never rejects. A 3xx is a failure: where it points was not vetted. */
export function sender({ guard, now, resolve = everyAddress, timeoutMs = TIMEOUT_MS }: SendOptions): Send {
  return ({ url: text, headers, body }) =>
    new Promise((done) => {
      const failed = (error: Answer['error']) => done({ status: null, error, retryAfterMs: null })
      const url = URL.canParse(text) ? new URL(text) : undefined
      try {
        if (!url) throw new Refused('not a URL')
        guard.check(url)
      } catch {
        return failed('refused')
      }
      const isSecure = url.protocol === 'https:'
      // A connection of its own: a pooled one may have been made to another address, or through a proxy.
      const agent = isSecure ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false })
      const request = (isSecure ? https : http)(url, {
        method: 'POST',
        agent,
        lookup: guard.lookupFor(url, resolve),
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(body)),
        },
      })
      let isLate = false
      const timer = setTimeout(() => {
        isLate = true
        request.destroy()
        failed('timeout')
      }, timeoutMs)
      const end = () => {
        clearTimeout(timer)
        agent.destroy()
      }
      request.on('error', (error: NodeJS.ErrnoException) => {
        end()
        if (!isLate) failed(reasonOf(error))
      })
      request.on('response', (response) => {
        done(answerOf(response, now()))
        drain(response)
      })
      request.on('close', () => {
        end()
        // One that ended without an answer, or with an upgrade that nobody asked for.
        failed('broken')
      })
      request.end(body)
    })
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, now: number): Answer {
  const isDone = statusCode >= 200 && statusCode < 300
  return {
    status: statusCode,
    error: isDone ? null : statusCode >= 300 && statusCode < 400 ? 'redirect' : 'status',
    retryAfterMs: isDone ? null : retryAfterMs(headers['retry-after'], now),
  }
}

function drain(response: IncomingMessage): void {
  let read = 0
  response.on('data', (chunk: Buffer) => {
    read += chunk.length
    if (read > MOST_READ) response.destroy()
  })
  response.on('error', () => {})
}

function reasonOf(error: NodeJS.ErrnoException): Answer['error'] {
  const { code = '' } = error
  if (error instanceof Refused) return 'refused'
  if (code.startsWith('EAI_') || code === 'ENOTFOUND') return 'dns'
  if (/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EADDRNOTAVAIL)$/.test(code)) return 'connect'
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|EPROTO/.test(code)) return 'tls'
  return 'broken'
}
