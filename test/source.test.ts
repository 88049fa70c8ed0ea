import { describe, expect, it } from 'vitest'
import { sourceOf } from '../collector/source.ts'

const from = (referrer: string | null, query: Record<string, string> | null = null) => {
  const { kind, name } = sourceOf({ referrer, query })
  return `${kind} ${name}`.trim()
}

describe('a visit came', () => {
  it.each([
    [null, 'direct'],
    ['', 'direct'],
    ['/inside', 'direct'],
    ['www.google.com/', 'search Google'],
    ['www.google.de/search', 'search Google'],
    ['google.co.uk/', 'search Google'],
    ['google.com.au/', 'search Google'],
    ['duckduckgo.com/', 'search DuckDuckGo'],
    ['de.search.yahoo.com/', 'search Yahoo'],
    ['m.baidu.com/s', 'search Baidu'],
    ['mail.google.com/mail', 'mail Gmail'],
    ['docs.google.com/document', 'referral docs.google.com'],
    ['google.evil.example/', 'referral google.evil.example'],
    ['chatgpt.com/', 'ai ChatGPT'],
    ['www.perplexity.ai/search', 'ai Perplexity'],
    ['gemini.google.com/app', 'ai Gemini'],
    ['x.com/i/grok', 'ai Grok'],
    ['x.com/somebody', 'social X'],
    ['t.co/a', 'social X'],
    ['l.facebook.com/l.php', 'social Facebook'],
    ['www.linkedin.com/feed', 'social LinkedIn'],
    ['old.reddit.com/r/pumps', 'social Reddit'],
    ['com.linkedin.android/', 'social LinkedIn'],
    ['www.forum.example.net/t/1', 'referral forum.example.net'],
    ['intranet.example.net:8080/', 'referral intranet.example.net'],
    ['constructor.prototype/', 'referral constructor.prototype'],
  ])('from %s: %s', (referrer, expected) => {
    expect(from(referrer)).toBe(expected)
  })

  it.each([
    [{ utm_source: 'Newsletter', utm_medium: 'email' }, 'mail newsletter'],
    [{ utm_source: 'google', utm_medium: 'cpc' }, 'paid google'],
    [{ utm_source: 'linkedin', utm_medium: 'paid-social' }, 'paid linkedin'],
    [{ utm_source: 'linkedin', utm_medium: 'social' }, 'social linkedin'],
    [{ utm_source: 'fair', utm_medium: 'flyer' }, 'campaign fair'],
    [{ utm_source: 'fair' }, 'campaign fair'],
    [{ gclid: 'abc' }, 'paid Google'],
    [{ fbclid: 'abc' }, 'social Facebook'],
    [{ utm_source: 'fair', gclid: 'abc' }, 'campaign fair'],
    [{ utm_campaign: 'autumn' }, 'search Bing'],
  ])('by %j: %s', (query, expected) => {
    expect(from('www.bing.com/', query as Record<string, string>)).toBe(expected)
  })

  it('with a campaign, whatever its source', () => {
    expect(sourceOf({ referrer: null, query: { utm_campaign: 'autumn' } }).campaign).toBe('autumn')
    expect(sourceOf({ referrer: null, query: null }).campaign).toBeNull()
  })
})
