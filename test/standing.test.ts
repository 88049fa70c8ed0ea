import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EntryBody } from '../collector/entry.ts'
import { answers } from '../collector/read.ts'
import { sqliteReader } from '../collector/store/sqlite/read.ts'
import type { StagesReport } from '../shared/reports.ts'
import { DAY, START } from './support/collector.ts'
import { ERASING } from './support/erasing.ts'
import { type Projection, projection } from './support/projection.ts'

/** People with an e-mail and an external id each, whose records turn out to be of one person, and then not. */
const WHO = [0, 0, 1] as const
const HOUR = 3_600_000

const identify = (id: string, rest: object, at: number): EntryBody => ({
  kind: 'identify',
  site: 'main',
  newContact: id,
  visitors: [],
  traits: {},
  at,
  signals: [],
  ...rest,
})

type Step = [what: 'mail' | 'name' | 'both' | 'mailApart' | 'nameApart' | 'asks', who: number]

/** What comes on one day, and who is erased at its end. */
interface Day {
  steps: Step[]
  erased: 0 | 1 | undefined
}

function entryOf([what, who]: Step, serial: number, at: number): EntryBody {
  const [email, externalId] = [`p${who}@x.example`, `p${who}`]
  if (what === 'mail') return identify(`m${who}`, { email }, at)
  if (what === 'name') return identify(`n${who}`, { externalId }, at)
  if (what === 'both') return identify(`b${who}`, { email, externalId }, at)
  if (what === 'mailApart' || what === 'nameApart')
    return { kind: 'unmerge', site: 'main', contact: `${what.charAt(0)}${who}` }
  const signal = { id: { ms: at, key: serial }, name: 'callback_requested', at }
  return { kind: 'signal', site: 'main', items: [{ contact: externalId, signal }] }
}

/** Where people stand by the days' report, and by their leads. */
function standing(state: Projection): [Record<string, number>, Record<string, number>] {
  const report = answers({ state: sqliteReader(state.db), now: () => START + 9 * DAY }).report(
    'stages',
    'main',
    START - 9 * HOUR,
    START + 9 * DAY,
  ) as StagesReport
  const { day: _, ...counted } = report.days.at(-1)!
  const rows = state.db.prepare('SELECT stage, count(*) AS n FROM leads GROUP BY stage').all() as {
    stage: string
    n: number
  }[]
  return [
    Object.fromEntries(Object.entries(counted).filter(([, n]) => n !== 0)),
    Object.fromEntries(rows.map(({ stage, n }) => [stage, n])),
  ]
}

it('people are counted once, however records are merged and taken apart within a batch', async () => {
  const step = fc.tuple(
    fc.constantFrom<Step[0][]>('mail', 'name', 'both', 'mailApart', 'nameApart', 'asks'),
    fc.constantFrom(...WHO),
  )
  const batch = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 6 }),
    erased: fc.option(fc.constantFrom(...WHO), { freq: 4, nil: undefined }),
  })
  const batches = fc.array(batch, { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(batches, async (days) => {
      const state = await projection({ erasing: ERASING })
      try {
        let serial = 0
        for (const [day, { steps, erased }] of days.entries()) {
          const at = START + day * DAY
          await state.project(
            at,
            steps.map((one) => entryOf(one, ++serial, at)),
          )
          mustAgree(state)
          if (erased === undefined) continue
          const contact = state.db
            .prepare('SELECT no FROM contacts WHERE external_id = ? AND merged_into IS NULL')
            .pluck()
          const found = contact.get(`p${erased}`) as number | undefined
          if (found !== undefined)
            await state.project(at, [{ kind: 'erase', site: 'main', contact: found, by: 'test' }])
          mustAgree(state)
        }
      } finally {
        state.remove()
      }
    }),
    {
      numRuns: 60,
      // Merged, and then taken apart and merged again at once.
      examples: (
        [
          [
            [
              ['mail', 0],
              ['name', 0],
              ['both', 0],
            ],
            [
              ['nameApart', 0],
              ['both', 0],
            ],
            [['asks', 0]],
          ],
          [
            [
              ['mail', 0],
              ['name', 0],
            ],
            [
              ['both', 0],
              ['nameApart', 0],
            ],
            [['both', 0]],
          ],
          [
            [
              ['mail', 0],
              ['name', 0],
              ['asks', 0],
              ['both', 0],
              ['nameApart', 0],
            ],
          ],
        ] satisfies Step[][][]
      ).map((days): [Day[]] => [days.map((steps) => ({ steps, erased: undefined }))]),
    },
  )
})

function mustAgree(state: Projection): void {
  const [counted, there] = standing(state)
  expect(counted).toEqual(there)
  const now = sqliteReader(state.db).stages(1)
  expect(Object.fromEntries(now.map(({ stage, n }) => [stage, n]))).toEqual(there)
}
