import type { WebhookPayload } from '../../shared/messages.ts'

/** What a webhook can be told of. `webhook.test` is sent on demand, whatever it wants. */
export const WEBHOOK_EVENTS = [
  'lead.created',
  'lead.mql',
  'lead.sql',
  'lead.demoted',
  'lead.accepted',
  'lead.rejected',
  'lead.recycled',
  'lead.opportunity',
  'lead.won',
  'lead.lost',
  'lead.disqualified',
  'lead.restored',
  'lead.sla_breached',
  'contact.merged',
  'contact.erased',
  'report.weekly',
] as const satisfies WebhookPayload['type'][]

export const WEBHOOK_FORMATS = ['standard', 'slack', 'hubspot'] as const
