import type { Page } from '../../shared/api.ts'
import { REJECT_REASONS, type Stage } from '../../shared/lead.ts'
import type { ShownLead } from '../read/curves.ts'
import { Due } from './due.tsx'
import type { Frame } from './layout.tsx'
import { Layout, may, siteUrl } from './layout.tsx'
import { type Asked, FILTERS, type Filter, LISTED, leadsUrl, sortOf } from './leads-query.ts'
import { useLocale } from './locale.ts'
import { Ago, FitGrade, nameOf, StageBadge, Trend, Under, wordOf } from './parts.tsx'
import { IdentifyCall } from './setup.tsx'
import { Spark } from './spark.tsx'
import type { Strings } from './strings/en.ts'
import { Chips, type Column, List, Pager, Tabs } from './table.tsx'

/** What became of a decision about several leads. */
export interface Outcome {
  done: number
  /** Who was not decided about, and why. */
  refused: { name: string; why: string }[]
}

export interface LeadsProps {
  frame: Frame & { site: string }
  asked: Asked
  leads: Page<ShownLead>
  stages: Record<Stage, number>
  outcome: Outcome | undefined
  origin: string
  now: number
}

function Stages({ asked, stages }: LeadsProps) {
  const { t } = useLocale()
  const all = LISTED.reduce((sum, each) => sum + stages[each], 0)
  const tab = (name: string, count: number, stage: Stage | undefined) => ({
    name,
    count,
    href: leadsUrl(asked, { stage }),
    here: stage === asked.stage,
  })
  const tabs = [
    tab(t.leads.all, all, undefined),
    ...LISTED.map((each) => tab(t.stages[each], stages[each], each)),
  ]
  return <Tabs label={t.list.stage} tabs={tabs} />
}

/** Views that many want; any other is an address that can be kept, too. */
function Views({ asked, frame, now }: LeadsProps) {
  const { t, f } = useLocale()
  const none = { site: asked.site, stage: undefined, filters: {}, sort: asked.sort }
  const week = f.dayKey(new Date(now - 6 * 86_400_000).toISOString())
  const views: [name: string, href: string][] = [
    [t.leads.ready, leadsUrl(none, { stage: 'sql' })],
    [t.leads.close, leadsUrl(none, { minEngagement: '40', minFit: '50' })],
    [t.leads.thisWeek, leadsUrl(none, { seenFrom: week, sort: '-lastSeenAt' })],
    [t.leads.nobodys, leadsUrl(none, { owner: '-' })],
  ]
  if (frame.person?.id) views.unshift([t.leads.mine, leadsUrl(none, { owner: frame.person.name })])
  return (
    <p class="views quiet">
      {t.leads.views}{' '}
      {views.map(([name, href], i) => (
        <>
          {i === 0 ? '' : ' · '}
          <a href={href}>{name}</a>
        </>
      ))}
    </p>
  )
}

function Search({ asked }: LeadsProps) {
  const { t } = useLocale()
  const { filters } = asked
  const field = (name: Filter, rest: Record<string, string>) => (
    <label>
      {t.leads.filter[name]}
      <input name={name} value={filters[name] === '-' ? '' : filters[name]} {...rest} />
    </label>
  )
  const points = { type: 'number', min: '0', max: '100', step: 'any', inputmode: 'decimal' }
  const open = FILTERS.some((name) => name !== 'q' && filters[name] !== undefined)
  return (
    <form class="search" method="get" action="/leads">
      <input type="hidden" name="site" value={asked.site} />
      {asked.stage ? <input type="hidden" name="stage" value={asked.stage} /> : null}
      <input type="hidden" name="sort" value={asked.sort} />
      <div class="line">
        <label class="grow">
          <span class="unseen">{t.leads.filter.q}</span>
          <input type="search" name="q" value={filters.q} placeholder={t.leads.search} maxlength={100} />
        </label>
        <button type="submit" class="button second">
          {t.leads.find}
        </button>
      </div>
      <details open={open}>
        <summary>{t.leads.more}</summary>
        <div class="fields">
          {field('minEngagement', points)}
          {field('minFit', points)}
          {field('source', { placeholder: 'search Google' })}
          {field('page', { placeholder: '/pricing' })}
          {field('seenFrom', { type: 'date' })}
          {field('seenTo', { type: 'date' })}
          {field('owner', {})}
          {field('segment', { placeholder: 'call' })}
        </div>
      </details>
    </form>
  )
}

function Narrowed({ asked }: LeadsProps) {
  const { t } = useLocale()
  const chips = FILTERS.flatMap((name) => {
    const value = asked.filters[name]
    if (value === undefined) return []
    const shown = name === 'owner' && value === '-' ? t.leads.nobodys : value
    return [
      {
        name: (
          <>
            {t.leads.filter[name]}: <bdi>{shown}</bdi>
          </>
        ),
        without: leadsUrl(asked, { [name]: undefined }),
      },
    ]
  })
  return <Chips chips={chips} clear={leadsUrl({ ...asked, filters: {} })} />
}

function Empty({ frame, asked, origin }: LeadsProps) {
  const { t } = useLocale()
  if (Object.keys(asked.filters).length > 0)
    return (
      <>
        <h2>{t.leads.noneSuch}</h2>
        <p>
          <a href={leadsUrl({ ...asked, filters: {} })}>{t.list.clear}</a>
        </p>
      </>
    )
  if (asked.stage)
    return (
      <>
        <h2>{t.leads.nobodyAt(t.stages[asked.stage])}</h2>
        <p>{t.leads.move}</p>
      </>
    )
  return (
    <>
      <h2>{t.leads.none}</h2>
      <p>{t.leads.how}</p>
      <IdentifyCall origin={origin} site={frame.site} />
    </>
  )
}

