/**
 * Where a webhook may go: to public addresses over https, and to what the operator allows. It decides on the address to
 * which the connection is made, so that a name that resolves to another address by then (DNS rebinding) gains nothing.
 */
import { isIP, type LookupFunction } from 'node:net'
import { netSet } from '../nets.ts'

/** Ports of public targets; an allowed one may have any. */
const PORTS: ReadonlySet<number> = new Set([443, 8443])
const MAX_URL_LENGTH = 2_048

/** IPv4 that is nobody's public server: https://www.iana.org/assignments/iana-ipv4-special-registry */
const CLOSED_V4 = netSet([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // Link-local, with the metadata services of most clouds.
  '169.254.0.0/16',
  // Azure's, which is a public address.
  '168.63.129.16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  // Relays of 6to4.
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  // Multicast, reserved, broadcast.
  '224.0.0.0/3',
])
/** Of IPv6 only global unicast is open: mapped, translated (NAT64), local and multicast addresses lie outside. */
const OPEN_V6 = netSet(['2000::/3'])
const CLOSED_V6 = netSet([
  // Teredo, ORCHID, benchmarks and other protocol assignments.
  '2001::/23',
  '2001:db8::/32',
  // 6to4: an IPv4 address in disguise.
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
])

export const isPublic = (ip: string): boolean =>
  isIP(ip) === 4 ? !CLOSED_V4(ip) : isIP(ip) === 6 && OPEN_V6(ip) && !CLOSED_V6(ip)

/** Asks for all addresses of a name; node's own `dns.lookup` with `all`. */
export type Resolve = (
  host: string,
  done: (error: Error | null, addresses: { address: string; family: number }[]) => void,
) => void

/** Why a connection was not made. */
export class Refused extends Error {}

export interface Guard {
  /** What is wrong with an address as a target, in words that begin with `url`; undefined where it may be one. */
  fault(url: string): string | undefined
  /** Throws `Refused` where the URL must not be connected to, before any name is resolved. */
  check(url: URL): void
  /** Resolves a name for a connection and gives only what may be connected to; fails with `Refused` otherwise. */
  lookupFor(url: URL, resolve: Resolve): LookupFunction
}

/** `allow` holds addresses, CIDR blocks and host names that may be targets although they are private. Throws an `Error` in words. */
export function webhookGuard(allow: readonly string[]): Guard {
  const blocks = allow.filter((entry) => isIP(entry.split('/')[0]!) !== 0)
  const hosts = new Set(allow.filter((entry) => !blocks.includes(entry)).map((entry) => entry.toLowerCase()))
  for (const host of hosts)
    if (!/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(host))
      throw new Error(`'${host}' is not an address, a block like 10.0.0.0/8 or a host name`)
  const isAllowed = netSet(blocks)

  const openTo = ({ protocol, port }: URL): boolean =>
    protocol === 'https:' && PORTS.has(port === '' ? 443 : Number(port))

  function mayConnect(url: URL, ip: string): boolean {
    return hosts.has(hostOf(url)) || isAllowed(ip) || (openTo(url) && isPublic(ip))
  }

  function fault(text: string): string | undefined {
    if (text.length > MAX_URL_LENGTH) return `url may have at most ${MAX_URL_LENGTH} characters`
    // The parser forgives what it should not: blanks, tabs and line ends in it, and backslashes.
    if (/[\s\\\p{Cc}]/u.test(text)) return 'url must not hold blanks, control characters or backslashes'
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (!url) return 'url must be an address like https://hooks.example.org/leads'
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'url must begin with https://'
    if (url.username !== '' || url.password !== '')
      return 'url must not hold a name or password; send a token instead'
    if (url.hash !== '') return 'url must not have a part behind #'
    const host = hostOf(url)
    if (host === '') return 'url must name a host'
    if (hosts.has(host)) return undefined
    if (isIP(host) !== 0) {
      if (isAllowed(host)) return undefined
      if (!isPublic(host))
        return 'url names an address that is not public; the operator may allow it with LEADWAKE_WEBHOOK_ALLOW'
    } else if (/(^|\.)(localhost|local|internal|localdomain|home\.arpa)$/.test(host) || !host.includes('.')) {
      if (blocks.length > 0) return undefined
      return 'url names a host of a private network; the operator may allow it with LEADWAKE_WEBHOOK_ALLOW'
    }
    // What a name resolves to is known only then: it may lie in an allowed block.
    if (openTo(url) || (isIP(host) === 0 && blocks.length > 0)) return undefined
    return url.protocol === 'http:'
      ? 'url must begin with https:// unless the operator allows its target with LEADWAKE_WEBHOOK_ALLOW'
      : `url may have the ports ${[...PORTS].join(' and ')} unless the operator allows its target with LEADWAKE_WEBHOOK_ALLOW`
  }

  return {
    fault,
    check(url) {
      const found = fault(url.href)
      if (found !== undefined) throw new Refused(found)
      const host = hostOf(url)
      // A connection to a literal address asks no lookup.
      if (isIP(host) !== 0 && !mayConnect(url, host))
        throw new Refused('url names an address that is not open')
    },
    lookupFor: (url, resolve) => (host, options, done) => {
      resolve(host, (error, addresses) => {
        if (error) return done(error, '', 0)
        // One closed address among open ones is a trick, or a mistake.
        if (addresses.length === 0 || !addresses.every(({ address }) => mayConnect(url, address)))
          return done(new Refused('the name resolves to an address that is not open'), '', 0)
        if (options.all) return done(null, addresses)
        done(null, addresses[0]!.address, addresses[0]!.family)
      })
    },
  }
}

/** Without the brackets of IPv6 and the dot of the root. */
const hostOf = ({ hostname }: URL): string =>
  hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
