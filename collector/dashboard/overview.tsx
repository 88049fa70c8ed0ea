import type { LeadListItem } from '../../shared/api.ts'
import { STAGES, type Stage } from '../../shared/lead.ts'
import type { OverviewAnswer } from '../read/overview.ts'
import { Figures } from './figures.tsx'
import type { Frame } from './layout.tsx'
import { Layout, siteUrl } from './layout.tsx'
import { LiveEvents, LiveNow } from './live-strip.tsx'
import { useLocale } from './locale.ts'
import { OverTime } from './over-time.tsx'
import { type Asked, FILTERS, type Filter, overviewUrl, unfilteredUrl } from './overview-query.ts'
import { Ago, Engagement, nameOf, StageBadge } from './parts.tsx'
import { RangePicker } from './range-picker.tsx'
import { IdentifyCall, SetUp, type SetUpProps } from './setup.tsx'
import { Chips } from './table.tsx'
import { named, TopLists } from './top-lists.tsx'

export interface OverviewProps {
  frame: Frame & { site: string }
  name: string
  asked: Asked
  answer: OverviewAnswer
  /** How many are there now. */
  present: number
  origin: string
  setUp: SetUpProps
  now: number
  /** Missing for who may not see people. */
  hottest: { sql: LeadListItem[]; mql: LeadListItem[] } | undefined
}

function Filtered({ asked }: { asked: Asked }) {
  const locale = useLocale()
  const { t } = locale
  const inWords = (filter: Filter, value: string): string => {
    if (filter !== 'stage') {
      const { name, kind } = named(locale, filter, value)
      return name || kind || value
    }
    return STAGES.filter((stage) => value.split(',').includes(stage))
      .map((stage) => t.stages[stage])
      .join(', ')
  }
  const chips = FILTERS.flatMap((filter) => {
    const value = asked.filters[filter]
    if (value === undefined) return []
    const name = (
      <>
        <span class="quiet">{t.overview.filters[filter]}</span> <bdi>{inWords(filter, value)}</bdi>
      </>
    )
    return [{ name, without: overviewUrl(asked, { [filter]: undefined }) }]
  })
  return <Chips chips={chips} clear={unfilteredUrl(asked)} />
}

function Stages({ asked, answer, mayList }: { asked: Asked; answer: OverviewAnswer; mayList: boolean }) {
  const { t, f } = useLocale()
  const { stages, site } = answer
  const those: Stage[] = ['visitor', 'lead', 'mql', 'sql', 'customer']
  return (
    <section class="card" aria-labelledby="stages">
      <h2 id="stages">{t.overview.stages}</h2>
      <ol class="funnel">
        {STAGES.map((stage) => {
          const count = <span class="count">{f.count(stages[stage])}</span>
          const badge = <StageBadge stage={stage} />
          return (
            <li>
              {/* Anonymous visitors have no list: there is nobody to show. */}
              {stage === 'visitor' || !mayList ? (
                <span class="step">
                  {count}
                  {badge}
                </span>
              ) : (
                <a class="step" href={`${siteUrl('/leads', site)}&stage=${stage}`}>
                  {count}
                  {badge}
                </a>
              )}
            </li>
          )
        })}
      </ol>
      <p class="quiet">
        {t.overview.stagesNote} {t.overview.onlyOf}{' '}
        {those.map((stage, i) => (
          <>
            {i === 0 ? '' : ' · '}
            <a href={overviewUrl(asked, { stage })}>{t.stages[stage]}</a>
          </>
        ))}
      </p>
    </section>
  )
}

