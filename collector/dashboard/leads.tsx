import type { LeadListItem, Page, StatsAnswer } from '../../shared/api.ts'
import type { Stage } from '../../shared/lead.ts'
import { STAGES } from '../../shared/lead.ts'
import type { Frame } from './layout.tsx'
import { Layout, siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { Ago, Engagement, nameOf, StageBadge, Trend, Under } from './parts.tsx'
import { IdentifyCall } from './setup.tsx'
import { type Column, List, Pager, Tabs } from './table.tsx'

/** Rows of a page of the list: a screen and a half. */
export const LEADS_A_PAGE = 50

const LISTED = STAGES.filter((stage) => stage !== 'visitor')

/** A stage that has a list, or undefined for all of them. */
export const listedStage = (text: string | undefined): Stage | undefined =>
  LISTED.find((stage) => stage === text)

export interface LeadsProps {
  frame: Frame & { site: string }
  stage: Stage | undefined
  /** Whether these are the first ones of the list. */
  first: boolean
  leads: Page<LeadListItem>
  stages: StatsAnswer['stages']
  origin: string
  now: number
}

const listUrl = (site: string, stage: Stage | undefined): string =>
  siteUrl('/leads', site) + (stage ? `&stage=${stage}` : '')

function Stages({ frame, stage, stages }: LeadsProps) {
  const { t } = useLocale()
  const all = LISTED.reduce((sum, each) => sum + stages[each], 0)
  const tab = (name: string, count: number, value: Stage | undefined) => ({
    name,
    count,
    href: listUrl(frame.site, value),
    here: value === stage,
  })
  const tabs = [
    tab(t.leads.all, all, undefined),
    ...LISTED.map((each) => tab(t.stages[each], stages[each], each)),
  ]
  return <Tabs label={t.list.stage} tabs={tabs} />
}

function Empty({ frame, stage, origin }: LeadsProps) {
  const { t } = useLocale()
  if (stage)
    return (
      <>
        <h2>{t.leads.nobodyAt(t.stages[stage])}</h2>
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

export function Leads(props: LeadsProps) {
  const { t, f } = useLocale()
  const { frame, stage, leads, now } = props
  // What to do next is said of a stage: one sentence above its list, not one in each row.
  const nextStep = stage && leads.items[0]?.nextStep
  const columns: Column<LeadListItem>[] = [
    {
      title: t.list.who,
      names: true,
      cell: (lead) => (
        <>
          <a href={`/leads/${encodeURIComponent(lead.id)}`}>
            <bdi>{nameOf(lead)}</bdi>
          </a>
          <Under
            parts={[lead.name ? lead.email : null, lead.name || lead.email ? lead.company : null]}
            seen={lead.lastSeenAt}
            now={now}
          />
        </>
      ),
    },
    { title: t.list.stage, cell: (lead) => <StageBadge stage={lead.stage} /> },
    { title: t.list.engagement, cell: ({ engagement }) => <Engagement points={engagement} /> },
    {
      title: t.list.fit,
      number: true,
      from: 'wide',
      cell: ({ fit, fitKnown, fitFields }) => (
        <>
          {fitKnown === 0 ? '–' : f.score(fit)}{' '}
          <small>
            {fitKnown}/{fitFields}
          </small>
        </>
      ),
    },
    { title: t.list.trend, from: 'wide', cell: ({ trend }) => <Trend trend={trend} /> },
    { title: t.list.visits, number: true, from: 'roomy', cell: ({ visits }) => f.count(visits) },
    {
      title: t.list.since,
      nowrap: true,
      from: 'roomy',
      cell: ({ stageSince }) => <Ago at={stageSince} now={now} />,
    },
    {
      title: t.list.seen,
      nowrap: true,
      from: 'wide',
      cell: ({ lastSeenAt }) => <Ago at={lastSeenAt} now={now} />,
    },
  ]
  return (
    <Layout title={stage ? `${t.stages[stage]}s` : t.nav.leads} frame={frame}>
      <div class="head">
        <h1>{t.nav.leads}</h1>
      </div>
      <Stages {...props} />
      {nextStep === undefined ? null : (
        <p class="next">
          <strong>{t.list.nextStep}</strong> <bdi>{nextStep}</bdi>
        </p>
      )}
      <List label={t.nav.leads} rows={leads.items} columns={columns} empty={<Empty {...props} />} />
      <Pager url={listUrl(frame.site, stage)} first={props.first} next={leads.next} />
    </Layout>
  )
}
