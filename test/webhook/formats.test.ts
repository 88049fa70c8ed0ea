import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hubspotBody } from '../../collector/webhook/hubspot.ts'
import { mailOf, recipientsOf } from '../../collector/webhook/mail.ts'
import { slackBody } from '../../collector/webhook/slack.ts'
import type { Person } from '../../collector/webhook/words.ts'
import type { LeadMessage, WebhookPayload, WeeklyMessage } from '../../shared/messages.ts'

const sql: LeadMessage = {
  type: 'lead.sql',
  timestamp: '2026-11-03T09:00:00.000Z',
  data: {
    id: 'c-1',
    site: 'main',
    from: 'mql',
    to: 'sql',
    engagement: 61.5,
    why: 'SQL because: demo requested on 3 Nov',
    nextStep: 'Call within a day.',
    segments: ['call'],
  },
}
const ada: Person = {
  name: 'Ada Lovelace',
  email: 'ada@acme.org',
  company: 'Acme <& Sons>',
  phone: '+4930123456',
  traits: { title: 'CTO' },
}
const figures = {
  visitors: 120,
  visits: 200,
  pageViews: 900,
  engagedMs: 1,
  leads: 8,
  mqls: 4,
  sqls: 2,
  accepted: 1,
  won: 1,
  lost: 0,
}
const weekly: WeeklyMessage = {
  type: 'report.weekly',
  timestamp: '2026-11-09T00:00:00.000Z',
  data: {
    site: 'main',
    from: '2026-11-02',
    to: '2026-11-08',
    week: figures,
    before: { ...figures, visitors: 100, sqls: 0 },
    topPages: [{ path: '/pricing', views: 40 }],
    topSources: [],
    stages: { visitor: 0, lead: 5, mql: 3, sql: 2, opportunity: 1, customer: 1, disqualified: 0 },
  },
}
const slack = (payload: WebhookPayload, person?: Person) => JSON.parse(slackBody(payload, person))

describe('Slack', () => {
  it('gets text and blocks: who, why, what to do', () => {
    const body = slack(sql, ada)
    expect(body.text).toBe(
      '*SQL: Ada Lovelace, Acme &lt;&amp; Sons&gt;*\nSQL because: demo requested on 3 Nov\nNext step: Call within a day.',
    )
    expect(body.blocks.map((block: { type: string }) => block.type)).toEqual(['header', 'section', 'section'])
    expect(body.blocks[0].text).toMatchObject({
      type: 'plain_text',
      text: 'SQL: Ada Lovelace, Acme <& Sons>',
    })
    expect(JSON.stringify(body.blocks[2])).toContain('*Stage*\\nmql to sql')
  })

  it('gets the week beside the one before', () => {
    const { text, blocks } = slack(weekly)
    expect(text).toContain('Week of main: 2026-11-02 to 2026-11-08')
    expect(text).toContain('/pricing (40)')
    const fields = JSON.stringify(blocks)
    expect(fields).toContain('*Visitors*\\n120 (+20 %)')
    expect(fields).toContain('*SQLs*\\n2 (none before)')
    expect(fields).toContain('*Won*\\n1 (as before)')
  })

  it('is told of a lead without a name by its id', () => {
    expect(slack(sql).blocks[0].text.text).toBe('SQL: c-1')
  })

  it('never gets a link, mention or call of a channel that somebody typed, nor more than it takes', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '<!channel>',
        '<@U1>',
        '<https://evil.example|click>',
        '&lt;!here&gt;',
        '<'.repeat(4_000),
      ),
    )
    fc.assert(
      fc.property(text, text, text, (name, company, why) => {
        const body = slack({ ...sql, data: { ...sql.data, why } }, { ...ada, name, company })
        const marked = [
          body.text,
          body.blocks[1].text.text,
          ...body.blocks[2].fields.map((f: { text: string }) => f.text),
        ]
        for (const one of marked) {
          expect(one).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/)
          expect(one.length).toBeLessThanOrEqual(3_000)
        }
        expect(body.blocks[0].text.text.length).toBeLessThanOrEqual(150)
      }),
    )
  })

  it.each([
    { type: 'contact.merged', timestamp: 't', data: { id: 'a', site: 'main', merged: ['b'] } },
    { type: 'contact.erased', timestamp: 't', data: { id: 'a', site: 'main', merged: [] } },
    { type: 'webhook.test', timestamp: 't', data: { webhook: 'wh_1', text: 'A test.' } },
  ] as WebhookPayload[])('has words for $type', (payload) => {
    expect(slack(payload).text.length).toBeGreaterThan(10)
  })
})

