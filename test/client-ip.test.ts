import { describe, expect, it } from 'vitest'
import { clientIp } from '../collector/client-ip.ts'
import { Sentence } from '../collector/sentence.ts'

describe('clientIp', () => {
  const table: [
    what: string,
    trusted: string[],
    socket: string,
    forwarded: string | undefined,
    ip: string,
  ][] = [
    ['the socket where nobody is trusted', [], '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['the socket where a stranger forwards', ['10.0.0.0/8'], '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['what a trusted proxy forwards', ['10.0.0.0/8'], '10.1.2.3', '198.51.100.1', '198.51.100.1'],
    [
      'the last address that is no proxy, whatever stands left of it',
      ['10.0.0.0/8'],
      '10.1.2.3',
      '1.2.3.4, 198.51.100.1, 10.9.9.9',
      '198.51.100.1',
    ],
    ['the first proxy where all are proxies', ['10.0.0.0/8'], '10.1.2.3', '10.4.4.4, 10.5.5.5', '10.4.4.4'],
    ['the proxy where nothing is forwarded', ['10.0.0.0/8'], '10.1.2.3', undefined, '10.1.2.3'],
    ['the proxy where rubbish is forwarded', ['10.0.0.0/8'], '10.1.2.3', 'unknown', '10.1.2.3'],
    ['a single trusted address', ['10.1.2.3'], '10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['not its neighbour', ['10.1.2.3'], '10.1.2.4', '198.51.100.1', '10.1.2.4'],
    ['IPv6 proxies', ['fd00::/8'], 'fd00::1', '2001:db8::7', '2001:db8::7'],
    [
      'IPv4 that a dual-stack socket shows as IPv6',
      ['127.0.0.0/8'],
      '::ffff:127.0.0.1',
      '198.51.100.1',
      '198.51.100.1',
    ],
    ['nothing where the socket has no address', ['10.0.0.0/8'], '', '198.51.100.1', ''],
  ]
  it.each(table)('gives %s', (_what, trusted, socket, forwarded, ip) => {
    expect(clientIp(trusted)(socket, forwarded)).toBe(ip)
  })

  it.each(['localhost', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.0/', 'fd00::/129', '/8'])(
    'refuses %s, naming the option',
    (block) => {
      expect(() => clientIp([block])).toThrow(Sentence)
      expect(() => clientIp([block])).toThrow(/LEADWAKE_TRUST_PROXY: '.*' is not an address or a block/)
    },
  )
})
