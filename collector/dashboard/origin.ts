/**
 * Whether a request that changes something was made by one of our own pages. Browsers say so by
 * `Sec-Fetch-Site`, older ones by `Origin`; `SameSite=Strict` alone would trust every sister host of the domain.
 * Only the host is compared: behind a proxy that ends TLS the collector sees http.
 */
export function madeByOwnPage(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  const origin = request.headers.get('origin')
  if (origin === null || !URL.canParse(origin)) return false
  return new URL(origin).host === (request.headers.get('host') ?? new URL(request.url).host)
}

/** No site bears this name (RFC 2606), so that whoever leaves it is seen. */
const NOWHERE = 'http://local.invalid'

/**
 * `next` if it leads to a page of ours, else `/`. It is parsed as a browser would: `/\evil.example`, `/<tab>/evil.example`
 * and `/.//evil.example` all look local and are not.
 */
export function localPath(next: string | undefined): string {
  if (!next?.startsWith('/') || !URL.canParse(next, NOWHERE)) return '/'
  const url = new URL(next, NOWHERE)
  if (url.origin !== NOWHERE || url.pathname.startsWith('//')) return '/'
  if (/^\/(login|logout)(\/|$)/.test(url.pathname)) return '/'
  return url.pathname + url.search
}
