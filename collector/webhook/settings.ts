/** What holds of a webhook's settings together; the API and the command line ask the same. */
import type { WebhookRow } from '../store/store.ts'
import type { Guard } from './guard.ts'
import { recipientsOf } from './mail.ts'

/** Characters of what a webhook is for. */
export const MAX_DESCRIPTION = 200

type Settings = Pick<WebhookRow, 'url' | 'events' | 'format'>

/** The format that an address asks for: mail for `mailto:`, else the one that was said. */
export const formatOf = (url: string, said: WebhookRow['format']): WebhookRow['format'] =>
  url.startsWith('mailto:') ? 'mail' : said === 'mail' ? 'standard' : said

/** What is wrong with them, in words that begin with the field; undefined where nothing is. */
export function settingsFault({ url, events, format }: Settings, guard: Guard): string | undefined {
  if (format === 'hubspot') {
    const odd = events.find((event) => !event.startsWith('lead.'))
    if (odd !== undefined) return `events: HubSpot takes those of leads alone, not ${odd}; name them`
  }
  if (!url.startsWith('mailto:')) return guard.fault(url)
  const recipients = recipientsOf(url)
  return 'fault' in recipients ? recipients.fault : undefined
}
