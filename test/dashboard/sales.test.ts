import { describe, expect, test } from 'vitest'
import type { LeadAnswer } from '../../shared/api.ts'
import { ADA, fakeSales, NOW } from './fakes.ts'
import { COOKIE, open } from './support.ts'

const page = (lead: Partial<LeadAnswer>) =>
  open({ lead: async () => ({ ...ADA, ...lead }) }).html('/leads/ada')
/** Decisions that the page offers, in their order. */
const offered = (html: string) =>
  [...html.matchAll(/name="decision" value="(\w+)"/g)].map(([, decision]) => decision).join(' ')

describe('the sales forms of a lead', () => {
  test.each<[string, Partial<LeadAnswer>, string]>([
    ['an SQL', {}, 'accept reject recycle opportunity won lost disqualify'],
    ['an accepted SQL', { accepted: true }, 'opportunity won reject recycle lost disqualify'],
    ['an MQL', { stage: 'mql' }, 'opportunity won disqualify'],
    ['an opportunity', { stage: 'opportunity' }, 'recycle won lost disqualify'],
    ['a customer', { stage: 'customer' }, 'disqualify'],
    ['somebody disqualified', { stage: 'disqualified' }, 'restore'],
  ])('offer for %s what can be decided', async (_, lead, decisions) => {
    expect(offered(await page(lead))).toBe(decisions)
  })

  test('show when an answer is due, and that it is overdue', async () => {
    const due = (ms: number) => new Date(NOW + ms).toISOString()
    expect(await page({ dueAt: due(3_600_000) })).toContain('An answer is due')
    expect(await page({ dueAt: due(-60_000) })).toContain('Overdue: an answer was due')
    expect(await page({ stage: 'mql', coolUntil: due(86_400_000) })).toContain('Cooling down')
  })

  test('show what was decided and noted, escaped', async () => {
    const html = await page({
      decisions: [
        {
          decision: 'reject',
          at: ADA.createdAt,
          by: '<b>Ann',
          reason: 'no_budget',
          until: null,
          value: null,
        },
      ],
      notes: [{ kind: 'budget', text: '<script>x</script>', at: ADA.createdAt, by: 'Ann' }],
    })
    expect(html).toContain('<bdi>No budget</bdi>')
    expect(html).toContain('&lt;b&gt;Ann')
    expect(html).toContain('<strong>Budget</strong> <bdi>&lt;script&gt;')
  })

  test.each<[string, string, Record<string, string>, unknown]>([
    [
      'accept',
      'decision',
      { decision: 'accept', expectedVersion: '0' },
      { decision: 'accept', expectedVersion: 0 },
    ],
    [
      'reject with a day',
      'decision',
      { decision: 'reject', reason: 'bad_timing', until: '2026-01-07' },
      { decision: 'reject', reason: 'bad_timing', until: Date.parse('2026-01-07') },
    ],
    [
      'reject without one',
      'decision',
      { decision: 'reject', reason: 'spam', until: '' },
      { decision: 'reject', reason: 'spam' },
    ],
    ['won with a value', 'decision', { decision: 'won', value: '12.5' }, { decision: 'won', value: 12.5 }],
    ['a note', 'notes', { kind: 'pain', text: ' Bearings ' }, { kind: 'pain', text: 'Bearings' }],
  ])('send %s, and come back to the lead', async (_, path, fields, body) => {
    const sales = fakeSales()
    const answer = await open({}, undefined, { sales }).post(`/leads/ada/${path}`, fields, COOKIE)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/leads/ada'])
    expect(sales.said).toEqual([['ada', body]])
  })

  test.each<[string, string, Record<string, string>, RegExp]>([
    ['a rejection without its reason', 'decision', { decision: 'reject' }, /must be one of no_budget/],
    ['a value that is none', 'decision', { decision: 'won', value: 'much' }, /value must be a number|NaN/],
    ['an empty note', 'notes', { kind: 'pain', text: ' ' }, /text must not be empty/],
  ])('refuse %s with a sentence on the page', async (_, path, fields, words) => {
    const sales = fakeSales()
    const answer = await open({}, undefined, { sales }).post(`/leads/ada/${path}`, fields, COOKIE)
    expect(answer.status).toBe(422)
    expect(await answer.text()).toMatch(words)
    expect(sales.said).toEqual([])
  })

  test('tell who was quicker', async () => {
    const opened = open({}, undefined, { sales: fakeSales('somebody has decided since: Bob') })
    const answer = await opened.post('/leads/ada/decision', { decision: 'accept' }, COOKIE)
    expect(answer.status).toBe(409)
    expect(await answer.text()).toContain('<p class="error" role="alert">somebody has decided since: Bob</p>')
  })

  test('take nothing from elsewhere, and nothing from a stranger', async () => {
    const sales = fakeSales()
    const opened = open({}, undefined, { sales })
    const foreign = { ...COOKIE, 'sec-fetch-site': 'cross-site' }
    expect((await opened.post('/leads/ada/decision', { decision: 'won' }, foreign)).status).toBe(403)
    expect((await opened.post('/leads/ada/notes', { kind: 'pain', text: 'x' }, foreign)).status).toBe(403)
    expect((await opened.post('/leads/ada/decision', { decision: 'won' })).headers.get('location')).toBe(
      '/login',
    )
    expect(sales.said).toEqual([])
  })
})

describe('the dossier', () => {
  test('is one sheet with all that the call needs', async () => {
    const html = await open().html('/leads/ada/dossier')
    for (const shown of [
      'Ada Lovelace',
      'Next step',
      'guide.pdf',
      'Condition monitoring',
      'Bearings seize',
      'Team of',
      'Demo requested',
    ])
      expect(html).toContain(shown)
    expect((await open().get('/leads/nobody/dossier')).status).toBe(404)
    expect((await open().ask('/leads/ada/dossier')).status).toBe(303)
  })
})
