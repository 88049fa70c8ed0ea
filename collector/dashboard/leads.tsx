import type { LeadListItem, Page, StatsAnswer } from '../../shared/api.ts'
import type { Stage } from '../../shared/lead.ts'
import { STAGES } from '../../shared/lead.ts'
import { formatCount, formatScore } from './format.ts'
import type { Frame } from './layout.tsx'
import { Layout, siteUrl } from './layout.tsx'
import { Ago, Engagement, nameOf, STAGE_NAMES, StageBadge, Trend } from './parts.tsx'
import { IdentifyCall } from './setup.tsx'

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

function listUrl(site: string, stage: Stage | undefined, cursor?: string): string {
  const url = siteUrl('/leads', site) + (stage ? `&stage=${stage}` : '')
  return cursor === undefined ? url : `${url}&cursor=${encodeURIComponent(cursor)}`
}

function Tabs({ frame, stage, stages }: LeadsProps) {
  const all = LISTED.reduce((sum, each) => sum + stages[each], 0)
  const tab = (name: string, count: number, value: Stage | undefined) => (
    <a href={listUrl(frame.site, value)} aria-current={value === stage ? 'true' : undefined}>
      {name} <span class="count">{formatCount(count)}</span>
    </a>
  )
  return (
    <nav class="tabs" aria-label="Stage">
      {tab('All', all, undefined)}
      {LISTED.map((each) => tab(STAGE_NAMES[each], stages[each], each))}
    </nav>
  )
}

function Row({ lead, now }: { lead: LeadListItem; now: number }) {
  const under = [lead.name ? lead.email : null, lead.name || lead.email ? lead.company : null].filter(Boolean)
  return (
    <tr>
      <th scope="row">
        <a href={`/leads/${encodeURIComponent(lead.id)}`}>
          <bdi>{nameOf(lead)}</bdi>
        </a>
        {under.length > 0 ? (
          <span class="quiet">
            <bdi>{under.join(' · ')}</bdi>
          </span>
        ) : null}
        {/* On a narrow screen there is no room for a column of it. */}
        <span class="quiet only-narrow">
          seen <Ago at={lead.lastSeenAt} now={now} />
        </span>
      </th>
      <td>
        <StageBadge stage={lead.stage} />
      </td>
      <td>
        <Engagement points={lead.engagement} />
      </td>
      <td class="number wide">
        {lead.fitKnown === 0 ? '–' : formatScore(lead.fit)}{' '}
        <small>
          {lead.fitKnown}/{lead.fitFields}
        </small>
      </td>
      <td class="wide">
        <Trend trend={lead.trend} />
      </td>
      <td class="number roomy">{formatCount(lead.visits)}</td>
      <td class="nowrap roomy">
        <Ago at={lead.stageSince} now={now} />
      </td>
      <td class="nowrap wide">
        <Ago at={lead.lastSeenAt} now={now} />
      </td>
    </tr>
  )
}

function Table({ leads, now }: { leads: LeadListItem[]; now: number }) {
  return (
    <table class="leads">
      <thead>
        <tr>
          <th scope="col">Who</th>
          <th scope="col">Stage</th>
          <th scope="col">Engagement</th>
          <th scope="col" class="number wide">
            Fit
          </th>
          <th scope="col" class="wide">
            Trend
          </th>
          <th scope="col" class="number roomy">
            Visits
          </th>
          <th scope="col" class="roomy">
            At stage since
          </th>
          <th scope="col" class="wide">
            Last seen
          </th>
        </tr>
      </thead>
      <tbody>
        {leads.map((lead) => (
          <Row lead={lead} now={now} />
        ))}
      </tbody>
    </table>
  )
}

function Empty({ frame, stage, origin }: LeadsProps) {
  return (
    <div class="empty">
      <h2>{stage ? `Nobody is at ${STAGE_NAMES[stage]} now` : 'No leads yet'}</h2>
      {stage ? (
        <p>People move here and away by what they do; the overview shows where they stand.</p>
      ) : (
        <>
          <p>A visitor becomes a lead when your form handler passes the visitor id and the e-mail on:</p>
          <IdentifyCall origin={origin} site={frame.site} />
        </>
      )}
    </div>
  )
}

function Pager({ frame, stage, first, leads }: LeadsProps) {
  if (first && leads.next === null) return null
  return (
    <nav class="pager" aria-label="Pages of the list">
      {first ? null : <a href={listUrl(frame.site, stage)}>Back to the first</a>}
      {leads.next === null ? null : (
        <a rel="next" href={listUrl(frame.site, stage, leads.next)}>
          More
        </a>
      )}
    </nav>
  )
}

export function Leads(props: LeadsProps) {
  // What to do next is said of a stage: one sentence above its list, not one in each row.
  const nextStep = props.stage && props.leads.items[0]?.nextStep
  return (
    <Layout title={props.stage ? `${STAGE_NAMES[props.stage]}s` : 'Leads'} frame={props.frame}>
      <div class="head">
        <h1>Leads</h1>
      </div>
      <Tabs {...props} />
      {nextStep === undefined ? null : (
        <p class="next">
          <strong>Next step</strong> <bdi>{nextStep}</bdi>
        </p>
      )}
      <section class="card flush" aria-label="Leads">
        {props.leads.items.length === 0 ? (
          <Empty {...props} />
        ) : (
          <Table leads={props.leads.items} now={props.now} />
        )}
      </section>
      <Pager {...props} />
    </Layout>
  )
}
