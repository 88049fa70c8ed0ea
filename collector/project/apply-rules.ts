import type { RulesEntry } from '../entry.ts'
import type { Chunks, Last } from './chunks.ts'
import { EntryError } from './entry-error.ts'
import { foldLead } from './leads.ts'
import { compiled, type Sites } from './sites.ts'

/** Leads that one transaction folds again: keeps it below 100 ms at a hundred events each. */
const CHUNK = 100

/**
 * Gives a site a new version of its rules and folds everybody's lead under them, chunk by chunk. Safe to begin
 * again after a crash: the version is made once for an entry, and a lead that stands under it is not due again. While
 * it runs, each lead names the version that it stands under. `tell` hears now and then how many stand under the new ones.
 */
export async function applyRules(
  { store, sites, batch: newBatch, commit, seq, now }: Chunks,
  entry: RulesEntry,
  tell: (leads: number) => void,
): Promise<Last> {
  const fault = rulesFault(sites, entry)
  if (fault) return { outcome: { status: 422, body: { detail: fault } } }
  const site = sites.get(entry.site)
  const made = await store.setting(settingOf(site.id))
  let version = site.rulesVersion
  if (made !== String(seq)) {
    const rules = compiled(entry.document)
    version++
    const batch = newBatch()
    const { rules: _, ...row } = site
    const { no, id } = row
    batch.appended.sites.push({ ...row, rulesVersion: version })
    batch.appended.rules.push({ site: no, version, document: rules.document, appliedAt: now, by: entry.by })
    batch.putSetting(settingOf(id), String(seq))
    await commit(batch)
    sites.put({ ...site, rulesVersion: version, rules })
  }
  return { outcome: { status: 200, body: { version, leads: await foldAll(entry, version) } } }

  async function foldAll({ site: id, notify }: RulesEntry, under: number): Promise<number> {
    const ruled = sites.get(id)
    let last = 0
    let folded = 0
    for (;;) {
      const due = await store.leadsUnderOtherRules(ruled.no, under, last, CHUNK)
      if (due.length === 0) return folded
      const batch = newBatch()
      for (const contact of due) await foldLead(batch, ruled, contact, now, notify)
      await commit(batch)
      last = due.at(-1)!
      folded += due.length
      tell(folded)
    }
  }
}

/** Names the entry that made the newest version. */
const settingOf = (site: string): string => `rules-entry:${site}`

/** What is wrong with a rules entry before anything is done; undefined where nothing is. */
function rulesFault(sites: Sites, entry: RulesEntry): string | undefined {
  try {
    sites.get(entry.site)
    compiled(entry.document)
    return undefined
  } catch (error) {
    if (error instanceof EntryError) return error.message
    throw error
  }
}
