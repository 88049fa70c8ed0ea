import { Hono } from 'hono'
import { SegmentItem, TransitionItem } from './answers/operation.ts'
import type { ApiDeps } from './deps.ts'
import { listing } from './listing.ts'
import { CompanyQuery, TransitionsQuery } from './queries.ts'

/** Who moved to which stage, and how the rules name those who stand at one. */
export function transitionsApi(deps: ApiDeps): Hono {
  const { ask } = deps
  return new Hono()
    .get(
      '/v1/transitions',
      listing(
        deps,
        {
          id: 'listTransitions',
          tag: 'Leads',
          summary: 'Changes of stage that hold, those noted last first',
          right: 'leads',
          query: TransitionsQuery,
          item: TransitionItem,
          name: 'transitions',
          example: { query: { stage: 'mql,sql', limit: '20' } },
        },
        async (_c, { site, query: { stage } }, { limit, cursor }) =>
          (await ask.transitions(site, stage ?? [], limit, cursor))!,
      ),
    )
    .get(
      '/v1/segments',
      listing(
        deps,
        {
          id: 'listSegments',
          tag: 'Leads',
          summary: 'Segments of the rules, with how many leads are in each',
          description: '`/v1/leads?segment=NAME` lists them.',
          right: 'leads',
          query: CompanyQuery,
          item: SegmentItem,
          name: 'segments',
          example: {},
        },
        async (_c, { site }) => ({ items: (await ask.segments(site))!, next: null }),
      ),
    )
}
