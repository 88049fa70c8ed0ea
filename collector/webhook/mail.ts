/** Messages by mail, through the operator's own mail server. */
import type { SentMessageInfo, Transporter } from 'nodemailer'
import type { WebhookPayload } from '../../shared/messages.ts'
import type { Answer } from './send.ts'
import { type Person, wordsOf } from './words.ts'

/** A mail server that does not answer, ms. */
const TIMEOUT_MS = 15_000
/** Recipients of one webhook. */
const MOST_RECIPIENTS = 20
const MAX_SUBJECT = 200

export interface Mail {
  to: string[]
  subject: string
  text: string
  /** Of the message, so that a mail that is sent twice is seen once. */
  id: string
}

export type SendMail = (mail: Mail) => Promise<Answer>

/** Recipients of a `mailto:` address; a fault in words that begin with `url` where they are none. */
export function recipientsOf(url: string): { to: string[] } | { fault: string } {
  const list = url.slice('mailto:'.length)
  const to = list.split(',').map((one) => one.trim())
  if (!to.every((one) => /^[^\s@<>"',;:?&\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/.test(one)))
    return { fault: 'url must be like mailto:sales@example.org, or several addresses with commas' }
  if (to.length > MOST_RECIPIENTS) return { fault: `url may name at most ${MOST_RECIPIENTS} recipients` }
  return { to }
}

export function mailOf(id: string, url: string, payload: WebhookPayload, person: Person | undefined): Mail {
  const { title, lines, facts } = wordsOf(payload, person)
  const found = recipientsOf(url)
  return {
    to: 'to' in found ? found.to : [],
    // What people typed may hold line ends, which would begin another header.
    subject: title.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, MAX_SUBJECT),
    text: [...lines, '', ...facts.map(([name, value]) => `${name}: ${value}`), ''].join('\n'),
    id,
  }
}

/**
 * Sends through the server that the address names, `smtp://user:password@host:587` or `smtps://`. The package is loaded
 * with the first mail. Never rejects.
 */
export function mailer({ smtp, from }: { smtp: string; from: string }): SendMail {
  let transport: Promise<Transporter<SentMessageInfo>> | undefined
  const open = async () => {
    const { createTransport } = await import('nodemailer')
    const timeouts = {
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      dnsTimeout: TIMEOUT_MS,
    }
    return createTransport({ url: smtp, ...timeouts })
  }
  return async ({ to, subject, text, id }) => {
    try {
      transport ??= open()
      await (await transport).sendMail({
        from,
        to,
        subject,
        text,
        messageId: `<${id}@leadwake>`,
        headers: { 'auto-submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      return { status: null, error: null, retryAfterMs: null }
    } catch (error) {
      const { responseCode } = error as { responseCode?: number }
      return { status: responseCode ?? null, error: 'smtp', retryAfterMs: null }
    }
  }
}
