import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { ENTRY_VERSION } from '../entry.ts'
import type { HeldKey } from '../keys.ts'
import { problem } from '../problem.ts'
import { whole } from './answers/fields.ts'
import { CountsAnswer, DeadLetterItem, ReplayedAnswer } from './answers/operation.ts'
import type { ApiDeps } from './deps.ts'
import { endpoint } from './endpoint.ts'
import { listing } from './listing.ts'
import { performed } from './performed.ts'
import { TimelineQuery } from './queries.ts'
import { SeqsBody } from './schema.ts'

/** What could not be projected, and that every event is accounted for. Of all sites, hence for keys of all. */
export function deadLettersApi(deps: ApiDeps): Hono {
  const { ask } = deps
  const refused = (c: Context, key: HeldKey) =>
    key.site === null ? undefined : problem(c, 403, 'this call needs a key for every site')

  return new Hono()
    .get(
      '/v1/dead-letters',
      listing(
        deps,
        {
          id: 'listDeadLetters',
          tag: 'Operation',
          summary: 'Entries that were acknowledged and could not be projected, the oldest first',
          description: 'Without what they hold, which `leadwake dead-letters show` shows.',
          right: 'admin',
          query: TimelineQuery,
          item: DeadLetterItem,
          name: 'dead-letters',
          example: {},
        },
        (c, { key }, { limit, cursor }) => refused(c, key) ?? ask.deadLetters(limit, cursor),
      ),
    )
    .post(
      '/v1/dead-letters/replay',
      endpoint(
        deps,
        {
          id: 'replayDeadLetters',
          tag: 'Operation',
          summary: 'Projects dead letters again, after their cause was mended',
          right: 'admin',
          body: SeqsBody,
          answers: { 200: ReplayedAnswer },
          appends: true,
          example: { body: { seqs: [4711] } },
        },
        (c, { key, body: { seqs }, text }) =>
          refused(c, key) ?? performed(c, deps, { kind: 'replay', v: ENTRY_VERSION, seqs }, text),
      ),
    )
    .post(
      '/v1/dead-letters/discard',
      endpoint(
        deps,
        {
          id: 'discardDeadLetters',
          tag: 'Operation',
          summary: 'Removes dead letters for good',
          right: 'admin',
          body: SeqsBody,
          answers: { 200: v.object({ discarded: whole }) },
          appends: true,
          example: { body: { seqs: [4711] } },
        },
        (c, { key, body: { seqs }, text }) =>
          refused(c, key) ?? performed(c, deps, { kind: 'discard', v: ENTRY_VERSION, seqs }, text),
      ),
    )
    .get(
      '/v1/counts',
      endpoint(
        deps,
        {
          id: 'getCounts',
          tag: 'Operation',
          summary: 'What became of every event that was received',
          right: 'admin',
          answers: { 200: CountsAnswer },
          example: {},
        },
        async (c, { key }) => refused(c, key) ?? c.json(await ask.counts()),
      ),
    )
}
