import { afterEach, describe, expect, it, test, vi } from 'vitest'
import { agentReader } from '../collector/agent.ts'
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

  it.each([
    ['utm_source=mail&utm_medium=post-1', { utm_source: 'mail', utm_medium: 'post-1' }, true],
    ['utm_source=mail&q=ada%40acme.org', { utm_source: 'mail' }, false],
    ['utm_source=mail&utm_term=ada%40acme.org', { utm_source: 'mail' }, false],
    ['utm_source=mail&gclid=EAIaIQobChMI', { utm_source: 'mail', gclid: 'EAIaIQobChMI' }, false],
    ['page=2', undefined, false],
    [`utm_source=${'x-'.repeat(130)}`, { utm_source: 'x-'.repeat(100) }, false],
  ])('of the query %s all are kept, or it is read again', (search, kept, isKnown) => {
    const known = cleanTexts()
    for (let n = 0; n < 2; n++) expect(scrubAddress(`/a?${search}`, known).query).toEqual(kept)
    expect(known.query(search) !== undefined).toBe(isKnown)
  })
})

test('an agent is the same when it is looked up again, also after many others', () => {
  const read = agentReader()
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
  const first = read(firefox)
  expect(first).toEqual({ bot: false, label: 'desktop, Firefox, Linux' })
  expect(read(firefox)).toBe(first)
  for (let n = 0; n < 4_001; n++) read(`bot ${n}`)
  expect(read(firefox)).not.toBe(first)
  expect(read(firefox)).toEqual(first)
})
