import { describe, expect, it } from 'vitest'
import { meaningOf } from '../collector/segment-names.ts'

describe('names of events that servers track', () => {
  it.each([
    ['Product Added', { cart: true }],
    ['add_to_cart', { cart: true }],
    ['Order Completed', { signal: 'order_completed' }],
    ['Demo Requested', { signal: 'demo_requested' }],
    ['demoRequested', { signal: 'demo_requested' }],
    ['demo-requested', { signal: 'demo_requested' }],
    ['Email Opened', { signal: 'email_open' }],
    ['Email Link Clicked', { signal: 'email_click' }],
    ['Unsubscribed', { signal: 'email_unsubscribe' }],
    ['Email Marked as Spam', { signal: 'email_complaint' }],
    ['Geprüft: Prüfstand 7', { signal: 'gepruft_prufstand_7' }],
    ['2nd Visit', { signal: 'nd_visit' }],
    ['constructor', { signal: 'constructor' }],
    ['__proto__', { signal: 'proto' }],
    ['x'.repeat(200), { signal: 'x'.repeat(64) }],
    ['購入', undefined],
    ['', undefined],
    ['42', undefined],
  ])('%s', (name, meaning) => {
    expect(meaningOf(name)).toEqual(meaning)
  })
})
