import type { LeadAnswer, Page, TimelineItem } from '../../shared/api.ts'
import type { Transition } from '../../shared/lead.ts'
import { companyUrl } from './company.tsx'
import { Gauge } from './gauge.tsx'
import type { Frame } from './layout.tsx'
import { Layout, siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { Ago, Bar, Long, nameOf, StageBadge, Trend } from './parts.tsx'
import { Notes, Sales } from './sales.tsx'
import { Timeline } from './timeline.tsx'
import { Why } from './why.tsx'

export interface LeadProps {
  frame: Frame
  lead: LeadAnswer
  timeline: Page<TimelineItem>
  /** Whether the timeline starts with the newest. */
  first: boolean
  now: number
  /** Why what was just sent was refused. */
  error?: string | undefined
}

function fitInWords({ fitDetail }: LeadAnswer): string {
  if (fitDetail.disqualified) return `Disqualified: ${fitDetail.disqualified}`
  const known = `known: ${fitDetail.known} of ${fitDetail.fields} fields`
  return fitDetail.bad ? `Does not fit; ${known}` : known
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

const FLAGS: Record<string, { title: string; text: string }> = {
  'many-visitors': {
    title: 'More devices than one person has.',
    text: 'A shared browser, or an address that many type in: the history may be that of several people.',
  },
}

/** What whoever calls this person should know before. */
function Doubts({ lead }: { lead: LeadAnswer }) {
  return (
    <>
      {lead.verified ? null : (
        <p class="doubt">
          <strong>Claimed in a browser, not confirmed.</strong> Anybody can type an address. It cannot become
          SQL until your form or CRM confirms it, and this history will not come along then.
        </p>
      )}
      {lead.flags.map((flag) => (
        <p class="doubt">
          <strong>
            <bdi>{FLAGS[flag]?.title ?? flag}</bdi>
          </strong>{' '}
          {FLAGS[flag]?.text}
        </p>
      ))}
    </>
  )
}

function Head({ lead, now }: { lead: LeadAnswer; now: number }) {
  const { f } = useLocale()
  return (
    <section class="card lead-head">
      <div class="who">
        <p class="quiet">
          <StageBadge stage={lead.stage} /> since <Ago at={lead.stageSince} now={now} />
          {lead.accepted ? ' · accepted by sales' : null}
        </p>
        <h1>
          <bdi>{nameOf(lead)}</bdi>
        </h1>
        <Contact lead={lead} />
        <Doubts lead={lead} />
        {lead.nextStep ? (
          <p class="next">
            <strong>Next step</strong> <bdi>{lead.nextStep}</bdi>
          </p>
        ) : null}
      </div>
      <div class="scores">
        <div class="score">
          <h2>
            Engagement <span class="big">{f.score(lead.engagement)}</span>
          </h2>
          <Gauge points={lead.engagement} mql={lead.thresholds.mql} sql={lead.thresholds.sql} />
          <p class="quiet">
            <Trend trend={lead.trend} /> · last seen <Ago at={lead.lastSeenAt} now={now} />
          </p>
        </div>
        <div class="score">
          <h2>
            Fit <span class="big">{f.score(lead.fit)}</span>
          </h2>
          <Bar share={lead.fit} kind={lead.fitDetail.bad ? 'bad' : 'good'} />
          <p class="quiet">
            <bdi>{fitInWords(lead)}</bdi>
          </p>
        </div>
      </div>
    </section>
  )
}

/** Who moved somebody: a rule, a form, a claim, the calendar, or the person who decided. */
function byInWords(by: string, verified: boolean): string {
  if (by === 'identify') return verified ? 'your form or CRM' : 'a claim in a browser'
  if (by === 'tick') return 'the passing of time'
  return by.replace(/^rules:/, 'rules, version ')
}

function Move({ move, lead, now }: { move: Transition; lead: LeadAnswer; now: number }) {
  const { f } = useLocale()
  const takenBy = [...lead.transitions, ...lead.superseded].find(({ id }) => id === move.supersededBy)
  return (
    <li>
      <p>
        <StageBadge stage={move.from} /> <span aria-hidden="true">→</span>
        <span class="unseen">to</span> <StageBadge stage={move.to} />
      </p>
      <p>
        <bdi>{move.why}</bdi>
      </p>
      <p class="quiet">
        <time datetime={move.effectiveAt}>{f.day(move.effectiveAt, now)}</time> · by{' '}
        <bdi>{byInWords(move.by, lead.verified)}</bdi>
        {takenBy ? (
          <>
            {' '}
            · taken back <time datetime={takenBy.recordedAt}>{f.day(takenBy.recordedAt, now)}</time>
          </>
        ) : null}
      </p>
    </li>
  )
}

function Transitions({ lead, now }: { lead: LeadAnswer; now: number }) {
  /* One form can make two steps in one moment; turned round first, these too stand in their order. */
  const newestFirst: Transition[] = lead.transitions
    .toReversed()
    .toSorted((a, b) => Date.parse(b.effectiveAt) - Date.parse(a.effectiveAt))
  const superseded = lead.superseded.toReversed()
  return (
    <section class="card" aria-labelledby="stages">
      <h2 id="stages">Stages so far</h2>
      {newestFirst.length === 0 ? <p class="quiet">None has changed yet.</p> : null}
      <ol class="moves">
        {newestFirst.map((move) => (
          <Move move={move} lead={lead} now={now} />
        ))}
      </ol>
      {superseded.length > 0 ? (
        <details>
          <summary>{superseded.length} corrected</summary>
          <p class="quiet">
            Noted once, and no longer so: what came late, a merge or other rules have shown another past.
          </p>
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
  const { f } = useLocale()
  const facts: [string, string][] = [
    ['Lead since', f.day(lead.createdAt, now)],
    ['Visits', f.count(lead.visits)],
    ['Devices', f.count(lead.visitors)],
    ['First source', lead.source ?? 'direct or unknown'],
    ...(lead.lastSource !== null && lead.lastSource !== lead.source
      ? [['Last source', lead.lastSource] as [string, string]]
      : []),
  ]
  if (lead.mergedFrom.length > 0) facts.push(['Merged records', f.count(lead.mergedFrom.length)])
  if (lead.externalId) facts.push(['Your id', lead.externalId])
  if (lead.segments.length > 0) facts.push(['Segments', lead.segments.join(', ')])
  return (
    <section class="card" aria-labelledby="facts">
      <h2 id="facts">Facts</h2>
      <Pairs pairs={facts} />
    </section>
  )
}

function Traits({ lead }: { lead: LeadAnswer }) {
  const traits = flatten(lead.traits)
  return (
    <section class="card" aria-labelledby="traits">
      <h2 id="traits">Traits</h2>
      {traits.length === 0 ? (
        <p class="quiet">
          None yet. Pass <code>traits</code> with the identify call, such as a title, a company and its size:
          fit is made of them.
        </p>
      ) : (
        <Pairs pairs={traits} />
      )}
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

export function Lead({ frame, lead, timeline, first, now, error }: LeadProps) {
  const { t } = useLocale()
  return (
    <Layout title={nameOf(lead)} frame={frame}>
      <p class="crumbs">
        <a href={siteUrl('/leads', lead.site)}>Leads</a> <span aria-hidden="true">/</span>{' '}
        <a href={`${siteUrl('/leads', lead.site)}&stage=${lead.stage}`}>{t.stages[lead.stage]}</a>
      </p>
      <Head lead={lead} now={now} />
      <div class="columns aside">
        <div class="stack">
          <Why lead={lead} now={now} />
          <Timeline items={timeline} url={`/leads/${encodeURIComponent(lead.id)}`} first={first} />
        </div>
        <div class="stack">
          <Sales lead={lead} now={now} error={error} />
          <Notes lead={lead} now={now} />
          <Transitions lead={lead} now={now} />
          <Facts lead={lead} now={now} />
          <Traits lead={lead} />
        </div>
      </div>
    </Layout>
  )
}