describe('HubSpot', () => {
  it('gets an upsert by e-mail, of default properties alone', () => {
    expect(JSON.parse(hubspotBody(sql, ada)!)).toEqual({
      inputs: [
        {
          idProperty: 'email',
          id: 'ada@acme.org',
          properties: {
            email: 'ada@acme.org',
            firstname: 'Ada',
            lastname: 'Lovelace',
            jobtitle: 'CTO',
            company: 'Acme <& Sons>',
            phone: '+4930123456',
            lifecyclestage: 'salesqualifiedlead',
            hs_lead_status: 'NEW',
          },
        },
      ],
    })
  })

  it.each([
    ['lead.mql', 'mql', undefined, 'marketingqualifiedlead', undefined],
    ['lead.won', 'customer', undefined, 'customer', undefined],
    ['lead.opportunity', 'opportunity', undefined, 'opportunity', 'OPEN_DEAL'],
    ['lead.rejected', 'lead', 'bad_timing', 'lead', 'BAD_TIMING'],
    ['lead.rejected', 'mql', 'no_budget', 'marketingqualifiedlead', 'UNQUALIFIED'],
    ['lead.disqualified', 'disqualified', undefined, undefined, 'UNQUALIFIED'],
  ] as const)('%s to %s (%s): %s, %s', (type, to, reason, lifecycle, status) => {
    const message = { ...sql, type, data: { ...sql.data, to, ...(reason && { reason }) } }
    const { properties } = JSON.parse(hubspotBody(message, ada)!).inputs[0]
    expect([properties.lifecyclestage, properties.hs_lead_status]).toEqual([lifecycle, status])
  })

  it('gets nothing where there is no e-mail, or no lead', () => {
    expect(hubspotBody(sql, { ...ada, email: null })).toBeNull()
    expect(hubspotBody(sql, undefined)).toBeNull()
    expect(hubspotBody(weekly, ada)).toBeNull()
  })
})

describe('mail', () => {
  it('says the same in plain text, under a subject of one line', () => {
    const mail = mailOf('msg_1', 'mailto:sales@acme.org, boss@acme.org', sql, {
      ...ada,
      name: 'Ada\r\nBcc: all@acme.org',
    })
    expect(mail.to).toEqual(['sales@acme.org', 'boss@acme.org'])
    expect(mail.subject).toBe('SQL: Ada Bcc: all@acme.org, Acme <& Sons>')
    expect(mail.text).toContain('Next step: Call within a day.\n\nSite: main\nStage: mql to sql\n')
  })

  it.each([
    ['mailto:a@b.org', true],
    ['mailto:a@b.org,c@d.org', true],
    ['mailto:', false],
    ['mailto:a', false],
    ['mailto:a@b', false],
    ['mailto:a@b.org?bcc=x@y.org', false],
    ['mailto:a@b.org\r\nBcc: x@y.org', false],
    ['mailto:"a b"@b.org', false],
    ['mailto:Ada <a@b.org>', false],
    [`mailto:${Array.from({ length: 21 }, (_, i) => `a${i}@b.org`).join()}`, false],
  ])('%j may be a target: %s', (url, holds) => {
    expect('to' in recipientsOf(url)).toBe(holds)
  })
})
