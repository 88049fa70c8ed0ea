import list from './referrer-spam.json' with { type: 'json' }

const SPAMMERS = new Set<string>(list)
/** Host of an address, without credentials and port. */
const HOST = /^[a-z][a-z\d+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i

/** Whether a referrer's host, or a domain above it, is known for links that are made to be seen in reports. */
export function isReferrerSpam(referrer: string): boolean {
  let host = HOST.exec(referrer)?.[1]?.toLowerCase()
  while (host !== undefined) {
    if (SPAMMERS.has(host)) return true
    const dot = host.indexOf('.')
    host = dot < 0 ? undefined : host.slice(dot + 1)
  }
  return false
}
