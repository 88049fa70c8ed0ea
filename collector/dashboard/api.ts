import type { Context } from 'hono'

/**
 * A call of the API, made as who is signed in: what a form of the pages does is what a program may do, with the same
 * checks and the same words. `detail` is the sentence of a refusal, '' otherwise.
 */
export type Api = (
  c: Context,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  // biome-ignore lint/suspicious/noExplicitAny: each answer is described by its call
) => Promise<{ status: number; detail: string; body: any }>

/** Calls the app that the pages are part of, with the session of the request. */
export function apiOf(request: (path: string, init: RequestInit) => Response | Promise<Response>): Api {
  return async (c, method, path, body) => {
    const response = await request(new URL(path, c.req.url).href, {
      method,
      headers: {
        cookie: c.req.header('cookie') ?? '',
        // The gate has asked that already of the form that this comes from.
        'sec-fetch-site': 'same-origin',
        'content-type': 'application/json',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const told = text === '' ? {} : JSON.parse(text)
    const detail = response.status < 400 ? '' : String(told.detail ?? response.status)
    return { status: response.status, detail, body: told }
  }
}
