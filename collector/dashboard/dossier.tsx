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
  const { t, f } = useLocale()
  const known = [lead.email, lead.phone, lead.company].filter((part) => part !== null)
  return (
    <section class="card">
      <p class="quiet">
        <StageBadge stage={lead.stage} /> {t.lead.since} {f.day(lead.stageSince, now)} ·{' '}
        <Trend trend={lead.trend} />
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
        {t.list.engagement} <strong>{f.score(lead.engagement)}</strong> {t.dossier.ofHundred}, {t.list.fit}{' '}
        <strong>{f.score(lead.fit)}</strong> {t.dossier.ofHundred}{' '}
        {t.dossier.known(lead.fitKnown, lead.fitFields)}; {t.dossier.visits(f.count(lead.visits))},{' '}
        {t.dossier.firstFrom} <bdi>{lead.source ?? t.dossier.unknownSource}</bdi>
      </p>
      {lead.nextStep ? (
        <p class="next">
          <strong>{t.list.nextStep}</strong> <bdi>{t.sentence(lead.nextStep)}</bdi>
        </p>
      ) : null}
      {lead.dueAt === null ? null : (
        <p>
          {t.dossier.due} <time datetime={lead.dueAt}>{f.day(lead.dueAt, now)}</time>, {f.clock(lead.dueAt)}.
        </p>
      )}
    </section>
  )
}

function Team({ dossier: { company } }: DossierProps) {
  const { t, f } = useLocale()
  if (!company) return null
  return (
    <section class="card" aria-labelledby="team">
      <h2 id="team">
        {t.dossier.team} <bdi>{company.name}</bdi>
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
            <StageBadge stage={person.stage} />{' '}
            <span class="quiet">{t.dossier.points(f.score(person.engagement))}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Read({ dossier: { pages, content }, now }: DossierProps) {
  const { t, f } = useLocale()
  return (
    <section class="card" aria-labelledby="read">
      <h2 id="read">{t.dossier.read}</h2>
      {pages.length + content.length === 0 ? <p class="quiet">{t.dossier.nothing}</p> : null}
      <ul class="moves">
        {content.map(({ title, at }) => (
          <li>
            <strong>{t.dossier.downloaded}</strong> <bdi>{title}</bdi>{' '}
            <span class="quiet">{f.day(at, now)}</span>
          </li>
        ))}
        {pages.map(({ path, title, views, engagedMs }) => (
          <li>
            <bdi>{title}</bdi>{' '}
            <span class="quiet">
              <bdi>{path}</bdi> · {t.dossier.times(f.count(views))}, {f.duration(engagedMs)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Path({ dossier: { path }, now }: DossierProps) {
  const { t, f } = useLocale()
  const days = [...Map.groupBy(path, ({ at }) => f.dayKey(at))]
  return (
    <section class="card" aria-labelledby="path">
      <h2 id="path">{t.dossier.way}</h2>
      {days.map(([, items]) => (
        <p>
          <strong>{f.day(items[0]!.at, now)}</strong>{' '}
          {items.map(({ title }, i) => (
            <>
              {i === 0 ? '' : ' · '}
              <bdi>{t.sentence(title)}</bdi>
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
  const { t } = useLocale()
  const { lead } = dossier
  return (
    <Layout title={t.dossier.title(nameOf(lead))} frame={frame}>
      <p class="crumbs">
        <a href={`/leads/${encodeURIComponent(lead.id)}`}>{t.dossier.back}</a>
      </p>
      <div class="stack">
        <Head {...props} />
        <section class="card" aria-labelledby="noted">
          <h2 id="noted">{t.dossier.noted}</h2>
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
