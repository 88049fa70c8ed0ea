import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Problem } from '../shared/api.ts'

const TITLES: Record<number, string> = {
  400: 'The request is malformed',
  401: 'A key is needed',
  403: 'The key lacks the right',
  404: 'There is nothing here',
  405: 'That is not asked in this way',
  409: 'That conflicts with what is known',
  413: 'The body is too large',
  422: 'The values do not hold',
  429: 'Too many of these',
  500: 'The collector failed',
  503: 'The collector cannot take this now',
}

/** problem+json (RFC 9457) as text. `detail` names the field and the mend; it never repeats what was posted. */
export function problemText(status: number, detail: string, errors?: Problem['errors']): string {
  const body: Problem = {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    detail,
    ...(errors && { errors }),
  }
  return JSON.stringify(body)
}

export function problem(
  c: Context,
  status: ContentfulStatusCode,
  detail: string,
  errors?: Problem['errors'],
): Response {
  return c.body(problemText(status, detail, errors), status, { 'content-type': 'application/problem+json' })
}
