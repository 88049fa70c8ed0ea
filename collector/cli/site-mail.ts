import { randomBytes } from 'node:crypto'
import { readConfig } from '../config.ts'
import { ENTRY_VERSION } from '../entry.ts'
import { hashOf } from '../keys.ts'
import { verificationKey } from '../mail/sendgrid.ts'
import { mailSetting } from '../project/sites.ts'
import { Sentence } from '../sentence.ts'
import type { Command } from './command.ts'
import { withState } from './perform.ts'

export const siteMail: Command = {
  name: 'site mail',
  summary: "Take SendGrid's and Postmark's webhooks for a site",
  help: `Usage: leadwake site mail ID [options]

Without options it says what is taken. What mails came to (opens, clicks, bounces, complaints, unsubscribes) becomes
signals of the contacts that they went to; docs/mail.md says how the provider is set up.

Options:
  --sendgrid KEY   the verification key of SendGrid's Signed Event Webhook; 'off' takes none
  --postmark MODE  'new' makes a secret, which is shown once and ends the one before; 'off' takes none
  --db FILE        database (LEADWAKE_DB, data/leadwake.db)

Examples:
  leadwake site mail main --sendgrid MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE...
  leadwake site mail main --postmark new`,
  options: { sendgrid: { type: 'string' }, postmark: { type: 'string' } },
  positionals: ['ID'],
  run({ flags, options, positionals, print }) {
    const [id] = positionals
    if (id === undefined) throw new Sentence('name the site: leadwake site mail ID')
    const sendgrid = sendgridOf(options.sendgrid)
    const { postmark: mode } = options
    if (mode !== undefined && mode !== 'new' && mode !== 'off')
      throw new Sentence("--postmark must be 'new' or 'off'")
    const secret = mode === 'new' ? `pm_${randomBytes(24).toString('base64url')}` : undefined
    const config = readConfig(flags)
    return withState(config, async (perform, reader) => {
      if (!reader.sites().some((site) => site.id === id))
        throw new Sentence(`there is no site '${id}'; leadwake site list shows them`)
      if (sendgrid !== undefined || mode !== undefined)
        await perform({
          kind: 'site-set',
          v: ENTRY_VERSION,
          id,
          mail: {
            ...(sendgrid !== undefined && { sendgrid }),
            ...(mode !== undefined && { postmark: secret === undefined ? null : hashOf(secret) }),
          },
        })
      if (secret !== undefined) {
        print('Give Postmark this address (https, under your own name), with all events that you want:')
        print(`  https://postmark:${secret}@go.example.com/v1/mail/postmark?site=${id}`)
        print('The secret is not shown again.')
      }
      for (const provider of ['sendgrid', 'postmark'] as const) {
        const isTaken = reader.setting(mailSetting(provider, id)) !== undefined
        print(`${provider}: ${isTaken ? `taken at /v1/mail/${provider}?site=${id}` : 'not taken'}`)
      }
      return 0
    })
  },
}

function sendgridOf(key: string | boolean | undefined): string | null | undefined {
  if (typeof key !== 'string') return undefined
  if (key === 'off') return null
  if (!verificationKey(key))
    throw new Sentence(
      '--sendgrid: that is not a verification key; SendGrid shows it at Settings, Mail Settings, Event Webhook, Signed Event Webhook',
    )
  return key
}
