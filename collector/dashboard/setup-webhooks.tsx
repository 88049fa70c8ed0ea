import type { DeliveryItem, WebhookAnswer } from '../../shared/api.ts'
import { WEBHOOK_EVENTS, WEBHOOK_FORMATS } from '../webhook/events.ts'
import type { Frame } from './layout.tsx'
import { siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { type Said, SetUpFrame } from './setup-frame.tsx'
import { Table } from './table.tsx'

export interface WebhooksProps {
  frame: Frame & { site: string }
  said: Said
  webhooks: (WebhookAnswer & { deliveries: DeliveryItem[] })[]
  now: number
}

function Deliveries({ items, now }: { items: DeliveryItem[]; now: number }) {
  const { t, f } = useLocale()
  if (items.length === 0) return <p class="quiet">{t.webhooks.nothingSent}</p>
  return (
    <Table
      look="rows"
      rows={items}
      columns={[
        { title: t.webhooks.message, names: true, cell: ({ type }) => type },
        { title: t.webhooks.when, nowrap: true, cell: ({ createdAt }) => f.ago(createdAt, now) },
        { title: t.access.state, nowrap: true, cell: ({ state }) => t.webhooks.states[state] },
        {
          title: t.webhooks.last,
          from: 'wide',
          nowrap: true,
          cell: ({ tries }) => {
            const last = tries.at(-1)
            if (!last) return '–'
            return `${last.status ?? last.error ?? '–'} · ${f.count(last.ms)} ms · ${t.webhooks.tries(tries.length)}`
          },
        },
      ]}
    />
  )
}

function Hook({
  frame,
  webhook,
  now,
}: {
  frame: WebhooksProps['frame']
  webhook: WebhooksProps['webhooks'][number]
  now: number
}) {
  const { t } = useLocale()
  const act = (what: string, text: string) => (
    <form
      method="post"
      action={siteUrl(`/setup/webhooks/${encodeURIComponent(webhook.id)}/${what}`, frame.site)}
    >
      <button type="submit" class="button second small">
        {text}
      </button>
    </form>
  )
  return (
    <section class="card" aria-label={webhook.url}>
      <h2>
        <bdi>{webhook.description || webhook.url}</bdi>
      </h2>
      <p class="quiet path">
        <bdi>{webhook.url}</bdi> · {webhook.format} · {webhook.events.join(', ')} ·{' '}
        {webhook.site ?? t.access.everySite}
      </p>
      {webhook.enabled ? null : (
        <p class="doubt">
          {t.webhooks.off}{' '}
          {webhook.disabledBecause === null ? null : <bdi>{t.sentence(webhook.disabledBecause)}</bdi>}
        </p>
      )}
      <div class="acts">
        {act('test', t.webhooks.test)}
        {act('replay', t.webhooks.replay)}
        {act('rotate', t.webhooks.rotate)}
        {act(
          webhook.enabled ? 'disable' : 'enable',
          webhook.enabled ? t.webhooks.disable : t.webhooks.enable,
        )}
        <a
          href={siteUrl(`/setup/webhooks/${encodeURIComponent(webhook.id)}/remove`, frame.site)}
          class="button second small"
        >
          {t.webhooks.remove}…
        </a>
      </div>
      <details open={webhook.deliveries.some(({ state }) => state !== 'delivered')}>
        <summary>{t.webhooks.log}</summary>
        <Deliveries items={webhook.deliveries} now={now} />
      </details>
    </section>
  )
}

/** Where other systems are told of what happens, and what came of it. */
export function SetUpWebhooks({ frame, said, webhooks, now }: WebhooksProps) {
  const { t } = useLocale()
  return (
    <SetUpFrame frame={frame} part="webhooks" said={said}>
      {webhooks.map((webhook) => (
        <Hook frame={frame} webhook={webhook} now={now} />
      ))}
      <section class="card" aria-labelledby="new-webhook">
        <h2 id="new-webhook">{t.webhooks.make}</h2>
        <p class="quiet">{t.webhooks.what}</p>
        <form method="post" action={siteUrl('/setup/webhooks', frame.site)} class="form new">
          <div class="in-line">
            <input
              name="url"
              required
              placeholder="https://crm.example.com/hook"
              aria-label={t.webhooks.address}
            />
            <select name="format" aria-label={t.webhooks.format}>
              {WEBHOOK_FORMATS.map((format) => (
                <option value={format}>{format}</option>
              ))}
            </select>
            <input
              name="description"
              maxlength={200}
              placeholder={t.webhooks.description}
              aria-label={t.webhooks.description}
            />
          </div>
          <fieldset class="in-line">
            <legend>{t.webhooks.events}</legend>
            <label class="tick-label">
              <input type="checkbox" name="events" value="*" /> {t.webhooks.all}
            </label>
            {WEBHOOK_EVENTS.map((event) => (
              <label class="tick-label">
                <input type="checkbox" name="events" value={event} checked={event === 'lead.sql'} /> {event}
              </label>
            ))}
          </fieldset>
          <button type="submit" class="button">
            {t.webhooks.make}
          </button>
        </form>
      </section>
    </SetUpFrame>
  )
}
