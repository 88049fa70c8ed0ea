import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientOf, isPrivate, netSet } from '../collector/nets.ts'

describe('netSet', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6())
  const blocksOf = (ips: fc.Arbitrary<string>, width: number) =>
    fc.array(
      fc.tuple(ips, fc.integer({ min: 0, max: width })).map(([ip, bits]) => `${ip}/${bits}`),
      { maxLength: 20 },
    )

  it('says what the engine says that tries block after block', () => {
    fc.assert(
      fc.property(
        fc.oneof(blocksOf(fc.ipV4(), 32), blocksOf(fc.ipV6(), 128)),
        fc.array(address, { minLength: 1 }),
        (blocks, ips) => {
          const list = new BlockList()
          for (const one of blocks) {
            const [ip, bits] = one.split('/')
            list.addSubnet(ip!, Number(bits), isIP(ip!) === 4 ? 'ipv4' : 'ipv6')
          }
          const within = netSet(blocks)
          const near = blocks.map((one) => one.split('/')[0]!)
          for (const ip of [...ips, ...near]) {
            // The engine takes ::ffff:1.2.3.4 for 1.2.3.4; here such an address has become that before.
            if (/^::ffff:|^(0+:){5}ffff:/i.test(ip)) continue
            // Nor does the one family lie in the other's blocks.
            if (blocks.some((one) => isIP(one.split('/')[0]!) !== isIP(ip))) continue
            expect(within(ip), `${ip} in ${blocks}`).toBe(list.check(ip, isIP(ip) === 4 ? 'ipv4' : 'ipv6'))
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it.each(['10.0.0.0/33', '10.0.0', 'example.com', '::1/129', '10.0.0.0/x', ''])(
    'refuses %j by name',
    (block) => {
      expect(() => netSet([block])).toThrow(`'${block}' is not an address or a block`)
    },
  )

  it('knows nothing that is no address', () => {
    expect(netSet(['0.0.0.0/0', '::/0'])('unknown')).toBe(false)
  })
})

describe('clientOf', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:0db8:0001:0002'],
    ['2001:db8:1:2:ffff::1', '2001:0db8:0001:0002'],
    ['2001:db8::1', '2001:0db8:0000:0000'],
    ['fe80::1%eth0', 'fe80:0000:0000:0000'],
    ['64:ff9b::192.0.2.33', '0064:ff9b:0000:0000'],
    ['::', '0000:0000:0000:0000'],
  ])('%s is %s', (ip, client) => {
    expect(clientOf(ip)).toBe(client)
  })
})

it.each([
  ['10.1.2.3', true],
  ['172.17.0.1', true],
  ['172.32.0.1', false],
  ['fd00::1', true],
  ['203.0.113.9', false],
])('%s is private: %s', (ip, expected) => {
  expect(isPrivate(ip)).toBe(expected)
})
