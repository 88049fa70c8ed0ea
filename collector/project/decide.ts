import type { LeadMessage } from '../../shared/messages.ts'
import type { DecisionEntry, NoteEntry, Notify, Outcome } from '../entry.ts'
import { dayOf } from '../lead/day.ts'
import { decideInOrder, inWords, refusal } from '../lead/decide.ts'
import { standingRules, takes } from '../lead/hand-over.ts'
import { nextStep } from '../lead/next-step.ts'
import { outcomeOf } from '../lead/outcome.ts'
import type { Decision, Lead } from '../lead/state.ts'
import { type Contact, factsOf, type LeadRow } from '../store/store.ts'
import type { Batch } from './batch.ts'
import { foldLead, landLead } from './leads.ts'
import { post } from './post.ts'
import type { RuledSite } from './sites.ts'

/** A decision of a lead: refused where it does not fit what stands, else written down with all that follows from it. */
export async function decided(
  batch: Batch,
  site: RuledSite,
  entry: DecisionEntry,
  now: number,
): Promise<Outcome> {
  const { decision } = entry
  const no = await batch.contactByIdentity(site.no, 'id', entry.contact)
  const contact = no === undefined ? undefined : await batch.standing(no)
  const row = contact && (await batch.lead(contact.no))
  if (!contact || !row) return { status: 404, body: { detail: 'no such lead' } }
  const earlier = await batch.decisions(contact.no)
  const conflict = entry.isPast ? null : conflictOf(row.lead, earlier, entry)
  if (conflict) return { status: 409, body: { detail: conflict } }
  const fault = datingFault(contact, decision)
  if (fault) return { status: 422, body: { detail: fault } }

  batch.appended.decisions.push({ contact: contact.no, site: site.no, decision, recordedAt: now })
  const after = await carryOut(batch, site, contact, row, decision, now, entry.isPast ? 'silent' : 'all')
  if (!entry.isPast)
    post(batch, {
      site: site.no,
      contact,
      payload: payload(site, contact, row.lead, after, decision, now),
      now,
    })
  const { lead, engagement } = after
  return {
    status: 200,
    body: {
      id: contact.id,
      stage: lead.stage,
      accepted: lead.accepted,
      engagement: engagement / 100,
      coolUntil: lead.coolUntil > 0 ? iso(lead.coolUntil) : null,
      version: earlier.length + 1,
    },
  }
}

/** Keeps a note of a person; it moves nothing. */
export async function noted(batch: Batch, site: RuledSite, entry: NoteEntry): Promise<Outcome> {
  const no = await batch.contactByIdentity(site.no, 'id', entry.contact)
  if (no === undefined) return { status: 404, body: { detail: 'no such lead' } }
  const contact = await batch.standing(no)
  const { id, about, text, at, by } = entry
  batch.appended.notes.push({ contact: contact.no, at, id, site: site.no, about, text, by })
  return { status: 201, body: { id } }
}

async function carryOut(
  batch: Batch,
  site: RuledSite,
  contact: Contact,
  row: LeadRow,
  decision: Decision,
  now: number,
  notify: Notify,
): Promise<LeadRow> {
  const facts = factsOf(contact)
  const step = decideInOrder(row.lead, facts, decision, site.rules, now)
  if (!step) return foldLead(batch, site, contact.no, now, notify)
  const decisions = await batch.decisions(contact.no)
  const isFirst = takes(decision) && decisions.filter(takes).length === 1
  batch.appended.handOvers.push({
    contact: contact.no,
    isWon: outcomeOf(decisions)?.won ?? null,
    ...(isFirst && {
      rules: standingRules(await batch.cellList(contact.no), dayOf(decision.at), site.rules),
    }),
  })
  return landLead(batch, site, contact, row, step.lead, step.changes, now, notify)
}

/** Why the decision does not fit the lead as it stands now, with who decided last and when; null where it does. */
function conflictOf(
  lead: Lead,
  earlier: readonly Decision[],
  { decision, expected }: DecisionEntry,
): string | null {
  const last = earlier.at(-1)
  const lately = last ? `; last decided by ${last.by} at ${iso(last.at)}: ${inWords(last)}` : ''
  if (expected.version !== undefined && expected.version !== earlier.length)
    return `expectedVersion: somebody has decided since, look at the lead again${lately}`
  if (expected.stage !== undefined && expected.stage !== lead.stage)
    return `expectedStage: the lead has moved to ${lead.stage} at ${iso(lead.since)}, look at it again${lately}`
  const refused = refusal(lead, decision)
  return refused && `${refused}${lately}`
}

function datingFault({ identifiedAt }: Contact, { at, until }: Decision): string | null {
  if (at < identifiedAt)
    return `at: ${iso(at)} is before first contact with this person at ${iso(identifiedAt)}; send a later time`
  if (until !== null && until <= at) return 'until: send a time after the decision'
  return null
}

const TYPES: Record<Decision['decision'], LeadMessage['type']> = {
  accept: 'lead.accepted',
  reject: 'lead.rejected',
  recycle: 'lead.recycled',
  opportunity: 'lead.opportunity',
  won: 'lead.won',
  lost: 'lead.lost',
  disqualify: 'lead.disqualified',
  restore: 'lead.restored',
}

function payload(
  site: RuledSite,
  contact: Contact,
  before: Lead,
  { lead, engagement, dueAt }: LeadRow,
  decision: Decision,
  now: number,
): LeadMessage {
  const { by, reason, value } = decision
  return {
    type: TYPES[decision.decision],
    timestamp: iso(now),
    data: {
      id: contact.id,
      site: site.id,
      from: before.stage,
      to: lead.stage,
      engagement: engagement / 100,
      why: inWords(decision),
      nextStep: nextStep(lead, dueAt, site.rules, now),
      segments: site.rules.stages[lead.stage].segments,
      by,
      ...(reason !== null && { reason }),
      ...(value !== null && { value }),
    },
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()