function Hottest(props: { stage: 'sql' | 'mql'; leads: LeadListItem[]; site: string; now: number }) {
  const { t } = useLocale()
  const { stage, leads, site, now } = props
  const id = `hottest-${stage}`
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{t.overview.hottest[stage]}</h2>
      {leads.length === 0 ? (
        <p class="quiet">{t.overview.nobody[stage]}</p>
      ) : (
        <>
          <ul class="people">
            {leads.map((lead) => (
              <li>
                <a href={`/leads/${encodeURIComponent(lead.id)}`}>
                  <bdi>{nameOf(lead)}</bdi>
                </a>
                <Engagement points={lead.engagement} />
                <span class="quiet">
                  {lead.company ? <bdi>{lead.company}</bdi> : null}
                  {lead.company ? ' · ' : null}
                  <Ago at={lead.stageSince} now={now} />
                </span>
              </li>
            ))}
          </ul>
          <p>
            <a href={`${siteUrl('/leads', site)}&stage=${stage}`}>{t.overview.all[stage]}</a>
          </p>
        </>
      )}
    </section>
  )
}

function Nobody({ origin, site }: { origin: string; site: string }) {
  const { t } = useLocale()
  return (
    <section class="card">
      <h2>{t.overview.unidentified}</h2>
      <p>{t.overview.identify}</p>
      <IdentifyCall origin={origin} site={site} />
    </section>
  )
}

const identified = ({ stages }: OverviewAnswer): number =>
  STAGES.reduce((sum, stage) => sum + (stage === 'visitor' ? 0 : stages[stage]), 0)

function Numbers(props: OverviewProps) {
  const { t, f } = useLocale()
  const { frame, asked, answer, hottest, origin, now } = props
  return (
    <>
      <div class="columns beside">
        <div class="stack">
          <section class="card over-time" aria-label={t.overview.numbers}>
            <Figures {...{ asked, answer }} />
            <OverTime {...{ asked, answer, now }} />
            {answer.sample < 1 ? <p class="quiet">{t.overview.sampled(f.percent(answer.sample))}</p> : null}
          </section>
          <Stages {...{ asked, answer, mayList: hottest !== undefined }} />
        </div>
        <div class="stack">
          <LiveEvents />
          {identified(answer) === 0 ? (
            <Nobody origin={origin} site={frame.site} />
          ) : hottest ? (
            <>
              <Hottest stage="sql" leads={hottest.sql} site={frame.site} now={now} />
              <Hottest stage="mql" leads={hottest.mql} site={frame.site} now={now} />
            </>
          ) : null}
        </div>
      </div>
      <TopLists {...{ asked, answer }} />
    </>
  )
}

/** With days in which nothing was recorded nothing can be compared. */
function withoutNothing(answer: OverviewAnswer): OverviewAnswer {
  const { compare, ...rest } = answer
  return compare && compare.sums.visits > 0 ? answer : rest
}

export function Overview(props: OverviewProps) {
  const { frame, asked, now, name, present } = props
  const answer = withoutNothing(props.answer)
  const { t, f } = useLocale()
  const isSilent = answer.sums.visits === 0 && answer.sums.pageViews === 0
  const isFiltered = Object.keys(asked.filters).length > 0
  const days = `${f.day(answer.from, now)} \u2013 ${f.day(answer.to, now)}`
  return (
    <Layout title={name} frame={frame}>
      <div class="head">
        <div>
          <h1>
            <bdi>{name}</bdi>
          </h1>
          <LiveNow site={frame.site} present={present} />
        </div>
        <div class="span">
          <p class="quiet">
            {asked.range === 'today' ? f.day(answer.to, now) : days}
            {answer.compare ? (
              <>
                {' '}
                {t.overview.versus(
                  `${f.day(answer.compare.from, now)} \u2013 ${f.day(answer.compare.to, now)}`,
                )}
              </>
            ) : null}
          </p>
          <RangePicker
            asked={asked}
            name={asked.range === 'custom' ? days : t.overview.ranges[asked.range]}
          />
        </div>
      </div>
      {asked.isOdd ? <p class="error note">{t.overview.odd}</p> : null}
      <Filtered asked={asked} />
      {isSilent && !isFiltered ? (
        <section class="card">
          <h2>{t.overview.silent}</h2>
          <SetUp {...props.setUp} />
        </section>
      ) : null}
      {isSilent && !isFiltered && identified(answer) === 0 ? null : <Numbers {...props} answer={answer} />}
    </Layout>
  )
}
