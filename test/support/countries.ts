/** Bytes of a MaxMind DB file (https://maxmind.github.io/MaxMind-DB/) with the countries of IPv4 networks: `{ '203.0.113.0/24': 'AT' }`. */
export function countries(networks: Record<string, string>): Buffer {
  const nodes: [Leaf, Leaf][] = [[null, null]]
  const data: Buffer[] = []
  for (const [network, country] of Object.entries(networks)) {
    const [address = '', length = '32'] = network.split('/')
    const bits = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
    let node = 0
    for (let depth = 0; depth < Number(length); depth++) {
      const bit = Math.floor(bits / 2 ** (31 - depth)) % 2
      if (depth === Number(length) - 1) {
        nodes[node]![bit] = { offset: Buffer.concat(data).length }
        data.push(map({ country: map({ iso_code: text(country) }) }))
      } else {
        nodes[node]![bit] ??= nodes.push([null, null]) - 1
        node = nodes[node]![bit] as number
      }
    }
  }
  const tree = nodes.flat().map((leaf) => {
    const record = Buffer.alloc(3)
    record.writeUIntBE(recordOf(leaf, nodes.length), 0, 3)
    return record
  })
  const metadata = map({
    binary_format_major_version: number(5, 2),
    binary_format_minor_version: number(5, 0),
    build_epoch: number(6, 1_790_000_000),
    database_type: text('Countries'),
    ip_version: number(5, 4),
    node_count: number(6, nodes.length),
    record_size: number(5, 24),
  })
  return Buffer.concat([
    ...tree,
    Buffer.alloc(SEPARATOR),
    ...data,
    Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'),
    metadata,
  ])
}

/** A node, a place in the data, or nothing. */
type Leaf = number | { offset: number } | null
const SEPARATOR = 16

function recordOf(leaf: Leaf, nodes: number): number {
  if (leaf === null) return nodes
  return typeof leaf === 'number' ? leaf : nodes + SEPARATOR + leaf.offset
}

const text = (value: string) => Buffer.concat([Buffer.of((2 << 5) | value.length), Buffer.from(value)])

function map(fields: Record<string, Buffer>): Buffer {
  const entries = Object.entries(fields)
  return Buffer.concat([
    Buffer.of((7 << 5) | entries.length),
    ...entries.flatMap(([key, value]) => [text(key), value]),
  ])
}

function number(type: 5 | 6, value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  const short = type === 5 ? bytes.subarray(2) : bytes
  return Buffer.concat([Buffer.of((type << 5) | short.length), short])
}
