import type { LeadAnswer, Page, TimelineItem } from '../../shared/api.ts'
import type { Transition } from '../../shared/lead.ts'
import type { Curve } from '../read/curves.ts'
import { companyUrl } from './company.tsx'
import { EngagementCurve } from './curve.tsx'
import { Gauge } from './gauge.tsx'
import type { Frame } from './layout.tsx'
import { Layout, siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { Ago, Bar, Long, nameOf, StageBadge, Trend } from './parts.tsx'
import { Owner, Privacy } from './privacy.tsx'
import { Notes, Sales } from './sales.tsx'
import type { Strings } from './strings/en.ts'
import { Timeline } from './timeline.tsx'
import { Why } from './why.tsx'

export interface LeadProps {
  frame: Frame
  lead: LeadAnswer
  curve: Curve
  timeline: Page<TimelineItem>
  /** The UTC day whose timeline it is, where one is asked for. */
  day: string | undefined
  /** Whether the timeline starts with the newest. */
  first: boolean
  now: number
  /** Why what was just sent was refused. */
  error?: string | undefined
}

function fitInWords({ fitDetail }: LeadAnswer, t: Strings): string {
  if (fitDetail.disqualified) return t.lead.disqualified(fitDetail.disqualified)
  const known = t.lead.known(fitDetail.known, fitDetail.fields)
  return fitDetail.bad ? `${t.lead.badFit}; ${known}` : known
}

function CompanyLink({ lead }: { lead: LeadAnswer }) {
  const name = <bdi>{lead.company ?? lead.companyKey}</bdi>
  return lead.companyKey === null ? name : <a href={companyUrl(lead.site, lead.companyKey)}>{name}</a>
}

/** How to reach the person, and of which company it is: whatever is known of it. */
function Contact({ lead }: { lead: LeadAnswer }) {
  const parts = [
    lead.name && lead.email ? <bdi>{lead.email}</bdi> : null,
    lead.company !== null || lead.companyKey !== null ? <CompanyLink lead={lead} /> : null,
    lead.phone ? <bdi>{lead.phone}</bdi> : null,
  ].filter((part) => part !== null)
  return parts.length > 0 ? <p>{parts.map((part, i) => (i === 0 ? part : <> · {part}</>))}</p> : null
}

/** What whoever calls this person should know before. */
function Doubts({ lead }: { lead: LeadAnswer }) {
  const { t } = useLocale()
  const flags: Record<string, { title: string; text: string }> = t.lead.flags
  return (
    <>
      {lead.verified ? null : (
        <p class="doubt">
          <strong>{t.lead.claimed}</strong> {t.lead.claimedHow}
        </p>
      )}
      {lead.flags.map((flag) => {
        const known = Object.hasOwn(flags, flag) ? flags[flag] : undefined
        return (
          <p class="doubt">
            <strong>
              <bdi>{known?.title ?? flag}</bdi>
            </strong>{' '}
            {known?.text}
          </p>
        )
      })}
    </>
  )
}

function Head({ lead, now }: { lead: LeadAnswer; now: number }) {
  const { t, f } = useLocale()
  return (
    <section class="card lead-head">
      <div class="who">
        <p class="quiet">
          <StageBadge stage={lead.stage} /> {t.lead.since}{' '}
          <time datetime={lead.stageSince} title={f.ago(lead.stageSince, now)}>
            {f.day(lead.stageSince, now)}
          </time>
          {lead.accepted ? ` · ${t.lead.accepted}` : null}
          {lead.owner ? (
            <>
              {' '}
              · {t.leads.filter.owner}: <bdi>{lead.owner}</bdi>
            </>
          ) : null}
        </p>
        <h1>
          <bdi>{nameOf(lead)}</bdi>
        </h1>
        <Contact lead={lead} />
        <Doubts lead={lead} />
        {lead.nextStep ? (
          <p class="next">
            <strong>{t.list.nextStep}</strong> <bdi>{t.sentence(lead.nextStep)}</bdi>
          </p>
        ) : null}
      </div>
      <div class="scores">
        <div class="score">
          <h2>
            {t.list.engagement} <span class="big">{f.score(lead.engagement)}</span>
          </h2>
          <Gauge points={lead.engagement} mql={lead.thresholds.mql} sql={lead.thresholds.sql} />
          <p class="quiet">
            <Trend trend={lead.trend} /> · {t.list.lastSeen} <Ago at={lead.lastSeenAt} now={now} />
          </p>
        </div>
        <div class="score">
          <h2>
            {t.list.fit} <span class="big">{f.score(lead.fit)}</span>
          </h2>
          <Bar share={lead.fit} kind={lead.fitDetail.bad ? 'bad' : 'good'} />
          <p class="quiet">
            <bdi>{fitInWords(lead, t)}</bdi>
          </p>
        </div>
      </div>
    </section>
  )
}

/** Who moved somebody: a rule, a form, a claim, the calendar, or the person who decided. */
function byInWords(by: string, verified: boolean, t: Strings): string {
  if (by === 'identify') return verified ? t.lead.byForm : t.lead.byClaim
  if (by === 'tick') return t.lead.byTime
  return by.replace(/^rules:/, t.lead.byRules)
}

function Move({ move, lead, now }: { move: Transition; lead: LeadAnswer; now: number }) {
  const { t, f } = useLocale()
  const takenBy = [...lead.transitions, ...lead.superseded].find(({ id }) => id === move.supersededBy)
  return (
    <li>
      <p>
        <StageBadge stage={move.from} /> <span aria-hidden="true">→</span>
        <span class="unseen">{t.lead.to}</span> <StageBadge stage={move.to} />
      </p>
      <p>
        <bdi>{t.sentence(move.why)}</bdi>
      </p>
      <p class="quiet">
        <time datetime={move.effectiveAt}>{f.day(move.effectiveAt, now)}</time> · {t.lead.by}{' '}
        <bdi>{byInWords(move.by, lead.verified, t)}</bdi>
        {takenBy ? (
          <>
            {' '}
            · {t.lead.takenBack} <time datetime={takenBy.recordedAt}>{f.day(takenBy.recordedAt, now)}</time>
          </>
        ) : null}
      </p>
    </li>
  )
}

function Transitions({ lead, now }: { lead: LeadAnswer; now: number }) {
  const { t, f } = useLocale()
  /* One form can make two steps in one moment; turned round first, these too stand in their order. */
  const newestFirst: Transition[] = lead.transitions
    .toReversed()
    .toSorted((a, b) => Date.parse(b.effectiveAt) - Date.parse(a.effectiveAt))
  const superseded = lead.superseded.toReversed()
  return (
    <section class="card" aria-labelledby="stages">
      <h2 id="stages">{t.lead.stages}</h2>
      {newestFirst.length === 0 ? <p class="quiet">{t.lead.noStages}</p> : null}
      <ol class="moves">
        {newestFirst.map((move) => (
          <Move move={move} lead={lead} now={now} />
        ))}
      </ol>
      {superseded.length > 0 ? (
        <details>
          <summary>{t.lead.corrected(f.count(superseded.length))}</summary>
          <p class="quiet">{t.lead.correctedHow}</p>
          <ol class="moves">
            {superseded.map((move) => (
              <Move move={move} lead={lead} now={now} />
            ))}
          </ol>
        </details>
      ) : null}
    </section>
  )
}

const listed = (values: unknown[]): string =>
  values.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value))).join(', ')

