import type { DeliveryItem, Page, WebhookAnswer } from '../../shared/api.ts'
import type { WebhookPayload } from '../../shared/messages.ts'
import type { DeliveryReader } from '../store/reader.ts'
import type { DeliveryState, MessagePlace, WebhookRow } from '../store/store.ts'
import type { DueDelivery } from '../webhook/deliver.ts'

const iso = (at: number): string => new Date(at).toISOString()

/** What a webhook is, without its secrets. */
export function webhookAnswer(row: WebhookRow, now: number): WebhookAnswer {
  const { id, site, url, events, format, description, enabled, disabledBecause, createdAt } = row
  return {
    id,
    site,
    url,
    events,
    format,
    description,
    enabled,
    disabledBecause,
    createdAt: iso(createdAt),
    oldSecretUntil: row.oldSecret !== null && now < row.oldSecretUntil ? iso(row.oldSecretUntil) : null,
  }
}

/** What is due of each of these webhooks, at most so many of each. */
export function dueOf(
  reader: DeliveryReader,
  asked: readonly { webhook: string; limit: number }[],
  now: number,
): DueDelivery[] {
  return asked.flatMap(({ webhook, limit }) =>
    reader
      .due(webhook, now, limit)
      .map(({ payload, ...row }) => ({ ...row, payload: payload as unknown as WebhookPayload })),
  )
}

export interface DeliveriesQuery {
  webhook: string
  state?: DeliveryState
  message?: string
  limit: number
  /** From the previous page's `next`. An unreadable one starts over. */
  cursor?: string
}

/** The newest first. */
export function deliveryList(
  reader: DeliveryReader,
  { webhook, state, message, limit, cursor }: DeliveriesQuery,
): Page<DeliveryItem> {
  const before = placeOf(cursor)
  const rows = reader.list(
    webhook,
    {
      ...(state !== undefined && { state }),
      ...(message !== undefined && { message }),
      ...(before && { before }),
    },
    limit + 1,
  )
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    items: rows.slice(0, limit).map(({ message, type, createdAt, state, dueAt, tries }) => ({
      message,
      type: type ?? 'contact.erased',
      createdAt: iso(createdAt),
      state,
      tries: tries.map(({ at, ...tried }) => ({ at: iso(at), ...tried })),
      nextTryAt: dueAt === null ? null : iso(dueAt),
    })),
    next: last ? `${last.seq}.${last.serial}.${last.message}` : null,
  }
}

function placeOf(cursor: string | undefined): MessagePlace | undefined {
  const [, seq, serial, message] = /^(\d{1,15})\.(\d{1,15})\.([\w-]+)$/.exec(cursor ?? '') ?? []
  return message === undefined ? undefined : { seq: Number(seq), serial: Number(serial), message }
}
