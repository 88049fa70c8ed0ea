import type { Page, TimelineItem } from '../../shared/api.ts'
import type { Formats } from './format.ts'
import { useLocale } from './locale.ts'

/** Items of a page of the timeline. */
export const TIMELINE_A_PAGE = 100
/** Less is shown as 0 s. */
const LEAST_ENGAGED_MS = 500

const KINDS: Record<TimelineItem['kind'], string> = {
  visit: 'Visit',
  page: 'Page',
  download: 'Download',
  cart: 'Cart',
  outbound: 'Link',
  form: 'Form',
  custom: 'Event',
  signal: 'Signal',
  transition: 'Stage',
}

function details(item: TimelineItem, f: Formats): string[] {
  const found: string[] = []
  /* Who only passes through reads '0 s engaged, read to 0 %' on every line otherwise. */
  if ((item.engagedMs ?? 0) >= LEAST_ENGAGED_MS) found.push(`${f.duration(item.engagedMs!)} engaged`)
  if (item.scroll) found.push(`read to ${Math.round(item.scroll)} %`)
  if (item.device) found.push(item.device)
  if (item.source) found.push(`from ${item.source}`)
  for (const [name, value] of Object.entries(item.props ?? {})) {
    found.push(`${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
  }
  return found
}

function Item({ item }: { item: TimelineItem }) {
  const { f } = useLocale()
  const more = details(item, f)
  return (
    <li class={`item is-${item.kind}`}>
      <time datetime={item.at} class="quiet number">
        {f.clock(item.at)}
      </time>
      <span class="kind">{KINDS[item.kind]}</span>
      <div class="what">
        <bdi>{item.title}</bdi>
        {item.path ? <bdi class="path quiet">{item.path}</bdi> : null}
        {more.length > 0 ? (
          <span class="quiet">
            <bdi>{more.join(' · ')}</bdi>
          </span>
        ) : null}
      </div>
    </li>
  )
}

export function Timeline({ items, url, first }: { items: Page<TimelineItem>; url: string; first: boolean }) {
  const { f } = useLocale()
  const days = [...Map.groupBy(items.items, (item) => f.dayKey(item.at))]
  return (
    <section class="card" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      {days.length === 0 ? (
        <p class="quiet">
          No visit is linked to this person. It will be when a form passes on the visitor id, from the hidden
          field <code>leadwake_visitor</code>.
        </p>
      ) : null}
      {days.map(([day, own]) => (
        <section class="day">
          <h3>{f.longDay(day)}</h3>
          <ol class="timeline">
            {own.map((item) => (
              <Item item={item} />
            ))}
          </ol>
        </section>
      ))}
      {first && items.next === null ? null : (
        <nav class="pager" aria-label="Pages of the timeline">
          {first ? null : <a href={`${url}#timeline`}>Back to the newest</a>}
          {items.next === null ? null : (
            <a rel="next" href={`${url}?cursor=${encodeURIComponent(items.next)}#timeline`}>
              Older
            </a>
          )}
        </nav>
      )}
    </section>
  )
}
