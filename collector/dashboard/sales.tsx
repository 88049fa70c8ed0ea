import type { LeadAnswer } from '../../shared/api.ts'
import { DECISIONS, type DecisionName, NOTE_KINDS, type NoteKind, REJECT_REASONS } from '../../shared/lead.ts'
import { refusal } from '../lead/decide.ts'
import { useLocale } from './locale.ts'

/** What sales does with a lead: forms that work without a script. */

const BUTTONS: Record<DecisionName, string> = {
  accept: 'Accept',
  reject: 'Reject',
  recycle: 'Recycle',
  opportunity: 'Opportunity',
  won: 'Won',
  lost: 'Lost',
  disqualify: 'Disqualify',
  restore: 'Restore',
}

const PAST: Record<DecisionName, string> = {
  accept: 'Accepted',
  reject: 'Rejected',
  recycle: 'Recycled',
  opportunity: 'Made an opportunity',
  won: 'Won',
  lost: 'Lost',
  disqualify: 'Disqualified',
  restore: 'Restored',
}

export const NOTE_NAMES: Record<NoteKind, string> = {
  budget: 'Budget',
  authority: 'Authority',
  need: 'Need',
  timing: 'Timing',
  role: 'Role',
  pain: 'Pain point',
  other: 'Other',
}

const words = (name: string): string => {
  const plain = name.replaceAll('_', ' ')
  return plain.charAt(0).toUpperCase() + plain.slice(1)
}

function Fields({ decision }: { decision: DecisionName }) {
  if (decision === 'reject') {
    return (
      <>
        <label>
          Reason
          <select name="reason" required>
            {REJECT_REASONS.map((reason) => (
              <option value={reason}>{words(reason)}</option>
            ))}
          </select>
        </label>
        <label>
          Not before, for bad timing
          <input type="date" name="until" />
        </label>
      </>
    )
  }
  if (decision === 'won') {
    return (
      <label>
        Value
        <input type="number" name="value" min="0" step="0.01" inputmode="decimal" />
      </label>
    )
  }
  if (decision === 'lost' || decision === 'disqualify') {
    return (
      <label>
        Reason, if you like
        <input name="reason" maxlength={300} />
      </label>
    )
  }
  return null
}

function Decide({ lead, decision }: { lead: LeadAnswer; decision: DecisionName }) {
  return (
    <form class="form" method="post" action={`/leads/${encodeURIComponent(lead.id)}/decision`}>
      <input type="hidden" name="decision" value={decision} />
      {/* Whoever decides has seen so many decisions: somebody else's in between is told instead of overruled. */}
      <input type="hidden" name="expectedVersion" value={String(lead.decisions.length)} />
      <Fields decision={decision} />
      <button type="submit" class={decision === 'accept' ? 'button' : 'button second'}>
        {BUTTONS[decision]}
      </button>
    </form>
  )
}

function Clock({ lead, now }: { lead: LeadAnswer; now: number }) {
  const { f } = useLocale()
  if (lead.dueAt !== null) {
    const late = Date.parse(lead.dueAt) <= now
    return (
      <p class={late ? 'error' : 'quiet'}>
        {late ? 'Overdue: an answer was due ' : 'An answer is due '}
        <time datetime={lead.dueAt}>{f.day(lead.dueAt, now)}</time>, {f.clock(lead.dueAt)}.
      </p>
    )
  }
  if (lead.coolUntil === null || Date.parse(lead.coolUntil) <= now) return null
  return (
    <p class="quiet">
      Cooling down: nothing promotes before{' '}
      <time datetime={lead.coolUntil}>{f.day(lead.coolUntil, now)}</time>, and then a new sign of intent does.
    </p>
  )
}

export function Sales({ lead, now, error }: { lead: LeadAnswer; now: number; error?: string | undefined }) {
  const open = DECISIONS.filter((decision) => refusal(lead, { decision }) === null)
  const first = open.filter((decision) => decision === 'accept' || decision === 'reject')
  const others = open.filter((decision) => decision !== 'accept' && decision !== 'reject')
  return (
    <section class="card sales" aria-labelledby="sales">
      <h2 id="sales">Sales</h2>
      {error ? (
        <p class="error" role="alert">
          {error}
        </p>
      ) : null}
      <Clock lead={lead} now={now} />
      {first.map((decision) => (
        <Decide lead={lead} decision={decision} />
      ))}
      {others.length > 0 ? (
        <details open={first.length === 0 && lead.stage === 'opportunity'}>
          <summary>{first.length > 0 ? 'Other outcomes' : 'Decide'}</summary>
          {others.map((decision) => (
            <Decide lead={lead} decision={decision} />
          ))}
        </details>
      ) : null}
      <DecisionList lead={lead} now={now} />
      <p>
        <a href={`/leads/${encodeURIComponent(lead.id)}/dossier`}>Dossier to print</a>
      </p>
    </section>
  )
}

export function DecisionList({ lead, now }: { lead: LeadAnswer; now: number }) {
  const { f } = useLocale()
  if (lead.decisions.length === 0) return null
  return (
    <ol class="moves">
      {lead.decisions.toReversed().map(({ decision, at, by, reason, value }) => (
        <li>
          <p>
            {PAST[decision]}
            {value === null ? '' : `, ${value}`}
            {reason === null ? null : (
              <>
                : <bdi>{decision === 'reject' ? reason.replaceAll('_', ' ') : reason}</bdi>
              </>
            )}
          </p>
          <p class="quiet">
            <time datetime={at}>{f.ago(at, now)}</time> · by <bdi>{by}</bdi>
          </p>
        </li>
      ))}
    </ol>
  )
}

export function NoteList({ lead, now }: { lead: LeadAnswer; now: number }) {
  const { f } = useLocale()
  if (lead.notes.length === 0) return <p class="quiet">None yet.</p>
  return (
    <ul class="moves">
      {lead.notes.toReversed().map(({ kind, text, at, by }) => (
        <li>
          <p>
            <strong>{NOTE_NAMES[kind]}</strong> <bdi>{text}</bdi>
          </p>
          <p class="quiet">
            <time datetime={at}>{f.ago(at, now)}</time> · by <bdi>{by}</bdi>
          </p>
        </li>
      ))}
    </ul>
  )
}

export function Notes({ lead, now }: { lead: LeadAnswer; now: number }) {
  return (
    <section class="card" aria-labelledby="notes">
      <h2 id="notes">Notes</h2>
      <NoteList lead={lead} now={now} />
      <form class="form" method="post" action={`/leads/${encodeURIComponent(lead.id)}/notes`}>
        <label>
          About
          <select name="kind">
            {NOTE_KINDS.map((kind) => (
              <option value={kind}>{NOTE_NAMES[kind]}</option>
            ))}
          </select>
        </label>
        <label>
          Note
          <textarea name="text" rows={2} maxlength={4000} required />
        </label>
        <button type="submit" class="button second">
          Add the note
        </button>
      </form>
    </section>
  )
}
