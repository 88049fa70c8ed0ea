import type { AuditItem, Page } from '../../shared/api.ts'
import type { ShownLead } from '../read/curves.ts'
import type { Frame } from './layout.tsx'
import { siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { nameOf, StageBadge } from './parts.tsx'
import { type Said, SetUpFrame } from './setup-frame.tsx'
import { Pager, Table } from './table.tsx'

export interface PrivacyProps {
  frame: Frame & { site: string }
  said: Said
  /** What was looked for, '' for nothing. */
  q: string
  found: ShownLead[]
  audit: Page<AuditItem>
  first: boolean
  now: number
}

function Find({ frame, q, found }: PrivacyProps) {
  const { t } = useLocale()
  return (
    <section class="card" aria-labelledby="find">
      <h2 id="find">{t.privacy.find}</h2>
      <p class="quiet">{t.privacy.how}</p>
      <form method="get" action="/setup/privacy" class="in-line">
        <input type="hidden" name="site" value={frame.site} />
        <input
          type="search"
          name="q"
          value={q}
          maxlength={100}
          required
          aria-label={t.leads.search}
          placeholder={t.leads.search}
        />
        <button type="submit" class="button second">
          {t.leads.find}
        </button>
      </form>
      {q !== '' && found.length === 0 ? <p>{t.privacy.nobody}</p> : null}
      {found.length === 0 ? null : (
        <Table
          look="rows"
          rows={found}
          columns={[
            {
              title: t.list.who,
              names: true,
              cell: (lead) => (
                <>
                  <a href={`/leads/${encodeURIComponent(lead.id)}#privacy`}>
                    <bdi>{nameOf(lead)}</bdi>
                  </a>{' '}
                  <bdi class="quiet">{lead.name ? lead.email : null}</bdi>
                </>
              ),
            },
            { title: t.list.stage, cell: ({ stage }) => <StageBadge stage={stage} /> },
            {
              title: <span class="unseen">{t.access.act}</span>,
              cell: ({ id }) => (
                <span class="acts">
                  <a class="button second small" href={`/v1/leads/${encodeURIComponent(id)}/export`} download>
                    {t.person.export}
                  </a>
                  <a class="button second small" href={`/leads/${encodeURIComponent(id)}/erase`}>
                    {t.person.erase}…
                  </a>
                </span>
              ),
            },
          ]}
        />
      )}
    </section>
  )
}

/** What people may ask for, and what was done of it. */
export function SetUpPrivacy(props: PrivacyProps) {
  const { t, f } = useLocale()
  const { frame, said, audit, first, now } = props
  return (
    <SetUpFrame frame={frame} part="privacy" said={said}>
      <Find {...props} />
      <section class="card" aria-labelledby="audit">
        <h2 id="audit">{t.privacy.audit}</h2>
        <p class="quiet">{t.privacy.auditWhat}</p>
        {audit.items.length === 0 ? (
          <p>{t.privacy.none}</p>
        ) : (
          <Table
            look="rows"
            rows={audit.items}
            columns={[
              { title: t.privacy.what, names: true, cell: ({ what }) => t.privacy.done[what] },
              { title: t.webhooks.when, nowrap: true, cell: ({ at }) => f.ago(at, now) },
              { title: t.rules.by, cell: ({ by }) => <bdi>{by}</bdi> },
              { title: t.nav.site, from: 'wide', cell: ({ site }) => <bdi>{site}</bdi> },
            ]}
          />
        )}
        <Pager url={siteUrl('/setup/privacy', frame.site)} first={first} next={audit.next} />
      </section>
    </SetUpFrame>
  )
}
