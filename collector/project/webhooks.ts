/** Webhooks as they stand, and which of them gets which message. */
import type {
  DeliveryEntry,
  Outcome,
  ReportEntry,
  WebhookEntry,
  WebhookReplayEntry,
  WebhookSetEntry,
  WebhookTestEntry,
} from '../entry.ts'
import type { DeliveryRow, OutboxRow, StateStore, WebhookRow } from '../store/store.ts'
import type { Batch } from './batch.ts'
import { post } from './post.ts'
import { beginRevival } from './revivals.ts'
import type { RuledSite } from './sites.ts'

/** Webhooks of one collector: each costs a question a second and up to four connections. */
export const MOST_WEBHOOKS = 100
/** How long messages and what became of them are kept, ms. */
export const MESSAGES_KEPT_MS = 30 * 86_400_000

export interface Webhooks {
  get(id: string): WebhookRow | undefined
  all(): WebhookRow[]
  /** Which webhook is to get which of these messages, as they stand now. A message of nobody but one names it. */
  deliveriesOf(rows: readonly OutboxRow[], siteId: (no: number) => string): DeliveryRow[]
  put(batch: Batch, row: WebhookRow): void
  remove(batch: Batch, id: string): void
  /** Forgets what it holds: after a rollback. */
  reload(): Promise<void>
}

export async function loadWebhooks(store: StateStore): Promise<Webhooks> {
  let known = new Map<string, WebhookRow>()
  async function reload(): Promise<void> {
    known = new Map((await store.webhooks()).map((row) => [row.id, row]))
  }
  await reload()
  return {
    reload,
    get: (id) => known.get(id),
    all: () => [...known.values()],
    deliveriesOf(rows, siteId) {
      if (rows.length === 0 || known.size === 0) return []
      return rows.flatMap((row) => {
        const site = row.site === 0 ? null : siteId(row.site)
        return [...known.values()]
          .filter((webhook) => wants(webhook, row, site))
          .map((webhook) => ({
            webhook: webhook.id,
            message: row.id,
            contact: row.contact,
            seq: row.seq,
            serial: row.serial,
            createdAt: row.createdAt,
          }))
      })
    },
    put(batch, row) {
      known.set(row.id, row)
      batch.appended.webhooks.push(row)
    },
    remove(batch, id) {
      known.delete(id)
      batch.appended.webhooksRemoved.push(id)
    },
  }
}

function wants(webhook: WebhookRow, { payload, createdAt }: OutboxRow, site: string | null): boolean {
  const { type, data } = payload as { type: string; data: { webhook?: string } }
  // A test is of one webhook, disabled or not.
  if (type === 'webhook.test') return data.webhook === webhook.id
  if (!webhook.enabled || createdAt < webhook.createdAt) return false
  if (webhook.site !== null && webhook.site !== site) return false
  return webhook.events.includes('*') || webhook.events.includes(type)
}

const NOT_FOUND: Outcome = { status: 404, body: { detail: 'there is no such webhook' } }

export function addWebhook(batch: Batch, webhooks: Webhooks, entry: WebhookEntry, now: number): Outcome {
  if (webhooks.get(entry.webhook.id)) return { status: 409, body: { detail: 'that webhook exists' } }
  if (webhooks.all().length >= MOST_WEBHOOKS)
    return { status: 409, body: { detail: `there are ${MOST_WEBHOOKS} webhooks; delete one first` } }
  webhooks.put(batch, {
    ...entry.webhook,
    oldSecret: null,
    oldSecretUntil: 0,
    createdAt: now,
    enabled: true,
    disabledBecause: null,
  })
  return { status: 201, body: { id: entry.webhook.id } }
}

/** Changes what the entry names. What waits goes on where it is enabled again; a new secret signs beside the old one. */
export function setWebhook(batch: Batch, webhooks: Webhooks, entry: WebhookSetEntry, now: number): Outcome {
  const row = webhooks.get(entry.id)
  if (!row) return NOT_FOUND
  const { enabled, rotated, ...fields } = entry.set
  webhooks.put(batch, {
    ...row,
    ...fields,
    ...(enabled !== undefined && { enabled, disabledBecause: null }),
    ...(rotated && {
      secret: rotated.secret,
      oldSecret: rotated.overlapMs > 0 ? row.secret : null,
      oldSecretUntil: rotated.overlapMs > 0 ? now + rotated.overlapMs : 0,
    }),
  })
  return { status: 200, body: { id: entry.id } }
}

export function removeWebhook(batch: Batch, webhooks: Webhooks, id: string): Outcome {
  if (!webhooks.get(id)) return NOT_FOUND
  webhooks.remove(batch, id)
  return { status: 200, body: { id } }
}

/** A message that only this webhook gets. */
export function testWebhook(
  batch: Batch,
  webhooks: Webhooks,
  { id }: WebhookTestEntry,
  siteNo: (id: string) => number,
  now: number,
): Outcome {
  const row = webhooks.get(id)
  if (!row) return NOT_FOUND
  if (!row.enabled) return { status: 409, body: { detail: 'that webhook is disabled; enable it first' } }
  const text = 'A test of this webhook. Nothing happened.'
  const data = { webhook: id, text }
  const payload = { type: 'webhook.test', timestamp: new Date(now).toISOString(), data } as const
  post(batch, { site: row.site === null ? 0 : siteNo(row.site), contact: null, payload, now })
  return { status: 200, body: { id, message: batch.appended.outbox.at(-1)!.id } }
}

/** Those that are named; or all that are dead, some at a time, beside what else happens. */
export async function replayDead(
  batch: Batch,
  webhooks: Webhooks,
  store: StateStore,
  { id, messages }: WebhookReplayEntry,
): Promise<Outcome> {
  if (!webhooks.get(id)) return NOT_FOUND
  const replayed = await store.deadDeliveries(id, messages)
  if (messages === null) beginRevival(batch, id)
  else batch.appended.deliveriesRevived.push({ webhook: id, messages })
  return { status: 200, body: { id, replayed } }
}

/** What a try came to. A webhook that says it is gone is disabled. */
export function tried(batch: Batch, webhooks: Webhooks, entry: DeliveryEntry): Outcome {
  const { webhook, message, tried, state, dueAt, disable } = entry
  batch.appended.deliveryResults.push({ webhook, message, tried, state, dueAt })
  const row = webhooks.get(webhook)
  if (row?.enabled && disable !== undefined)
    webhooks.put(batch, { ...row, enabled: false, disabledBecause: disable })
  return { status: 200, body: {} }
}

/** Name of the setting that holds the first day of the last week that a site was told of. */
export const reportedSetting = (site: string): string => `reported:${site}`

/** The week of a site, once: the clock that asks for it may ask twice. */
export async function reportWeek(
  batch: Batch,
  site: RuledSite,
  { report }: ReportEntry,
  now: number,
): Promise<void> {
  const setting = reportedSetting(site.id)
  const last = await batch.setting(setting)
  if (last != null && last >= report.from) return
  batch.putSetting(setting, report.from)
  const data = { site: site.id, ...report }
  const payload = { type: 'report.weekly', timestamp: new Date(now).toISOString(), data } as const
  post(batch, { site: site.no, contact: null, payload, now })
}
