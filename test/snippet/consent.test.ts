import { beforeEach, describe, expect, it, vi } from 'vitest'
import { FLAG } from '../../shared/protocol.ts'
import { type Host, NOW, type Options, visit } from './visit.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

const ID = /^\d{22}$/
const navigator = (values: object) => (window: Host) => {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(window.navigator, name, { get: () => value, configurable: true })
  }
}
const gpc = navigator({ globalPrivacyControl: true })

const modes: [title: string, options: Options, identified: boolean, flags?: number][] = [
  ['no settings are the strict ones', {}, false],
  ['required', { served: { consent: 'required' } }, false],
  ['given', { served: { consent: 'given' } }, true, FLAG.given],
  [
    'given, but the tag says required',
    { served: { consent: 'given' }, attributes: { 'data-consent': 'required' } },
    false,
  ],
  ['required, though the tag says given', { attributes: { 'data-consent': 'given' } }, false],
  ['both given', { served: { consent: 'given' }, attributes: { 'data-consent': 'given' } }, true, FLAG.given],
  ['granted on an earlier page', { stored: { leadwake_consent: '8' } }, true, FLAG.granted],
  [
    'refused on an earlier page',
    { served: { consent: 'given' }, stored: { leadwake_consent: '32' } },
    false,
    FLAG.refused,
  ],
  ['GPC', { served: { consent: 'given' }, before: gpc }, false, FLAG.privacy],
  ['DNT', { served: { consent: 'given' }, before: navigator({ doNotTrack: '1' }) }, false, FLAG.privacy],
  ['DNT off', { served: { consent: 'given' }, before: navigator({ doNotTrack: '0' }) }, true, FLAG.given],
  [
    'GPC, but the visitor granted afterwards',
    { stored: { leadwake_consent: '8' }, before: gpc },
    true,
    FLAG.granted,
  ],
  ['GPC and refused', { stored: { leadwake_consent: '32' }, before: gpc }, false, FLAG.refused],
  ['a driven browser', { before: navigator({ webdriver: true }) }, false, FLAG.webdriver],
  [
    'an id left over from when none was needed',
    { cookie: `leadwake_visitor=${'a'.repeat(22)};path=/` },
    false,
  ],
]

describe('consent', () => {
  it.each(modes)('%s', async (_title, options, identified, flags) => {
    const page = visit(options)
    await page.pass(6_000)
    const [body] = page.bodies
    expect(body!.f).toBe(flags ?? 0)
    if (identified) {
      expect(body!.v).toMatch(ID)
      expect(page.document.cookie).toBe(`leadwake_visitor=${body!.v}`)
    } else {
      expect(body!.v).toBe(0)
      expect(page.document.cookie).toBe('')
      expect(Object.keys(page.stored()).filter((key) => key !== 'leadwake_consent')).toEqual([])
    }
    expect(page.window.leadwake.visitor()).toBe(body!.v || null)
  })

  it('takes up the id that is kept, also one that a form handler made, and no malformed one', () => {
    const served = { consent: 'given' } as const
    const idOf = (cookie: string) => visit({ served, cookie }).window.leadwake.visitor()
    expect(idOf('leadwake_visitor=made-by_A-server')).toBe('made-by_A-server')
    expect(idOf('leadwake_visitor=<script>')).toMatch(ID)
  })

  it('granted starts an id at once, and refused deletes all', async () => {
    const page = visit()
    const { leadwake } = page.window
    expect(leadwake.visitor()).toBe(null)
    leadwake.consent(true)
    expect(leadwake.visitor()).toMatch(ID)
    leadwake.event('after')
    await page.pass(6_000)
    // The view, the report with which it changes hands, and what comes then.
    expect(page.bodies.map((body) => !!body.v)).toEqual([false, false, true])
    leadwake.consent(false)
    expect(leadwake.visitor()).toBe(null)
    leadwake.event('refused')
    await page.pass(6_000)
    expect(page.document.cookie).toBe('')
    expect(page.stored()).toEqual({ leadwake_consent: '32' })
    expect(page.bodies.at(-1)!.v).toBe(0)
  })

  it('granted just before the page is left still makes the view the new id’s', async () => {
    const page = visit()
    await page.pass(5_000)
    page.window.leadwake.consent(true)
    await page.pass(50)
    page.leave()
    await page.pass(0)
    const { v, e } = page.bodies.at(-1)!
    expect(v).toMatch(ID)
    expect(e).toEqual([['e', page.events('p')[0]![1], expect.any(Number)]])
    // The time that was told before stays the greatest of the view.
    expect(page.told('e')).toEqual([[5_000, 0], [], []])
  })

  it('refused deletes what was kept for the next page too, at once', async () => {
    const page = visit({ served: { consent: 'given' }, answer: 'offline' })
    await page.pass(6_000)
    expect(page.stored().leadwake_queue).toContain('"p"')
    page.window.leadwake.consent(false)
    expect(page.stored()).toEqual({ leadwake_consent: '32' })
  })

  it('opted out: one last word, then silence, also on later pages', async () => {
    const page = visit({ served: { consent: 'given' } })
    await page.pass(1_000)
    page.window.leadwake.optOut()
    await page.pass(0)
    expect(page.bodies).toHaveLength(2)
    expect(page.bodies[1]!.f).toBe(FLAG.optOut)
    expect(page.bodies[1]!.v).toMatch(ID)
    page.window.leadwake.event('more')
    page.click('body')
    await page.pass(120_000)
    page.leave()
    await page.pass(0)
    expect(page.bodies).toHaveLength(2)
    expect(page.stored()).toEqual({ leadwake_consent: '2' })

    const next = visit({ served: { consent: 'given' }, stored: page.stored() })
    await next.pass(120_000)
    expect(next.requests).toHaveLength(0)
    next.window.leadwake.consent(true)
    next.window.leadwake.event('back')
    await next.pass(0)
    expect(next.told('x')).toEqual([['back', null]])
  })
})
