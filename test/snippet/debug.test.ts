import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { WireEvent } from '../../shared/protocol.ts'
import { FLAG } from '../../shared/protocol.ts'
import { hindrances, watch, wordsOf, wordsOfAnswer, wordsOfBody } from '../../snippet/debug.ts'
import { type Host, NOW, visit } from './visit.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

const events: [event: WireEvent, words: string][] = [
  [
    ['p', 'i', NOW, 'https://a.b/', 'Home', 'https://c.d/', 'pricing'],
    'a view of https://a.b/ from https://c.d/, a pricing page',
  ],
  [['e', 'i', NOW, 12_345, 40], '12.3 s of attention so far, scrolled to 40 %'],
  [
    ['d', 'i', NOW, 'p', 'https://a.b/x.pdf', false],
    'a click on https://a.b/x.pdf (a download or a link elsewhere)',
  ],
  [['d', 'i', NOW, 'p', 'https://a.b/x', true], 'a click on https://a.b/x, a download by its own word'],
  [['c', 'i', NOW, 'p', { product: 'Pump' }], 'a cart add: {"product":"Pump"}'],
  [['o', 'i', NOW, 'p', 'https://c.d/'], 'a click that leaves for https://c.d/'],
  [
    ['f', 'i', NOW, 'p', 'demo', 'https://a.b/go'],
    'the form demo was submitted to https://a.b/go; no field is sent',
  ],
  [['x', 'i', NOW, 'p', 'video', { title: 'Intro' }], 'the event video {"title":"Intro"}'],
  [
    ['x', 'i', NOW, 'p', { event: 'video', title: 'Intro' }],
    'the event video by markup: {"event":"video","title":"Intro"}',
  ],
  [['i', 'i', NOW, 'p', 'eve@acme.example'], 'a claim to be eve@acme.example, not signed'],
]

const answers: [status: number, dropped: string | null, words: RegExp][] = [
  [204, null, /^kept$/],
  [202, 'unknown-site', /knows no such site/],
  [202, 'bot', /robot/],
  [202, 'something-new', /something-new/],
  [503, null, /again later/],
  [429, null, /again later/],
  [400, null, /not sent again/],
]

const why: [title: string, options: object, words: RegExp[]][] = [
  ['nothing', {}, []],
  ['data-hash alone', { attributes: { 'data-hash': '' } }, [/data-hash does nothing .* with=hash/]],
  [
    'data-hash composed',
    { attributes: { 'data-hash': '' }, src: 'https://go.example/l.js?s=a&with=hash' },
    [],
  ],
  ['no site', { src: 'https://go.example/l.js' }, [/names no site/]],
  ['a versioned script', { src: 'https://go.example/l.0123456789abcdefghijkl.js' }, []],
  ['a hidden page', { hidden: true }, [/hidden/]],
  ['something switched off', { html: '<p data-leadwake-off>' }, [/1 element/]],
  [
    'blocked storage',
    {
      before: (window: Host) =>
        Object.defineProperty(window, 'localStorage', {
          get() {
            throw new Error('SecurityError')
          },
        }),
    },
    [/storage is blocked/],
  ],
]

describe('the debug file', () => {
  it.each(events)('says %j', (event, words) => {
    expect(wordsOf(event)).toBe(words)
  })

  it.each(answers)('of the answer %i %s says %s', (status, dropped, words) => {
    expect(wordsOfAnswer(status, dropped)).toMatch(words)
  })

  it.each(why)('explains %s', (_title, options, words) => {
    const { window, document } = visit(options)
    const said = hindrances(document.currentScript, window)
    expect(said).toHaveLength(words.length)
    for (const [i, pattern] of words.entries()) expect(said[i]).toMatch(pattern)
  })

  it.each([
    ['abc', FLAG.given, /visitor abc/],
    [undefined, 0, /requires consent/],
    [undefined, FLAG.privacy, /GPC or DNT/],
    [undefined, FLAG.refused, /refused/],
    [undefined, FLAG.optOut, /opted out/],
  ])('says whose a beacon is: %s %i', (v, f, words) => {
    expect(wordsOfBody({ s: 'a', t: NOW, f, e: [], ...(v && { v }) })[0]).toMatch(words)
  })

  it('tells of what the script sends and of the answer, and changes neither', async () => {
    const page = visit()
    await page.pass(0)
    const told: string[] = []
    watch(page.window, (line) => told.push(line))
    page.window.leadwake.event('video')
    await page.pass(0)
    expect(page.told('x')).toEqual([['video', null]])
    expect(told.slice(1, 2)).toEqual(['the event video {}'])
    page.answer('offline')
    page.window.leadwake.event('lost')
    await page.pass(0)
    expect(told.at(-1)).toMatch(/no answer/)
    expect(page.beacons).toHaveLength(1)
  })
})
