import { BlockList, isIP } from 'node:net'
import { Sentence } from './sentence.ts'

/** Tells whether an address is one of those that are listed. Throws a `Sentence` on a block that cannot be read. */
export function proxySet(trusted: string[]): (ip: string) => boolean {
  const proxies = new BlockList()
  for (const block of trusted) {
    const [address = '', prefix] = block.split('/')
    const family = isIP(address)
    const bits = prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix || Number.NaN)
    if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) {
      throw new Sentence(`LEADWAKE_TRUST_PROXY: '${block}' is not an address or a block like 10.0.0.0/8`)
    }
    proxies.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6')
  }
  return (socket) => {
    const ip = plain(socket)
    return isIP(ip) !== 0 && proxies.check(ip, isIP(ip) === 4 ? 'ipv4' : 'ipv6')
  }
}

/**
 * Who sent a request: the socket's address, or, where that is a trusted proxy, the last address in
 * `X-Forwarded-For` that is not one, walked from the right (what stands further left anybody can write).
 * Throws a `Sentence` on a block that cannot be read.
 */
export function clientIp(trusted: string[]): (socket: string, forwarded: string | undefined) => string {
  const isProxy = proxySet(trusted)
  if (trusted.length === 0) return plain
  return (socket, forwarded) => {
    let ip = plain(socket)
    const hops = forwarded?.split(',') ?? []
    while (isProxy(ip) && hops.length > 0) {
      const next = plain(hops.pop()!.trim())
      if (isIP(next) === 0) break
      ip = next
    }
    return ip
  }
}

/** IPv4 that a dual-stack socket shows as IPv6. */
function plain(ip: string): string {
  return ip.startsWith('::ffff:') ? ip.slice(7) : ip
}
