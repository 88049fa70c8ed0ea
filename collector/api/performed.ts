import type { Context } from 'hono'
import type { Entry, Outcome } from '../entry.ts'
import { hashOf } from '../keys.ts'
import { LogUnavailable } from '../log/log.ts'
import { problem } from '../problem.ts'
import type { ApiDeps } from './deps.ts'

/** Characters of an Idempotency-Key. */
const MAX_KEY_LENGTH = 255

/**
 * Appends an entry and answers with its outcome; 202 and where to ask when that takes longer than two seconds. With
 * an `Idempotency-Key` the same call is carried out once and answered alike for a day; another body or query under the
 * same key is refused (draft-ietf-httpapi-idempotency-key-header).
 */
export async function performed(
  c: Context,
  deps: ApiDeps,
  entry: Entry,
  text: string,
  answer: (outcome: Outcome) => Response = (outcome) => settled(c, outcome),
): Promise<Response> {
  const key = c.req.header('idempotency-key')
  if (key === undefined) return carriedOut(c, deps, entry, answer)
  if (key === '' || key.length > MAX_KEY_LENGTH) {
    return problem(c, 400, `Idempotency-Key must have 1 to ${MAX_KEY_LENGTH} characters`)
  }
  const caller = hashOf(c.req.header('authorization') ?? deps.session?.(c)?.id ?? '')
  const ref = `once_${hashOf(`${caller} ${c.req.method} ${c.req.path} ${key}`).slice(0, 40)}`
  const once = hashOf(`${new URL(c.req.url).search}\n${text}`)
  // Where the state is away and the log is not, whoever projects it finds out whether it was done before.
  const known = await (deps.ask.outcome(ref) as Promise<Outcome | undefined>).catch((error) => {
    if (error instanceof LogUnavailable) return undefined
    throw error
  })
  const checked = (outcome: Outcome): Response =>
    outcome.once === once
      ? answer(outcome)
      : problem(c, 422, 'that Idempotency-Key was used with another body or query')
  return known ? checked(known) : carriedOut(c, deps, { ...entry, ref, once }, checked)
}

async function carriedOut(
  c: Context,
  deps: ApiDeps,
  entry: Entry,
  answer: (outcome: Outcome) => Response,
): Promise<Response> {
  const result = await deps.perform(entry)
  if ('outcome' in result) return answer(result.outcome)
  const status = `/v1/outcomes/${result.ref}`
  return c.json({ status }, 202, { location: status })
}

export function settled(c: Context, { status, body }: Pick<Outcome, 'status' | 'body'>): Response {
  return status < 400 ? c.json(body, status) : problem(c, status, String(body.detail))
}
