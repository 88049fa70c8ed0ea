import type { LeadAnswer } from '../../shared/api.ts'
import { DECISIONS, type DecisionName, NOTE_KINDS, REJECT_REASONS } from '../../shared/lead.ts'
import { refusal } from '../lead/decide.ts'
import { useLocale } from './locale.ts'

/** What sales does with a lead: forms that work without a script. */

function Fields({ decision }: { decision: DecisionName }) {
  const { t } = useLocale()
  if (decision === 'reject') {
    return (
      <>
        <label>
          {t.sales.reason}
          <select name="reason" required>
            {REJECT_REASONS.map((reason) => (
              <option value={reason}>{t.reasons[reason]}</option>
            ))}
          </select>
        </label>
        <label>
          {t.sales.until}
          <input type="date" name="until" />
        </label>
      </>
    )
  }
  if (decision === 'won') {
    return (
      <label>
        {t.sales.value}
        <input type="number" name="value" min="0" step="0.01" inputmode="decimal" />
      </label>
    )
  }
  if (decision === 'lost' || decision === 'disqualify') {
    return (
      <label>
        {t.sales.freeReason}
        <input name="reason" maxlength={300} />
      </label>
    )
  }
  return null
}

/** What one hopes for. */
const MAIN = new Set<DecisionName>(['accept', 'opportunity'])

function Decide({ lead, decision }: { lead: LeadAnswer; decision: DecisionName }) {
  const { t } = useLocale()
  return (
    <form class="form" method="post" action={`/leads/${encodeURIComponent(lead.id)}/decision`}>
      <input type="hidden" name="decision" value={decision} />
      {/* Whoever decides has seen so many decisions: somebody else's in between is told instead of overruled. */}
      <input type="hidden" name="expectedVersion" value={String(lead.decisions.length)} />
      <Fields decision={decision} />
      <button type="submit" class={MAIN.has(decision) ? 'button' : 'button second'}>
        {t.sales[decision]}
      </button>
    </form>
  )
}

function Clock({ lead, now }: { lead: LeadAnswer; now: number }) {
  const { t, f } = useLocale()
  if (lead.dueAt !== null) {
    const late = Date.parse(lead.dueAt) <= now
    return (
      <p class={late ? 'error' : 'quiet'}>
        {late ? t.sales.overdue : t.sales.due} <time datetime={lead.dueAt}>{f.day(lead.dueAt, now)}</time>,{' '}
        {f.clock(lead.dueAt)}.
      </p>
    )
  }
  if (lead.coolUntil === null || Date.parse(lead.coolUntil) <= now) return null
  return (
    <p class="quiet">
      {t.sales.cooling} <time datetime={lead.coolUntil}>{f.day(lead.coolUntil, now)}</time>.{' '}
      {t.sales.coolingThen}
    </p>
  )
}

export function Sales({ lead, now, error }: { lead: LeadAnswer; now: number; error?: string | undefined }) {
  const { t } = useLocale()
  const open = DECISIONS.filter((decision) => refusal(lead, { decision }) === null)
  // What is due: an answer to the hand-over, and after it what came of it.
  const due: DecisionName[] =
    lead.stage === 'sql' && lead.accepted ? ['opportunity', 'won'] : ['accept', 'reject']
  const first = open.filter((decision) => due.includes(decision))
  const others = open.filter((decision) => !due.includes(decision))
  return (
    <section class="card sales" aria-labelledby="sales">
      <h2 id="sales">{t.sales.title}</h2>
      {error ? (
        <p class="error" role="alert">
          {t.sentence(error)}
        </p>
      ) : null}
      <Clock lead={lead} now={now} />
      {first.map((decision) => (
        <Decide lead={lead} decision={decision} />
      ))}
      {others.length > 0 ? (
        <details open={first.length === 0 && lead.stage === 'opportunity'}>
          <summary>{first.length > 0 ? t.sales.others : t.sales.decide}</summary>
          {others.map((decision) => (
            <Decide lead={lead} decision={decision} />
          ))}
        </details>
      ) : null}
      <DecisionList lead={lead} now={now} />
      <p>
        <a href={`/leads/${encodeURIComponent(lead.id)}/dossier`}>{t.sales.dossier}</a>
      </p>
    </section>
  )
}

export function DecisionList({ lead, now }: { lead: LeadAnswer; now: number }) {
  const { t, f } = useLocale()
  const reasons: Record<string, string> = t.reasons
  if (lead.decisions.length === 0) return null
  return (
    <ol class="moves">
      {lead.decisions.toReversed().map(({ decision, at, by, reason, value }) => (
        <li>
          <p>
            {t.sales.past[decision]}
            {value === null ? '' : `, ${value}`}
            {reason === null ? null : (
              <>
                : <bdi>{decision === 'reject' ? (reasons[reason] ?? reason) : reason}</bdi>
              </>
            )}
          </p>
          <p class="quiet">
            <time datetime={at}>{f.ago(at, now)}</time> · {t.lead.by} <bdi>{by}</bdi>
          </p>
        </li>
      ))}
    </ol>
  )
}

export function NoteList({ lead, now }: { lead: LeadAnswer; now: number }) {
  const { t, f } = useLocale()
  if (lead.notes.length === 0) return <p class="quiet">{t.notes.none}</p>
  return (
    <ul class="moves">
      {lead.notes.toReversed().map(({ kind, text, at, by }) => (
        <li>
          <p>
            <strong>{t.notes.kinds[kind]}</strong> <bdi>{text}</bdi>
          </p>
          <p class="quiet">
            <time datetime={at}>{f.ago(at, now)}</time> · {t.lead.by} <bdi>{by}</bdi>
          </p>
        </li>
      ))}
    </ul>
  )
}

export function Notes({ lead, now }: { lead: LeadAnswer; now: number }) {
  const { t } = useLocale()
  return (
    <section class="card" aria-labelledby="notes">
      <h2 id="notes">{t.notes.title}</h2>
      <NoteList lead={lead} now={now} />
      <form class="form" method="post" action={`/leads/${encodeURIComponent(lead.id)}/notes`}>
        <label>
          {t.notes.about}
          <select name="kind">
            {NOTE_KINDS.map((kind) => (
              <option value={kind}>{t.notes.kinds[kind]}</option>
            ))}
          </select>
        </label>
        <label>
          {t.notes.note}
          <textarea name="text" rows={2} maxlength={4000} required />
        </label>
        <button type="submit" class="button second">
          {t.notes.add}
        </button>
      </form>
    </section>
  )
}
