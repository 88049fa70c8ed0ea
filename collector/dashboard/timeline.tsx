import type { Page, TimelineItem } from '../../shared/api.ts'
import { type Locale, useLocale } from './locale.ts'
import { wordOf } from './parts.tsx'
import { Chips, Pager } from './table.tsx'

/** Items of a page of the timeline. */
export const TIMELINE_A_PAGE = 100
/** Less is shown as 0 s. */
const LEAST_ENGAGED_MS = 500

function details(item: TimelineItem, { t, f }: Locale): string[] {
  const found: string[] = []
  /* Who only passes through reads '0 s engaged, read to 0 %' on every line otherwise. */
  if ((item.engagedMs ?? 0) >= LEAST_ENGAGED_MS) found.push(t.timeline.engaged(f.duration(item.engagedMs!)))
  if (item.scroll) found.push(t.timeline.scroll(f.count(Math.round(item.scroll))))
  if (item.device) found.push(item.device.replace(/^\w+/, (kind) => wordOf(t.devices, kind)))
  if (item.source) found.push(t.timeline.from(item.source))
  for (const [name, value] of Object.entries(item.props ?? {})) {
    found.push(`${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
  }
  return found
}

function Item({ item }: { item: TimelineItem }) {
  const locale = useLocale()
  const { t, f } = locale
  const more = details(item, locale)
  return (
    <li class={`item is-${item.kind}`}>
      <time datetime={item.at} class="quiet number">
        {f.clock(item.at)}
      </time>
      <span class="kind">{t.timeline.kinds[item.kind]}</span>
      <div class="what">
        <bdi>{t.sentence(item.title)}</bdi>
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

export interface TimelineProps {
  items: Page<TimelineItem>
  /** Of the page that it is on. */
  url: string
  /** Whether it starts with the newest. */
  first: boolean
  /** It is of this UTC day alone, as 2025-11-18. */
  day?: string | undefined
}

export function Timeline({ items, url, first, day }: TimelineProps) {
  const { t, f } = useLocale()
  const days = [...Map.groupBy(items.items, (item) => f.dayKey(item.at))]
  return (
    <section class="card" aria-labelledby="timeline">
      <h2 id="timeline">{t.timeline.title}</h2>
      {day ? <Chips chips={[{ name: f.longDay(day), without: `${url}#timeline` }]} clear={url} /> : null}
      {days.length === 0 ? <p class="quiet">{day ? t.timeline.noneThen : t.timeline.none}</p> : null}
      {days.map(([, own]) => (
        <section class="day">
          <h3>{f.longDay(own[0]!.at)}</h3>
          <ol class="timeline">
            {own.map((item) => (
              <Item item={item} />
            ))}
          </ol>
        </section>
      ))}
      <Pager
        url={day ? `${url}?day=${day}` : url}
        at="#timeline"
        first={first}
        next={items.next}
        label={t.timeline.pages}
        back={t.timeline.newest}
        more={t.timeline.older}
      />
    </section>
  )
}
