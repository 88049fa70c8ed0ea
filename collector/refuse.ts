import { FLAG } from '../shared/protocol.ts'
import type { AcceptMemory, DropReason, RequestFacts } from './accept.ts'
import type { Agent } from './agent.ts'
import type { Beacon } from './parse.ts'
import { isReferrerSpam } from './referrer-spam.ts'

/**
 * Why nobody wants this beacon, whoever's site it is for: robots, by what they say and by where they are; the
 * operator's own people; links that are made to be seen in reports. Undefined for a visitor's.
 */
export function refusal(
  { flags, events }: Beacon,
  { ip, userAgent }: RequestFacts,
  agent: Agent,
  memory: Pick<AcceptMemory, 'net' | 'webdriver'>,
): DropReason | undefined {
  if (!userAgent) return 'no-user-agent'
  if (agent.bot) return 'bot'
  if (flags & FLAG.webdriver && memory.webdriver === 'refuse') return 'webdriver'
  const net = memory.net(ip)
  if (net !== undefined) return net
  for (const event of events)
    if (event.kind === 'page' && event.referrer !== undefined && isReferrerSpam(event.referrer))
      return 'referrer-spam'
  return undefined
}
