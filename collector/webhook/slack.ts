import type { WebhookPayload } from '../../shared/messages.ts'
import { type Person, wordsOf } from './words.ts'

/** Bounds of Slack's blocks: https://docs.slack.dev/reference/block-kit/blocks */
const MAX_HEADER = 150
const MAX_SECTION = 3_000
const MAX_FIELD = 2_000
const MAX_FIELDS = 10

/**
 * The body that an incoming webhook of Slack takes, and of those that are compatible (Mattermost, Rocket.Chat, Discord
 * behind `/slack`). `text` is what notifications show, and all that some of them show.
 */
export function slackBody(payload: WebhookPayload, person: Person | undefined): string {
  const { title, lines, facts } = wordsOf(payload, person)
  const text = [`*${escaped(title)}*`, ...lines.map(escaped)].join('\n')
  return JSON.stringify({
    text: cut(text, MAX_SECTION),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(title, MAX_HEADER), emoji: false } },
      { type: 'section', text: { type: 'mrkdwn', text: cut(lines.map(escaped).join('\n'), MAX_SECTION) } },
      ...(facts.length === 0
        ? []
        : [
            {
              type: 'section',
              fields: facts.slice(0, MAX_FIELDS).map(([name, value]) => ({
                type: 'mrkdwn',
                text: cut(`*${escaped(name)}*\n${escaped(value)}`, MAX_FIELD),
              })),
            },
          ]),
    ],
  })
}

/** What people typed must make no link, mention or channel call: https://docs.slack.dev/messaging/formatting-message-text */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Not in the middle of an escape. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text
  return `${text.slice(0, length - 3).replace(/&[a-z]{0,3}$/, '')}...`
}
