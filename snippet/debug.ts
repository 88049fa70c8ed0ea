/**
 * `/l.debug.js`: tells in the console, in words, what the script sends and why something is not sent or kept. Loaded
 * by `data-debug` only; the one place that logs, and that puts itself before `fetch`.
 */
import { FLAG, type WireBody, type WireEvent } from '../shared/protocol.ts'

/** What the collector says of a beacon that it did not keep, by `x-leadwake-dropped`. */
const DROPPED: Record<string, string> = {
  'unknown-site': 'the collector knows no such site; compare ?s= (or data-site) with `leadwake site list`',
  'opt-out': 'the visitor opted out on this site',
  bot: 'the browser names itself a robot, or is driven by one',
  'wrong-origin': 'this host is not among those that the site allows',
  'not-a-download': 'the link is no download and does not leave the host',
  'same-add': 'another way told of this cart add before',
  'no-address': 'the claim names no e-mail address',
  'no-consent': 'the site requires consent, and none was given',
}

/** One event in words. */
export function wordsOf(event: WireEvent): string {
  switch (event[0]) {
    case 'p':
      return `a view of ${event[3]}${event[5] ? ` from ${event[5]}` : ''}${event[6] ? `, a ${event[6]} page` : ''}`
    case 'e':
      return `${((event[3] ?? 0) / 1_000).toFixed(1)} s of attention so far, scrolled to ${event[4] ?? 0} %`
    case 'd':
      return `a click on ${event[4]}${event[5] ? ', a download by its own word' : ' (a download or a link elsewhere)'}`
    case 'c':
      return `a cart add: ${JSON.stringify(event[4])}`
    case 'o':
      return `a click that leaves for ${event[4]}`
    case 'f':
      return `the form ${event[4] || 'without a name'} was submitted to ${event[5]}; no field is sent`
    case 'x':
      return typeof event[4] === 'object'
        ? `the event ${event[4].event} by markup: ${JSON.stringify(event[4])}`
        : `the event ${event[4]} ${JSON.stringify(event[5] ?? {})}`
    case 'i':
      return `a claim to be ${event[4]}, ${event[5] ? 'signed' : 'not signed'}`
    default:
      return event satisfies never
  }
}

/** A beacon in words: whose it is, then its events. */
export function wordsOfBody(body: WireBody): string[] {
  const flags = body.f ?? 0
  // The last word of an id still bears it.
  const whose =
    flags & FLAG.optOut
      ? 'nobody: the visitor opted out'
      : flags & FLAG.privacy
        ? 'measured without an id, because the browser asks for privacy (GPC or DNT)'
        : flags & FLAG.refused
          ? 'measured without an id, because the visitor refused'
          : body.v
            ? `visitor ${body.v}`
            : 'measured without an id: the site requires consent; call leadwake.consent(true) when it is given'
  return [
    `${body.e.length} to ${body.s}, ${whose}`,
    ...(flags & FLAG.webdriver ? ['navigator.webdriver is set: a driven browser'] : []),
    ...body.e.map(wordsOf),
  ]
}

/** What became of a beacon. */
export function wordsOfAnswer(status: number, dropped: string | null): string {
  if (dropped) return `not kept: ${DROPPED[dropped] ?? dropped}`
  if (status === 204) return 'kept'
  if (status === 429 || status > 499)
    return `the collector answered ${status}; sent again later with the same ids`
  return `refused with ${status}; not sent again`
}

/** What on this page keeps something from being measured. `tag` is the script's. */
export function hindrances(tag: HTMLScriptElement, host: Window & typeof globalThis): string[] {
  const { document } = host
  const found: string[] = []
  const composed = (/[?&]with=([^&]+)/.exec(tag.src)?.[1] ?? '').split(',')
  const needs: Record<string, string> = {
    hash: 'hash',
    domains: 'domains',
    auto: 'attributes',
    exclude: 'attributes',
    downloads: 'attributes',
  }
  for (const [attribute, piece] of Object.entries(needs)) {
    if (attribute in tag.dataset && !composed.includes(piece))
      found.push(
        `data-${attribute} does nothing unless the site's settings or the script's URL ask for it: with=${piece}`,
      )
  }
  // A versioned script has its site in it.
  if (!tag.dataset.site && !/[?&]s=|\/l\.[\w-]{22}\.js/.test(tag.src))
    found.push('the tag names no site: add ?s=ID to its URL')
  if (document.hidden) found.push('the page is hidden: nothing is sent until somebody sees it')
  if (document.querySelectorAll('script[src*="/l.js"],script[src*="/l."]').length > 1)
    found.push('the script is on this page more than once; it counts once')
  try {
    host.localStorage.getItem('leadwake_queue')
  } catch {
    found.push('storage is blocked here: nothing is kept for the next page, and no id')
  }
  const off = document.querySelectorAll('[data-leadwake-off]').length
  if (off) found.push(`${off} element(s) are switched off by data-leadwake-off`)
  return found
}

/** Tells of all that goes to the collector from now on. */
export function watch(host: Window & typeof globalThis, tell: (line: string) => void): void {
  const { fetch } = host
  host.fetch = async (...args: Parameters<typeof fetch>) => {
    const ours = `${args[0]}`.endsWith('/v1/in')
    if (ours) for (const line of wordsOfBody(JSON.parse(`${args[1]!.body}`))) tell(line)
    try {
      const response = await fetch.apply(host, args)
      if (ours) tell(wordsOfAnswer(response.status, response.headers.get('x-leadwake-dropped')))
      return response
    } catch (error) {
      if (ours)
        tell('no answer (offline, blocked, or a policy of the page); tried as a beacon, and kept for later')
      throw error
    }
  }
}
