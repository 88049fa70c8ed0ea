import type { Problem } from '../../shared/api.ts'
import { LeadwakeError } from './error.ts'

export interface Line {
  /** Where the collector is, without a slash at the end. */
  origin: string
  key: string
  fetch: typeof fetch
  /** An attempt that has no answer within this fails, ms. */
  timeoutMs: number
}

/** A longer wait than this is not worth a visitor's, who waits for the form's answer; ms. */
const LONGEST_WAIT_MS = 10_000
/** Between two questions after an outcome that is late, ms. */
const ASK_AGAIN_MS = 200

/**
 * Calls and gives the answer. A 503 that says when to come back is tried once more, under the same idempotency
 * key, so that nothing counts twice; an answer that is late (202) is asked for until `timeoutMs` have passed.
 * Throws `LeadwakeError`.
 */
export async function call<T>(
  line: Line,
  path: string,
  body: object | undefined,
  idempotencyKey: string | undefined,
  method = 'POST',
): Promise<T> {
  const init = {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }
  let answer = await ask(line, path, init)
  const wait = answer.status === 503 ? waitOf(answer) : undefined
  if (wait !== undefined) {
    await answer.body?.cancel()
    await sleep(wait)
    answer = await ask(line, path, init)
  }
  if (answer.status === 202) return outcome(line, answer)
  if (!answer.ok) throw new LeadwakeError(await problemOf(answer))
  return json(answer)
}

async function ask({ origin, key, fetch, timeoutMs }: Line, path: string, init?: RequestInit) {
  // Made out here: a header that cannot be sent is the caller's mistake, not a failure of the network.
  const headers = new Headers(init?.headers)
  headers.set('authorization', `Bearer ${key}`)
  try {
    return await fetch(`${origin}${path}`, {
      ...init,
      headers,
      // A POST that follows a redirect arrives as a GET; the answer says where the collector is instead.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
  } catch (cause) {
    throw unreached(cause)
  }
}

/** Projection takes long: the call is stored, and its outcome is asked for where the answer says. */
async function outcome<T>(line: Line, answer: Response): Promise<T> {
  const { status: path } = await json<{ status: string }>(answer)
  const until = performance.now() + line.timeoutMs
  while (performance.now() < until) {
    await sleep(ASK_AGAIN_MS)
    const found = await ask(line, path)
    if (found.ok) {
      const { status, body } = await json<{ status: number; body: T & { detail?: string } }>(found)
      if (status < 400) return body
      throw new LeadwakeError(made(status, body.detail ?? ''))
    }
    await found.body?.cancel()
    if (found.status !== 404) break
  }
  throw new LeadwakeError(made(202, 'stored, but what became of it was not known in time'))
}

async function json<T>(answer: Response): Promise<T> {
  try {
    return (await answer.json()) as T
  } catch (cause) {
    throw unreached(cause)
  }
}

/** What the collector said; where something else answered in its place, that. */
async function problemOf(answer: Response): Promise<Problem> {
  const text = await answer.text().catch(() => '')
  try {
    const said = JSON.parse(text)
    if (typeof said?.detail === 'string') return { ...said, status: answer.status }
  } catch {
    // A proxy's page: its status tells more than its text.
  }
  const location = answer.headers.get('location')
  return made(
    answer.status,
    location === null
      ? `something that is not Leadwake answered with ${answer.status}`
      : `answered with ${answer.status}: give the origin that it redirects to`,
  )
}

const unreached = (cause: unknown) =>
  new LeadwakeError(made(0, 'the collector could not be reached, or did not answer in time'), { cause })

const made = (status: number, detail: string): Problem => ({
  type: 'about:blank',
  title: status === 202 ? 'Not known yet' : 'Error',
  status,
  detail,
})

/** What `Retry-After` says, in ms; undefined where it says nothing or too much. RFC 9110, 10.2.3. */
function waitOf(answer: Response): number | undefined {
  const said = answer.headers.get('retry-after')
  if (said === null || said.trim() === '') return undefined
  const wait = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - Date.now()
  return wait <= LONGEST_WAIT_MS ? Math.max(0, wait) : undefined
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
