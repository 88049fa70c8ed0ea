import { describe, expect, it } from 'vitest'
import { NOW, REPORTS } from './fakes.ts'
import { COOKIE, open } from './support.ts'

const text = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

describe('the page of reports', () => {
  it('shows funnel, velocity, sales, channels, rules and reasons', async () => {
    const shown = text(await open().html('/reports'))
    for (const words of [
      'MQL 212 33.1% 33% 23',
      'Lead to MQL 33% 23 –',
      'MQL to SQL 25% 41 88',
      'Accepted by sales 66% 40',
      'Time to accept, half 1 h 35 min 9 of 10 within 2 d',
      'Not answered in time 3',
      'Google search 301 120 33 21 5 25%',
      'no visit known 120 12 4 3 1 25%',
      '/services/condition-monitoring 210',
      '/files/maintenance-guide.pdf 80',
      'Never won: Read the blog.',
      'Looked at prices 48 9 18 33.3% No budget (7)',
      'Bad timing 6 43%',
    ])
      expect(shown).toContain(words)
  })

  it('shows cohorts, with what may grow yet marked', async () => {
    const html = await open().html('/reports')
    const table = text(/<section class="card" aria-labelledby="cohorts">.*?<\/section>/s.exec(html)![0])
    expect(table).toContain('18 Aug 40 40% 10% 20% 25% 8%')
    expect(table).toContain('22 Sept 0 – – – – –')
    expect(table).toMatch(/17 Nov 7 29% so far 14% so far 14% so far 14% so far 0% so far/)
  })

  it('speaks German', async () => {
    const headers = { ...COOKIE, 'accept-language': 'de' }
    const shown = text(await (await open().ask('/reports', { headers })).text())
    for (const words of ['Kohorten', 'Trichter', 'Kein Budget 8', 'MQL bis SQL'])
      expect(shown).toContain(words)
  })

  it('is linked in the header, and asks for whole days', async () => {
    const asked: unknown[] = []
    const page = open({
      reports: async (...range) => {
        asked.push(range)
        return REPORTS
      },
    })
    expect(await page.html('/')).toContain('href="/reports?site=shop"')
    const today = Math.floor(NOW / 86_400_000) * 86_400_000
    expect(await page.html('/reports?site=demo&days=30')).toContain('aria-current="true">30 days')
    await page.html('/reports?days=7000')
    const last = today + 86_400_000 - 1
    expect(asked).toEqual([
      ['demo', today - 29 * 86_400_000, last],
      ['shop', today - 90 * 86_400_000, last],
    ])
  })

  it('says so where nothing happened', async () => {
    const nothing = {
      ...REPORTS,
      channels: { ...REPORTS.channels, channels: [], entryPages: [], campaigns: [] },
      content: { ...REPORTS.content, files: [] },
      rules: { ...REPORTS.rules, handedOver: 0, won: 0, lost: 0, rules: [] },
      sales: { ...REPORTS.sales, reasons: [], minutesToAccept: { p50: null, p90: null } },
    }
    const shown = text(await open({ reports: async () => nothing }).html('/reports'))
    expect(shown).toContain('Nobody of this range has been handed over')
    expect(shown).toContain('Sales has rejected nobody')
    expect(shown).not.toContain('Never won')
  })

  it('shows what strangers named as text', async () => {
    const channels = {
      ...REPORTS.channels,
      campaigns: [{ ...REPORTS.channels.campaigns[0]!, name: '<script>x</script>' }],
    }
    expect(await open({ reports: async () => ({ ...REPORTS, channels }) }).html('/reports')).not.toContain(
      '<script>x',
    )
  })
})