/** Traits as name and text; what is nested gets the names of its parents: company.size. */
function flatten(traits: Record<string, unknown>, before = ''): [name: string, text: string][] {
  return Object.entries(traits).flatMap(([name, value]): [string, string][] => {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      return flatten(value as Record<string, unknown>, `${before}${name}.`)
    }
    return [[before + name, Array.isArray(value) ? listed(value) : String(value)]]
  })
}

function Facts({ lead, now }: { lead: LeadAnswer; now: number }) {
  const { t, f } = useLocale()
  const facts: [string, string][] = [
    [t.facts.leadSince, f.day(lead.createdAt, now)],
    [t.facts.visits, f.count(lead.visits)],
    [t.facts.devices, f.count(lead.visitors)],
    [t.facts.firstSource, lead.source ?? t.facts.direct],
    ...(lead.lastSource !== null && lead.lastSource !== lead.source
      ? [[t.facts.lastSource, lead.lastSource] as [string, string]]
      : []),
  ]
  if (lead.mergedFrom.length > 0) facts.push([t.facts.merged, f.count(lead.mergedFrom.length)])
  if (lead.externalId) facts.push([t.facts.yourId, lead.externalId])
  if (lead.segments.length > 0) facts.push([t.facts.segments, lead.segments.join(', ')])
  return (
    <section class="card" aria-labelledby="facts">
      <h2 id="facts">{t.facts.title}</h2>
      <Pairs pairs={facts} />
    </section>
  )
}

function Traits({ lead }: { lead: LeadAnswer }) {
  const { t } = useLocale()
  const traits = flatten(lead.traits)
  return (
    <section class="card" aria-labelledby="traits">
      <h2 id="traits">{t.facts.traits}</h2>
      {traits.length === 0 ? <p class="quiet">{t.facts.noTraits}</p> : <Pairs pairs={traits} />}
    </section>
  )
}

function Pairs({ pairs }: { pairs: [name: string, text: string][] }) {
  return (
    <dl class="pairs">
      {pairs.map(([name, text]) => (
        <div>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd>
            <Long text={text} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

export function Lead({ frame, lead, curve, timeline, day, first, now, error }: LeadProps) {
  const { t } = useLocale()
  return (
    <Layout title={nameOf(lead)} frame={frame}>
      <p class="crumbs">
        <a href={siteUrl('/leads', lead.site)}>{t.nav.leads}</a> <span aria-hidden="true">/</span>{' '}
        <a href={`${siteUrl('/leads', lead.site)}&stage=${lead.stage}`}>{t.stages[lead.stage]}</a>
      </p>
      <Head lead={lead} now={now} />
      <div class="columns aside">
        <div class="stack">
          <EngagementCurve lead={lead} curve={curve} now={now} />
          <Why lead={lead} now={now} />
          <Timeline items={timeline} url={`/leads/${encodeURIComponent(lead.id)}`} first={first} day={day} />
        </div>
        <div class="stack">
          <Sales lead={lead} now={now} error={error} />
          <Owner lead={lead} frame={frame} />
          <Notes lead={lead} now={now} />
          <Transitions lead={lead} now={now} />
          <Facts lead={lead} now={now} />
          <Traits lead={lead} />
          <Privacy lead={lead} frame={frame} />
        </div>
      </div>
    </Layout>
  )
}
