/** What is to be said of a webhook to the operator, without sending anything. */
import { lookup } from 'node:dns'
import { promisify } from 'node:util'
import type { DeliveryLine } from '../store/reader.ts'
import type { WebhookRow } from '../store/store.ts'
import { type Guard, Refused, type Resolve } from './guard.ts'

const everyAddress: Resolve = (host, done) => lookup(host, { all: true }, done)

/** What is wrong with a webhook, and how it is mended; undefined where nothing is. */
export async function webhookTrouble(
  { url: text, format, enabled, disabledBecause }: WebhookRow,
  {
    guard,
    mails,
    last,
    resolve = everyAddress,
  }: { guard: Guard; mails: boolean; last: DeliveryLine | undefined; resolve?: Resolve },
): Promise<{ found: string; mend: string } | undefined> {
  if (!enabled)
    return disabledBecause === null
      ? undefined
      : {
          found: `is disabled: ${disabledBecause}`,
          mend: 'mend the receiver, then PATCH it with enabled: true',
        }
  if (format === 'mail')
    return mails ? failing(last) : { found: 'is mail, and no mail server is set', mend: 'set LEADWAKE_SMTP' }
  try {
    const url = new URL(text)
    guard.check(url)
    const asked = promisify(guard.lookupFor(url, resolve)) as (
      host: string,
      options: object,
    ) => Promise<unknown>
    await asked(url.hostname.replace(/^\[|\]$/g, ''), { all: true })
  } catch (error) {
    if (error instanceof Refused)
      return {
        found: `may not be gone to: ${error.message}`,
        mend: 'allow it with LEADWAKE_WEBHOOK_ALLOW, or change its url',
      }
    return { found: 'its name does not resolve', mend: 'look at its url, and at the DNS of this machine' }
  }
  return failing(last)
}

function failing(last: DeliveryLine | undefined): { found: string; mend: string } | undefined {
  const tried = last?.tries.at(-1)
  if (!tried || tried.error === null) return undefined
  const answer = tried.status === null ? tried.error : `${tried.status}`
  return { found: `failed lately: ${answer}`, mend: 'look at the receiver; leadwake webhook test ID' }
}
