import type { SeriesItem } from '../../shared/api.ts'
import type { OverviewAnswer, OverviewItem } from '../read/overview.ts'
import { Chart, type ChartPoint } from './chart.tsx'
import type { Formats } from './format.ts'
import { useLocale } from './locale.ts'
import type { Asked, Metric } from './overview-query.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const LENGTHS = { hour: HOUR, day: DAY, week: 7 * DAY, month: 28 * DAY } as const
/** Engaged time is told in hours from here on. */
const MANY_HOURS = 2 * HOUR

/** The line of the overview: what was asked for by hour, day, week or month. */
export function OverTime({ asked, answer, now }: { asked: Asked; answer: OverviewAnswer; now: number }) {
  const { t, f } = useLocale()
  const { metric } = asked
  const { interval, series, compare } = answer
  const isTime = metric === 'engagedMs'
  // What lies ahead is not drawn.
  const until = series.filter(({ at }) => Date.parse(at) <= now)
  const points = until.map((item, i): ChartPoint => {
    const other = compare?.series[i]
    const end = Date.parse(series[i + 1]?.at ?? answer.to)
    return {
      label: labelOf(f, interval, item),
      tick: interval === 'hour' ? f.clock(item.at) : f.day(item.at, now),
      value: shownOf(item, metric),
      before: other && { label: labelOf(f, interval, other), value: shownOf(other, metric) },
      isOpen:
        i > 0 && i === until.length - 1 && end >= now && now - Date.parse(item.at) < 2 * LENGTHS[interval],
    }
  })
  if (points.length === 0) return null
  const most = points.reduce((top, point) => (point.value > top.value ? point : top), points[0]!)
  const share = (value: number) => f.share(value, 100)
  const format = isTime ? f.duration : metric === 'bounceRate' ? share : f.count
  const name = t.overview.figures[metric]
  return (
    <Chart
      points={points}
      name={name}
      beforeName={t.overview.before}
      summary={t.overview.chart(name, format(most.value), most.label)}
      asTable={t.overview.asTable}
      when={t.overview.when}
      format={format}
      axis={isTime ? (value) => (value === 0 ? '0' : f.duration(value)) : format}
      unit={isTime ? (most.value > MANY_HOURS ? HOUR : 60_000) : 1}
    />
  )
}

/** Bounces as a share of the visits, in percent. */
const shownOf = (item: OverviewItem, metric: Metric): number =>
  metric === 'bounceRate' ? (item.visits > 0 ? (100 * item.bounces) / item.visits : 0) : item[metric]

const labelOf = (f: Formats, interval: OverviewAnswer['interval'], { at }: SeriesItem): string =>
  interval === 'hour' ? f.clock(at) : interval === 'month' ? f.month(at) : f.longDay(at)