function Bulk() {
  const { t } = useLocale()
  return (
    <div class="bulk">
      <span class="quiet">{t.leads.withSelected}</span>
      <button type="submit" class="button" name="decision" value="accept">
        {t.sales.accept}
      </button>
      <button type="submit" class="button second" name="decision" value="recycle">
        {t.sales.recycle}
      </button>
      <span class="pair">
        <label>
          <span class="unseen">{t.sales.reason}</span>
          <select name="reason">
            {REJECT_REASONS.map((reason) => (
              <option value={reason}>{t.reasons[reason]}</option>
            ))}
          </select>
        </label>
        <button type="submit" class="button second" name="decision" value="reject">
          {t.sales.reject}
        </button>
      </span>
    </div>
  )
}

function Result({ outcome }: { outcome: Outcome }) {
  const { t, f } = useLocale()
  return (
    <div class={outcome.refused.length > 0 ? 'error note' : 'done note'} role="status">
      <p>{t.leads.done(f.count(outcome.done))}</p>
      {outcome.refused.length > 0 ? (
        <ul>
          {outcome.refused.map(({ name, why }) => (
            <li>
              <bdi>{name}</bdi>: {t.sentence(why)}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  )
}

/** Without its kind, where it has a name of its own: 'search Google' is Google. */
const sourceName = (source: string, t: Strings): string =>
  source.includes(' ') ? source.replace(/^\S+ /, '') : wordOf(t.sources, source)

function columnsOf({ asked, now }: LeadsProps, { t, f }: ReturnType<typeof useLocale>): Column<ShownLead>[] {
  return [
    {
      title: <span class="unseen">{t.leads.select}</span>,
      class: 'tick',
      cell: (lead) => (
        <input type="checkbox" name="id" value={lead.id} aria-label={t.leads.selectOne(nameOf(lead))} />
      ),
    },
    {
      title: t.list.who,
      names: true,
      sort: sortOf(asked, 'name'),
      cell: (lead) => (
        <>
          <a href={`/leads/${encodeURIComponent(lead.id)}`}>
            <bdi>{nameOf(lead)}</bdi>
          </a>
          <StageBadge stage={lead.stage} narrow />
          <Under
            parts={[lead.name ? lead.email : null, lead.name || lead.email ? lead.company : null, lead.owner]}
            seen={lead.lastSeenAt}
            now={now}
          />
        </>
      ),
    },
    {
      title: t.list.stage,
      from: 'wide',
      cell: (lead) => (
        <>
          <StageBadge stage={lead.stage} />
          <Due at={lead.dueAt} now={now} />
        </>
      ),
    },
    {
      title: t.list.engagement,
      nowrap: true,
      sort: sortOf(asked, 'engagement'),
      cell: ({ engagement, curve }) => (
        <span class="with-spark">
          <span class="number">{f.score(engagement)}</span>
          <Spark points={curve} />
        </span>
      ),
    },
    { title: t.list.trend, from: 'wide', cell: ({ trend }) => <Trend trend={trend} /> },
    { title: t.list.fit, from: 'wide', nowrap: true, sort: sortOf(asked, 'fit'), cell: FitGrade },
    {
      title: t.leads.filter.source,
      from: 'roomy',
      class: 'source',
      cell: ({ source }) =>
        source === null ? (
          '–'
        ) : (
          <a href={leadsUrl(asked, { source })} title={source}>
            <bdi>{sourceName(source, t)}</bdi>
          </a>
        ),
    },
    {
      title: t.list.since,
      nowrap: true,
      from: 'roomy',
      sort: sortOf(asked, 'stageSince'),
      cell: ({ stageSince }) => <Ago at={stageSince} now={now} />,
    },
    {
      title: t.list.seen,
      nowrap: true,
      from: 'wide',
      sort: sortOf(asked, 'lastSeenAt'),
      cell: ({ lastSeenAt }) => <Ago at={lastSeenAt} now={now} />,
    },
  ]
}

export function Leads(props: LeadsProps) {
  const locale = useLocale()
  const { t } = locale
  const { frame, asked, leads, outcome } = props
  const { stage } = asked
  // What to do next is said of a stage: one sentence above its list, not one in each row.
  const nextStep = stage && leads.items[0]?.stageStep
  const file = leadsUrl(asked, {}, '/v1/leads').replace('owner=-', 'owner=')
  return (
    <Layout title={stage ? t.stages[stage] : t.nav.leads} frame={frame}>
      <div class="head">
        <h1>{t.nav.leads}</h1>
        <a class="button second" href={`${file}&format=csv&bom=1`} download>
          {t.leads.csv}
        </a>
      </div>
      <Stages {...props} />
      <Search {...props} />
      <Views {...props} />
      {asked.problem ? (
        <p class="error note" role="alert">
          {t.sentence(asked.problem)}
        </p>
      ) : null}
      {outcome ? <Result outcome={outcome} /> : null}
      <Narrowed {...props} />
      {nextStep === undefined ? null : (
        <p class="next">
          <strong>{t.list.nextStep}</strong> <bdi>{t.sentence(nextStep)}</bdi>
        </p>
      )}
      <form method="post" action={siteUrl('/leads', frame.site)}>
        <input type="hidden" name="back" value={leadsUrl(asked)} />
        <List
          keys
          label={t.nav.leads}
          rows={leads.items}
          columns={columnsOf(props, locale)}
          empty={<Empty {...props} />}
        />
        {leads.items.length > 0 && may(frame, 'leads') ? <Bulk /> : null}
      </form>
      <Pager url={leadsUrl(asked)} first={asked.first} next={leads.next} />
      {leads.items.length > 0 ? <p class="quiet only-script">{t.leads.keys}</p> : null}
    </Layout>
  )
}
