import type { LeadAnswer } from '../../shared/api.ts'
import type { Frame } from './layout.tsx'
import { may } from './layout.tsx'
import { useLocale } from './locale.ts'

/** Who works the lead. */
export function Owner({ lead, frame }: { lead: LeadAnswer; frame: Frame }) {
  const { t } = useLocale()
  return (
    <section class="card" aria-labelledby="owner">
      <h2 id="owner">{t.leads.filter.owner}</h2>
      <form class="in-line" method="post" action={`/leads/${encodeURIComponent(lead.id)}/owner`}>
        <input
          name="owner"
          value={lead.owner ?? ''}
          placeholder={frame.person?.name ?? ''}
          maxlength={100}
          aria-labelledby="owner"
        />
        <button type="submit" class="button second">
          {t.list.save}
        </button>
      </form>
    </section>
  )
}

/** What the person may ask for. */
export function Privacy({ lead, frame }: { lead: LeadAnswer; frame: Frame }) {
  const { t } = useLocale()
  const id = encodeURIComponent(lead.id)
  const objects = lead.flags.includes('objects-to-profiling')
  return (
    <section class="card no-print" aria-labelledby="privacy">
      <h2 id="privacy">{t.person.title}</h2>
      <form method="post" action={`/leads/${id}/objection`} class="form">
        <input type="hidden" name="objects" value={objects ? 'no' : 'yes'} />
        <p class="quiet">{objects ? t.person.objects : t.person.profiled}</p>
        <button type="submit" class="button second">
          {objects ? t.person.profile : t.person.object}
        </button>
      </form>
      {may(frame, 'admin') ? (
        <p class="bulk">
          <a class="button second" href={`/v1/leads/${id}/export`} download>
            {t.person.export}
          </a>
          <a class="button second" href={`/leads/${id}/erase`}>
            {t.person.erase}…
          </a>
        </p>
      ) : null}
    </section>
  )
}
