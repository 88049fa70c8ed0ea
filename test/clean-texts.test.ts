import { afterEach, describe, expect, it, vi } from 'vitest'
import { cleanTexts } from '../collector/clean-texts.ts'
import { scrubAddress, scrubText } from '../collector/scrub.ts'
import { SECRETS } from '../collector/secrets.ts'

afterEach(() => vi.restoreAllMocks())

describe('texts known as clean', () => {
  it('are not looked through again', () => {
    const known = cleanTexts()
    const text = 'Pumps and valves since 1986'
    expect(scrubText(text, known)).toBe(text)
    const looks = vi.spyOn(SECRETS[0]!.hint, 'test')
    expect(scrubText(text, known)).toBe(text)
    expect(looks).not.toHaveBeenCalled()
    expect(scrubText(text)).toBe(text)
    expect(looks).toHaveBeenCalledOnce()
  })

  it.each([
    ['an e-mail', 'Inbox of ada@acme.org'],
    ['a token', '/t/5f1e9a0b7c2d4e6f8a1b3c5d'],
    ['a telephone number', 'Call +43 1 23456789'],
  ])('never hold %s, which goes each time', (_, text) => {
    const known = cleanTexts()
    const once = scrubText(text, known)
    expect(once).not.toBe(text)
    expect(known.has(text)).toBe(false)
    expect(scrubText(text, known)).toBe(once)
  })

  it('of a campaign are those of its value', () => {
    const known = cleanTexts()
    scrubAddress('/a1?utm_campaign=autumn-2026&utm_content=ada%40acme.org', known)
    expect(['/a1', 'autumn-2026', 'ada@acme.org'].map(known.has)).toEqual([true, true, false])
  })

  it('are forgotten, the oldest generation first, but those that come again', () => {
    const known = cleanTexts({ remembered: 10 })
    known.add('again and again')
    for (let n = 0; n < 100; n++) {
      known.add(`text ${n}`)
      expect(known.has('again and again')).toBe(true)
    }
    const held = Array.from({ length: 100 }, (_, n) => known.has(`text ${n}`)).filter(Boolean)
    expect(held.length).toBeLessThanOrEqual(20)
    expect(known.has('text 0')).toBe(false)
  })

  it('are short: a long one is looked through each time', () => {
    const known = cleanTexts()
    const long = '1 word '.repeat(50)
    expect(scrubText(long, known)).toBe(long)
    expect(known.has(long)).toBe(false)
  })
})
