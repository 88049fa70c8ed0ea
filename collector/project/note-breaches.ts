import type { LeadMessage } from '../../shared/messages.ts'
import { nextStep } from '../lead/next-step.ts'
import type { Batch } from './batch.ts'
import type { Chunks, Last } from './chunks.ts'
import { post } from './post.ts'
import type { Sites } from './sites.ts'

/** Leads that one transaction touches: keeps it below 100 ms. */
const CHUNK = 500

/** SQLs that sales has not answered in time: one that is noted is not due again. */
export async function noteBreaches({ store, sites, now, batch: part, commit }: Chunks): Promise<Last> {
  for (;;) {
    const due = await store.leadsOverdue(now, CHUNK)
    if (due.length === 0) return {}
    const batch = part()
    for (const no of due) await noteBreach(batch, sites, no, now)
    await commit(batch)
  }
}

/** Notes that sales has not answered an SQL in time, and tells it by webhook. */
async function noteBreach(batch: Batch, sites: Sites, no: number, now: number): Promise<void> {
  const contact = await batch.contact(no)
  const row = (await batch.lead(no))!
  const { dueAt } = row
  const { stage, since } = row.lead
  const site = sites.byNo(contact.site)
  batch.appended.breaches.push({ contact: no, since, site: site.no, dueAt: dueAt!, recordedAt: now })
  const due = new Date(dueAt!).toISOString()
  const payload: LeadMessage = {
    type: 'lead.sla_breached',
    timestamp: new Date(now).toISOString(),
    data: {
      id: contact.id,
      site: site.id,
      from: stage,
      to: stage,
      engagement: row.engagement / 100,
      why: `not answered by sales by ${due}`,
      nextStep: nextStep(row.lead, dueAt, site.rules, now),
      segments: site.rules.stages[stage].segments,
      dueAt: due,
    },
  }
  post(batch, { site: site.no, contact, payload, now })
}
