import type { ContactsEntry, Outcome } from '../entry.ts'
import type { Batch } from './batch.ts'
import { identify } from './identify.ts'
import type { RuledSite } from './sites.ts'
import type { Suppressing } from './suppressing.ts'

/** Name of the setting that holds the last line of a file that is done, while it is being imported. */
export const importSetting = (file: string): string => `import:${file}`

/** Takes in people whom another system knows; a person that cannot be taken does not cost the others. */
export async function bring(
  batch: Batch,
  site: RuledSite,
  { people, file }: ContactsEntry,
  now: number,
  suppressing: Suppressing,
): Promise<Outcome> {
  let created = 0
  let updated = 0
  const refused: { line: number; detail: string }[] = []
  for (const one of people) {
    const { line, ...person } = one
    // A file may be older than the erasure: what it says of consent is no new opt-in.
    const admitted = suppressing.admit(batch, site.id, one, now, false)
    if ('refused' in admitted) {
      refused.push({ line, detail: 'this person was erased and stays away' })
      continue
    }
    const entry = { kind: 'identify' as const, site: site.id, visitors: [], signals: [], ...person }
    const { status, body } = await identify(batch, site, entry, now, 'silent')
    if (status === 201) created++
    else if (status === 200) updated++
    else refused.push({ line, detail: String(body.detail) })
  }
  if (file) batch.putSetting(importSetting(file.id), file.line === null ? null : String(file.line))
  return { status: 200, body: { created, updated, refused } }
}
