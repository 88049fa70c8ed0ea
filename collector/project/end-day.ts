import { tick } from '../lead/tick.ts'
import { factsOf } from '../store/store.ts'
import type { Chunks, Last } from './chunks.ts'
import { landLead } from './leads.ts'
import { DEAD_LETTERS_KEPT_MS } from './replay-dead.ts'
import { retain } from './retain.ts'
import { sweepTexts, TEXTS_LEFT } from './sweep-texts.ts'
import { MESSAGES_KEPT_MS } from './webhooks.ts'

/** Leads that one transaction touches: keeps it below 100 ms. */
const CHUNK = 500
/** How long outcomes of awaited entries are kept, ms. */
const OUTCOMES_KEPT_MS = 86_400_000
/** How long it is known what was refused of which site on which day. */
const REFUSALS_KEPT_DAYS = 30

/** The end of a day: stages that time alone changes, and what is no longer kept. A lead that is done is not due again. */
export async function endDay(chunks: Chunks, day: number): Promise<Last> {
  const { store, sites, now, batch: part, commit } = chunks
  for (const site of sites.all()) {
    for (;;) {
      const due = await store.leadsToReview(site.no, day, CHUNK)
      if (due.length === 0) break
      const batch = part()
      for (const no of due) {
        const contact = await batch.contact(no)
        const row = (await batch.lead(no))!
        const { lead, change } = tick(row.lead, factsOf(contact), day, site.rules)
        landLead(batch, site, contact, row, lead, change ? [change] : [], now)
      }
      await commit(batch)
    }
  }
  for (const site of sites.all()) await retain(chunks, site, day)
  while (await store.hasMessagesBefore(now - MESSAGES_KEPT_MS)) {
    const forgetting = part()
    forgetting.messagesBefore = now - MESSAGES_KEPT_MS
    await commit(forgetting)
  }
  const isSwept = await sweepTexts(store, day)
  return {
    fill(batch) {
      if (isSwept) batch.putSetting(TEXTS_LEFT, null)
      batch.outcomesBefore = now - OUTCOMES_KEPT_MS
      batch.deadLettersBefore = now - DEAD_LETTERS_KEPT_MS
      batch.measuredViewsBefore = day
      batch.refusalsBefore = day + 1 - REFUSALS_KEPT_DAYS
      batch.putSetting('ticked-day', String(day))
    },
  }
}
