import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mailer } from '../../collector/webhook/mail.ts'
import { testCollector } from '../support/collector.ts'
import { type SmtpServer, smtpServer } from './smtp-server.ts'

let there: SmtpServer
beforeEach(async () => {
  there = await smtpServer()
})
afterEach(() => there.close())

const mail = { to: ['sales@acme.org', 'boss@acme.org'], subject: 'SQL: Ädä', text: 'Call.\n', id: 'msg_1' }

describe('a mail', () => {
  it('goes through the mail server to all recipients, under the id of its message', async () => {
    const send = mailer({ smtp: there.url, from: 'leads@acme.org' })
    expect(await send(mail)).toEqual({ status: null, error: null, retryAfterMs: null })
    expect(there.mails).toHaveLength(1)
    const [{ from, to, text }] = there.mails as [(typeof there.mails)[0]]
    expect([from, to]).toEqual(['leads@acme.org', mail.to])
    expect(text).toMatch(/^Message-ID: <msg_1@leadwake>$/m)
    expect(text).toMatch(/^Auto-Submitted: auto-generated$/im)
    expect(text).toMatch(/^Subject: =\?UTF-8\?/m)
    expect(text).toContain('Call.')
  })

  it('that is refused fails with what the server answered', async () => {
    there.reply = '550 no such mailbox'
    const send = mailer({ smtp: there.url, from: 'leads@acme.org' })
    expect(await send(mail)).toEqual({ status: 550, error: 'smtp', retryAfterMs: null })
  })

  it('to a server that is not there fails', async () => {
    const send = mailer({ smtp: there.url, from: 'leads@acme.org' })
    await there.close()
    expect(await send(mail)).toEqual({ status: null, error: 'smtp', retryAfterMs: null })
    there = await smtpServer()
  })
})

it('an SQL is told by mail: who, why and what to do', async () => {
  const lw = await testCollector({ config: { smtp: there.url, mailFrom: 'leads@acme.org' } })
  try {
    const { body } = await lw.call('POST', '/v1/webhooks', {
      url: 'mailto:sales@acme.org',
      events: ['lead.sql'],
    })
    expect(body.format).toBe('mail')
    await lw.call('POST', '/v1/identify', {
      site: 'main',
      email: 'ada@acme.org',
      traits: { name: 'Ada Lovelace' },
      signal: { name: 'demo_requested', id: 'd' },
    })
    await lw.until(`/v1/webhooks/${body.id}/deliveries`, ({ items }) => items[0]?.state === 'delivered')
    const [{ to, text }] = there.mails as [(typeof there.mails)[0]]
    expect(to).toEqual(['sales@acme.org'])
    expect(text).toMatch(/^Subject: SQL: Ada Lovelace/m)
    expect(text).toContain('Next step: ')
    expect(text).toContain('E-mail: ada@acme.org')
  } finally {
    await lw.remove()
  }
})
