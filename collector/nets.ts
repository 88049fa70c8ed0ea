import { isIP } from 'node:net'

/**
 * Whether an address lies in one of the blocks, by halving a sorted list: a data centre's list has ten thousand
 * blocks, which `net.BlockList` would try one after the other. Throws an `Error` that names a block it cannot read.
 */
export function netSet(blocks: string[]): (ip: string) => boolean {
  const v4: Range<number>[] = []
  const v6: Range<bigint>[] = []
  for (const block of blocks) {
    const [address = '', prefix] = block.split('/')
    const family = isIP(address)
    const width = family === 4 ? 32 : 128
    const bits = prefix === undefined ? width : Number(prefix || Number.NaN)
    if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > width)
      throw new Error(`'${block}' is not an address or a block like 10.0.0.0/8`)
    if (family === 4) v4.push(rangeOf(fourBytes(address), 2 ** (32 - bits)))
    else v6.push(rangeOf6(sixteenBytes(address), 1n << BigInt(128 - bits)))
  }
  const [low, high] = [merged(v4), merged(v6)]
  if (low.length === 0 && high.length === 0) return () => false
  return (ip) => {
    const family = isIP(ip)
    if (family === 4) return low.length > 0 && within(low, fourBytes(ip))
    return family === 6 && high.length > 0 && within(high, sixteenBytes(ip))
  }
}

const [DOT, ZERO] = ['.'.charCodeAt(0), '0'.charCodeAt(0)] as const

/** From the first to the last address, both inside. */
type Range<N> = [first: N, last: N]

function rangeOf(address: number, size: number): Range<number> {
  const first = address - (address % size)
  return [first, first + size - 1]
}

function rangeOf6(address: bigint, size: bigint): Range<bigint> {
  const first = address - (address % size)
  return [first, first + size - 1n]
}

function merged<N extends number | bigint>(ranges: Range<N>[]): Range<N>[] {
  const joined: Range<N>[] = []
  for (const [first, last] of ranges.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))) {
    const before = joined.at(-1)
    if (before && first <= before[1]) {
      if (last > before[1]) before[1] = last
    } else joined.push([first, last])
  }
  return joined
}

function within<N extends number | bigint>(ranges: Range<N>[], address: N): boolean {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ranges[middle]![0] <= address) low = middle + 1
    else high = middle
  }
  return low > 0 && address <= ranges[low - 1]![1]
}

/** By its characters: it is asked twice of each beacon, and splitting makes six strings each time. */
function fourBytes(ip: string): number {
  let sum = 0
  let part = 0
  for (let i = 0; i < ip.length; i++) {
    const code = ip.charCodeAt(i)
    if (code === DOT) {
      sum = sum * 256 + part
      part = 0
    } else part = part * 10 + (code - ZERO)
  }
  return sum * 256 + part
}

function sixteenBytes(ip: string): bigint {
  return BigInt(`0x${groups(ip).join('')}`)
}

/** The eight groups of an IPv6 address, four hex digits each. */
function groups(ip: string): string[] {
  const plain = ip.split('%')[0]!
  const quad = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain)
  const text = quad ? quad[1]! + inHex(fourBytes(quad[2]!)) : plain
  const [before = '', after] = text.split('::')
  const left = before === '' ? [] : before.split(':')
  const right = after === undefined || after === '' ? [] : after.split(':')
  const zeros = after === undefined ? 0 : 8 - left.length - right.length
  return [...left, ...Array<string>(zeros).fill('0'), ...right].map((group) => group.padStart(4, '0'))
}

const inHex = (address: number): string =>
  `${Math.floor(address / 65_536).toString(16)}:${(address % 65_536).toString(16)}`

/** Who counts as one client: an IPv4 address, or the /64 that a household or a phone is given of IPv6. */
export function clientOf(ip: string): string {
  return ip.includes(':') && isIP(ip) === 6 ? groups(ip).slice(0, 4).join(':') : ip
}

const PRIVATE = netSet(['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1', 'fc00::/7'])
const LOOPBACK = netSet(['127.0.0.0/8', '::1'])

export const isPrivate = (ip: string): boolean => PRIVATE(ip)
export const isLoopback = (ip: string): boolean => LOOPBACK(ip)
