import type { OverviewAnswer, OverviewSums } from '../read/overview.ts'
import { useLocale } from './locale.ts'
import { type Asked, METRICS, type Metric, overviewUrl } from './overview-query.ts'

const HOUR = 3_600_000

interface Figure {
  name: keyof OverviewSums | 'bounceRate'
  value: string
  note?: string | undefined
  /** Against the span that it is compared with, as a share; undefined where there is none. */
  change: number | undefined
  /** Whether more of it is worse. */
  isBad?: boolean
}

/** Sums of the days with how they changed; those that have a line lead to it. */
export function Figures({ asked, answer }: { asked: Asked; answer: OverviewAnswer }) {
  const { t } = useLocale()
  return (
    <dl class="tiles figures">
      {useFigures(answer).map(({ name, value, note, change, isBad = false }) => {
        const metric = METRICS.find((one) => one === name)
        const title = t.overview.figures[name]
        return (
          <div class={metric && metric === asked.metric ? 'tile is-shown' : 'tile'}>
            <dt>{metric ? <ShowLine {...{ asked, metric, title }} /> : title}</dt>
            <dd>
              <span class="big">{value}</span>
              {change === undefined ? null : <Change share={change} isBad={isBad} />}
              {note ? <span class="quiet">{note}</span> : null}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

function ShowLine({ asked, metric, title }: { asked: Asked; metric: Metric; title: string }) {
  const href = overviewUrl(asked, { metric: metric === 'visitors' ? undefined : metric })
  return (
    <a href={href} aria-current={metric === asked.metric ? 'true' : undefined}>
      {title}
    </a>
  )
}

function Change({ share, isBad }: { share: number; isBad: boolean }) {
  const { t, f } = useLocale()
  const rounded = Math.round(share * 100)
  const kind = rounded === 0 ? 'same' : rounded > 0 !== isBad ? 'better' : 'worse'
  return (
    <span class={`change ${kind}`} title={t.overview.against}>
      {f.change(share)}
    </span>
  )
}

function useFigures({ sums, compare }: OverviewAnswer): Figure[] {
  const { t, f } = useLocale()
  const before = compare?.sums
  const changeOf = (of: (sums: OverviewSums) => number): number | undefined => {
    const was = before && of(before)
    return was ? of(sums) / was - 1 : undefined
  }
  const { visits } = sums
  const each = (sum: number) => (visits > 0 ? sum / visits : 0)
  const bounced = (of: OverviewSums) => (of.visits > 0 ? of.bounces / of.visits : 0)
  return [
    {
      name: 'visitors',
      value: f.count(sums.visitors),
      change: changeOf((of) => of.visitors),
      note: sums.visitorsError > 0 ? `± ${f.percent(sums.visitorsError)}` : undefined,
    },
    { name: 'visits', value: f.count(visits), change: changeOf((of) => of.visits) },
    {
      name: 'pageViews',
      value: f.count(sums.pageViews),
      change: changeOf((of) => of.pageViews),
      note: t.overview.aVisit(f.score(each(sums.pageViews))),
    },
    {
      name: 'engagedMs',
      // A column is narrow: 52.2 h says what 2 d 4 h does.
      value: sums.engagedMs < HOUR ? f.duration(sums.engagedMs) : `${f.score(sums.engagedMs / HOUR)} h`,
      change: changeOf((of) => of.engagedMs),
      note: t.overview.aVisit(f.duration(each(sums.engagedMs))),
    },
    { name: 'bounceRate', value: f.share(sums.bounces, visits), change: changeOf(bounced), isBad: true },
    { name: 'downloads', value: f.count(sums.downloads), change: changeOf((of) => of.downloads) },
    { name: 'cartAdds', value: f.count(sums.cartAdds), change: changeOf((of) => of.cartAdds) },
  ]
}
