import { beforeEach, describe, expect, it, vi } from 'vitest'
import { parse } from '../../collector/parse.ts'
import { NOW, visit } from './visit.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

const JWT =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P'

const addresses: [from: string, to: string][] = [
  ['/', '/'],
  ['/blog/10-ways-to-measure-a-pressure-drop-in-2026', '/blog/10-ways-to-measure-a-pressure-drop-in-2026'],
  ['/docs/internationalization', '/docs/internationalization'],
  ['/docs/my_long_function_name_v2', '/docs/my_long_function_name_v2'],
  ['/package/@scope/name@1.2.3', '/package/@scope/name@1.2.3'],
  ['/@eve', '/@eve'],
  ['/orders/4711', '/orders/4711'],
  ['/caf%C3%A9', '/caf%C3%A9'],
  ['/u/eve@private.example/settings', '/u/*/settings'],
  ['/u/eve%40private.example/settings', '/u/*/settings'],
  ['/u/eve+news@mail.private.example', '/u/*'],
  [`/reset/${JWT}`, '/reset/*.*.*'],
  ['/reset/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', '/reset/*'],
  ['/reset/V1StGXR8Z5jdHi6BmyT8Ab', '/reset/*'],
  ['/i/123e4567-e89b-12d3-a456-426614174000/accept', '/i/*/accept'],
  ['/p?session=abc&token=xyz', '/p'],
  ['/p#access_token=abc', '/p'],
  ['/p?utm_source=a&id=7&utm_medium=b', '/p?utm_source=a&utm_medium=b'],
  ['/p?id=7&utm_source=a', '/p?utm_source=a'],
  ['/p?UTM_SOURCE=a', '/p?UTM_SOURCE=a'],
  ['/p?my_utm_source=a', '/p'],
  ['/p?utm_content=eve%40private.example&utm_source=a', '/p?utm_source=a'],
  ['/p?x&utm_source=a?b&utm_medium=c', '/p?utm_source=a?b&utm_medium=c'],
  ...[
    'gclid',
    'gbraid',
    'wbraid',
    'dclid',
    'fbclid',
    'msclkid',
    'ttclid',
    'twclid',
    'yclid',
    'li_fat_id',
  ].map((key): [string, string] => [
    `/p?x=1&${key}=Cj0KCQjw1234567890abcdefgh-_A`,
    `/p?${key}=Cj0KCQjw1234567890abcdefgh-_A`,
  ]),
]

describe('what leaves the page', () => {
  it.each(addresses)('%s is told as %s', async (from, to) => {
    const page = visit({ url: `https://shop.example${from}`, referrer: `https://other.example${from}` })
    await page.pass(0)
    const parsed = parse(JSON.stringify(page.bodies[0]))
    expect(parsed.ok && parsed.beacon.events[0]).toMatchObject({
      url: `https://shop.example${to}`,
      referrer: `https://other.example${to}`,
    })
  })

  const titles: [from: string, to: string][] = [
    ['Inbox of eve@private.example - Mail', 'Inbox of * - Mail'],
    ['Invite 123e4567-e89b-12d3-a456-426614174000', 'Invite *'],
    ['10 Tipps für die Qualitätsmanagementbeauftragten', '10 Tipps für die Qualitätsmanagementbeauftragten'],
    ['x'.repeat(400), 'x'.repeat(400)],
  ]
  it.each(titles)('the title %s is told as %s', async (title, to) => {
    const page = visit({ title })
    await page.pass(0)
    expect(page.told('p')[0]![1]).toBe(to)
  })

  it('cuts an address, and takes no time for it', async () => {
    const started = performance.now()
    const page = visit({ url: `https://shop.example/${'x'.repeat(50_000)}` })
    await page.pass(0)
    expect(String(page.told('p')[0]![0])).toHaveLength(1_000)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})
