import type { DossierAnswer } from '../../shared/api.ts'
import type { Frame } from './layout.tsx'
import { Layout } from './layout.tsx'
import { useLocale } from './locale.ts'
import { nameOf, StageBadge, Trend } from './parts.tsx'
import { DecisionList, NoteList } from './sales.tsx'
import { Why } from './why.tsx'

export interface DossierProps {
  frame: Frame
  dossier: DossierAnswer
  now: number
}

function Head({ dossier: { lead }, now }: DossierProps) {
  const { f } = useLocale()
  const known = [lead.email, lead.phone, lead.company].filter((part) => part !== null)
  return (
    <section class="card">
      <p class="quiet">
        <StageBadge stage={lead.stage} /> since {f.day(lead.stageSince, now)} · <Trend trend={lead.trend} />
      </p>
      <h1>
        <bdi>{nameOf(lead)}</bdi>
      </h1>
      <p>
        {known.map((part, i) => (
          <>
            {i === 0 ? '' : ' · '}
            <bdi>{part}</bdi>
          </>
        ))}
      </p>
      <p>
        Engagement <strong>{f.score(lead.engagement)}</strong> of 100, fit{' '}
        <strong>{f.score(lead.fit)}</strong> of 100 with {lead.fitKnown} of {lead.fitFields} fields known;{' '}
        {lead.visits} visits, first from <bdi>{lead.source ?? 'an unknown source'}</bdi>
      </p>
      {lead.nextStep ? (
        <p class="next">
          <strong>Next step</strong> <bdi>{lead.nextStep}</bdi>
        </p>
      ) : null}
      {lead.dueAt === null ? null : (
        <p>
          An answer is due <time datetime={lead.dueAt}>{f.day(lead.dueAt, now)}</time>, {f.clock(lead.dueAt)}.
        </p>
      )}
    </section>
  )
}

function Team({ dossier: { company } }: DossierProps) {
  const { f } = useLocale()
  if (!company) return null
  return (
    <section class="card" aria-labelledby="team">
      <h2 id="team">
        Team of <bdi>{company.name}</bdi>
      </h2>
      <ul class="moves">
        {company.people.map((person) => (
          <li>
            <bdi>{nameOf(person)}</bdi>
            {person.role === null ? null : (
              <>
                , <bdi>{person.role}</bdi>
              </>
            )}{' '}
            <StageBadge stage={person.stage} /> <span class="quiet">{f.score(person.engagement)} points</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Read({ dossier: { pages, content }, now }: DossierProps) {
  const { f } = useLocale()
  return (
    <section class="card" aria-labelledby="read">
      <h2 id="read">Read and downloaded</h2>
      {pages.length + content.length === 0 ? <p class="quiet">Nothing that is known.</p> : null}
      <ul class="moves">
        {content.map(({ title, at }) => (
          <li>
            <strong>Downloaded</strong> <bdi>{title}</bdi> <span class="quiet">{f.day(at, now)}</span>
          </li>
        ))}
        {pages.map(({ path, title, views, engagedMs }) => (
          <li>
            <bdi>{title}</bdi>{' '}
            <span class="quiet">
              <bdi>{path}</bdi> · {views === 1 ? 'once' : `${views} times`}, {f.duration(engagedMs)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Path({ dossier: { path }, now }: DossierProps) {
  const { f } = useLocale()
  const days = [...Map.groupBy(path, ({ at }) => f.dayKey(at))]
  return (
    <section class="card" aria-labelledby="path">
      <h2 id="path">The way to today</h2>
      {days.map(([, items]) => (
        <p>
          <strong>{f.day(items[0]!.at, now)}</strong>{' '}
          {items.map(({ title }, i) => (
            <>
              {i === 0 ? '' : ' · '}
              <bdi>{title}</bdi>
            </>
          ))}
        </p>
      ))}
    </section>
  )
}

/** A lead on one sheet, for the call; it prints as it stands. */
export function Dossier(props: DossierProps) {
  const { frame, dossier, now } = props
  const { lead } = dossier
  return (
    <Layout title={`Dossier: ${nameOf(lead)}`} frame={frame}>
      <p class="crumbs">
        <a href={`/leads/${encodeURIComponent(lead.id)}`}>Back to the lead</a>
      </p>
      <div class="stack">
        <Head {...props} />
        <section class="card" aria-labelledby="noted">
          <h2 id="noted">Notes and decisions</h2>
          <NoteList lead={lead} now={now} />
          <DecisionList lead={lead} now={now} />
        </section>
        <Team {...props} />
        <Read {...props} />
        <Why lead={lead} now={now} />
        <Path {...props} />
      </div>
    </Layout>
  )
}
