import { ENTRY_VERSION, type Entry, type EntryBody } from '../../collector/entry.ts'
import { standardDocument } from '../../collector/lead/presets/standard.ts'
import type { Projector } from '../../collector/project.ts'

/** Makes the site 'main', under the standard rules. */
export const MAIN_SITE = {
  kind: 'site',
  id: 'main',
  name: 'Main',
  consent: 'given',
  hosts: [],
  rules: standardDocument,
  secret: 's',
} as const satisfies EntryBody

/** Projects bodies as one batch, received at `at`, ms; each entry has the next sequence number. */
export type Feed = (at: number, bodies: readonly EntryBody[]) => ReturnType<Projector['project']>

/** A projector that is fed by hand, with the site 'main'. */
export async function feeding(projector: Projector): Promise<Feed> {
  let seq = 0
  const feed: Feed = (at, bodies) =>
    projector.project(
      bodies.map((body) => ({
        seq: ++seq,
        receivedAt: at,
        entry: { v: ENTRY_VERSION, ...body } as Entry,
      })),
    )
  await feed(0, [MAIN_SITE])
  return feed
}
