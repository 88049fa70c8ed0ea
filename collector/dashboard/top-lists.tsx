import type { TopItem } from '../../shared/api.ts'
import type { OverviewAnswer, ShownTop } from '../read/overview.ts'
import { type Locale, useLocale } from './locale.ts'
import { type Asked, overviewUrl } from './overview-query.ts'
import { Bar, wordOf } from './parts.tsx'
import { Tabbed } from './tabbed.tsx'
import { type Column, Table } from './table.tsx'

/** What the lists of one card are about, the first shown first. */
const CARDS: Record<'came' | 'read' | 'done' | 'who', readonly ShownTop[]> = {
  came: ['source', 'campaign'],
  read: ['page', 'entry'],
  who: ['country', 'device', 'browser', 'system'],
  done: ['download', 'product'],
}

type Measure = 'visits' | 'pageViews' | 'downloads' | 'cartAdds'
const MEASURES: Partial<Record<ShownTop, Measure>> = {
  page: 'pageViews',
  download: 'downloads',
  product: 'cartAdds',
}

/** The lists of the overview. Each row narrows the whole page to what it names. */
export function TopLists({ asked, answer }: { asked: Asked; answer: OverviewAnswer }) {
  const { t } = useLocale()
  return (
    <div class="columns halves lists">
      {Object.entries(CARDS).map(([card, tops]) => (
        <Tabbed
          id={card}
          label={t.overview.cards[card as keyof typeof CARDS]}
          panels={tops.map((top) => ({
            name: t.overview.tops[top],
            body: <TopList {...{ top, asked, items: answer.tops[top], visits: answer.sums.visits }} />,
          }))}
        />
      ))}
    </div>
  )
}

function TopList(props: { top: ShownTop; asked: Asked; items: TopItem[]; visits: number }) {
  const { t, f } = useLocale()
  const { top, asked, items, visits } = props
  if (items.length === 0) return <p class="quiet">{t.overview.none[top] ?? t.list.noneInRange}</p>
  const measure = MEASURES[top] ?? 'visits'
  const most = Math.max(1, ...items.map((item) => item[measure]))
  const columns: Column<TopItem>[] = [
    {
      title: t.overview.tops[top],
      class: 'under',
      cell: (item) => (
        <>
          <Bar share={(100 * item[measure]) / most} kind="tint" />
          <Value {...{ top, asked, value: item.value }} />
        </>
      ),
    },
    { title: t.overview.measures[measure], number: true, cell: (item) => f.count(item[measure]) },
  ]
  if (top === 'page' && items.some(({ engagedMs }) => engagedMs > 0))
    columns.push({
      title: t.list.engaged,
      number: true,
      nowrap: true,
      from: 'wide',
      cell: ({ engagedMs }) => (engagedMs > 0 ? f.duration(engagedMs) : '\u2013'),
    })
  else if (measure === 'visits')
    columns.push({ title: t.list.share, number: true, cell: (item) => f.share(item.visits, visits) })
  return <Table look="bars" rows={items} columns={columns} />
}

/** What a row is about; a click narrows the page to it, or no more where it is. What is not known narrows nothing. */
function Value({ top, asked, value }: { top: ShownTop; asked: Asked; value: string }) {
  const locale = useLocale()
  const { t } = locale
  const { name, kind } = named(locale, top, value)
  const text = (
    <>
      <bdi>{name || kind || t.list.unknown}</bdi>
      {name && kind ? <span class="quiet"> {kind}</span> : null}
    </>
  )
  if (value === '') return <span class="path">{text}</span>
  const isChosen = asked.filters[top] === value
  return (
    <a
      class="path"
      title={value}
      href={overviewUrl(asked, { [top]: isChosen ? undefined : value })}
      aria-current={isChosen ? 'true' : undefined}
    >
      {text}
    </a>
  )
}

/** A value in words: sources are kind and name, countries are codes. */
export function named({ t, f }: Locale, top: string, value: string): { name: string; kind?: string } {
  if (top === 'country') return { name: f.country(value) }
  if (top === 'device') return { name: wordOf(t.devices, value) }
  if (top !== 'source') return { name: value }
  const [kind = '', ...name] = value.split(' ')
  return { name: name.join(' '), kind: wordOf(t.sources, kind) }
}
