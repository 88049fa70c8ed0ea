import type { Context } from 'hono'
import type { Entry } from '../entry.ts'
import { problem } from '../problem.ts'
import type { ApiDeps } from './deps.ts'

/** Appends an entry and answers with its outcome; 202 and where to ask when that takes longer than two seconds. */
export async function performed(c: Context, deps: ApiDeps, entry: Entry): Promise<Response> {
  const result = await deps.perform(entry)
  if ('late' in result) {
    const status = `/v1/outcomes/${result.ref}`
    return c.json({ status }, 202, { location: status })
  }
  const { status, body } = result.outcome
  return status < 400 ? c.json(body, status) : problem(c, status, String(body.detail))
}
