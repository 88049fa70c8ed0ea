/** What reports count: how far leads came, when, and by what. */
import type { Milestone } from '../../lead/state.ts'
import type { DaysTaken, LeadTimes, ReportReader, ValueSteps } from '../reader.ts'
import { mostFirst, stepsOf, WAYS } from '../steps.ts'
import type { Asker } from './asker.ts'

const STEPS = ['lead', 'mql', 'sql', 'accepted', 'rejected', 'opportunity', 'won', 'lost'] as const
const BY = ['source', 'entry', 'campaign'] as const
/** Leads that are read in one round. */
const AT_ONCE = 20_000
const IN_RANGE = 'FROM milestones WHERE site = $1 AND lead BETWEEN $2 AND $3'

/** Step columns are allow-listed by their types; the names of SQL stand in quotes. */
const column = (step: Milestone | 'lead'): string => `"${step}"`

export function reportReader({ all, one, round }: Asker): ReportReader {
  return {
    funnel: (site, from, to) =>
      one(
        `SELECT ${STEPS.map((step) => `count(${column(step)}) AS ${column(step)}`).join(', ')} ${IN_RANGE}`,
        site,
        from,
        to,
      )!,
    reached: (site, from, to) =>
      one(
        `SELECT ${STEPS.map((step) => `count(*) FILTER (WHERE ${column(step)} BETWEEN $2 AND $3) AS ${column(step)}`).join(', ')}
         FROM milestones WHERE site = $1`,
        site,
        from,
        to,
      )!,
    daysBetween: (site, steps, { from, to, now }) =>
      round(
        steps.map(([first, then]) => {
          const [since, until] = [column(first), column(then)]
          // Who came there before took the steps in another order.
          return [
            `SELECT days, arrived, count(*) AS n FROM (
               SELECT greatest(0, coalesce(${until}, $4) - ${since}) / 86400000 AS days,
                 CASE WHEN ${until} IS NULL THEN 0 ELSE 1 END AS arrived
               ${IN_RANGE} AND ${since} IS NOT NULL AND (${until} IS NULL OR ${until} >= ${since})
             ) AS taken GROUP BY days, arrived ORDER BY days, arrived`,
            site,
            from,
            to,
            now,
          ] as const
        }),
      ) as unknown as DaysTaken[][],
    minutesToAccept: (site, from, to) =>
      all<{ minutes: number }>(
        `SELECT greatest(0, accepted - "sql") / 60000 AS minutes ${IN_RANGE}
           AND accepted IS NOT NULL AND "sql" IS NOT NULL ORDER BY 1`,
        site,
        from,
        to,
      ).map(({ minutes }) => minutes),
    breachCount: (site, from, to) =>
      one<{ n: number }>(
        'SELECT count(*) AS n FROM breaches WHERE site = $1 AND due_at BETWEEN $2 AND $3',
        site,
        from,
        to,
      )!.n,
    rejections: (site, from, to) =>
      all(
        `SELECT reason, count(*) AS count FROM decisions WHERE site = $1 AND decision = 'reject' AND at BETWEEN $2 AND $3
         GROUP BY reason ORDER BY 2 DESC, reason COLLATE "C"`,
        site,
        from,
        to,
      ),
    *leadTimes(site, from, to): Generator<LeadTimes> {
      let behind = { lead: from, contact: -1 }
      for (;;) {
        const rows = all<LeadTimes & { contact: number }>(
          `SELECT contact, lead, mql, "sql", won FROM milestones
           WHERE site = $1 AND (lead, contact) > ($2, $3) AND lead <= $4 ORDER BY lead, contact LIMIT ${AT_ONCE}`,
          site,
          behind.lead,
          behind.contact,
          to,
        )
        for (const { contact: _, ...times } of rows) yield times
        if (rows.length < AT_ONCE) return
        behind = rows.at(-1)!
      }
    },
    stepsByTouch(site, from, to, limit) {
      const bits = `(CASE WHEN mql IS NULL THEN 0 ELSE 1 END + CASE WHEN "sql" IS NULL THEN 0 ELSE 2 END
        + CASE WHEN accepted IS NULL THEN 0 ELSE 4 END + CASE WHEN won IS NULL THEN 0 ELSE 8 END
        + CASE WHEN "sql" >= mql THEN 16 ELSE 0 END)`
      const lists = round(
        BY.map((by) => [
          `SELECT ${by} AS value, ${bits} AS way, count(*) AS n ${IN_RANGE} GROUP BY 1, 2`,
          site,
          from,
          to,
        ]),
      ) as unknown as { value: string | null; way: number; n: number }[][]
      const [source, entry, campaign] = lists.map((rows) => {
        const byValue = new Map<string | null, Uint32Array>()
        for (const { value, way, n } of rows) {
          const counts = byValue.get(value) ?? new Uint32Array(WAYS)
          counts[way]! += n
          byValue.set(value, counts)
        }
        return [...byValue]
          .map(([value, counts]): ValueSteps => ({ value, ...stepsOf(counts) }))
          .sort(mostFirst)
          .slice(0, limit)
      })
      return { source: source!, entry: entry!, campaign: campaign! }
    },
    stepsByContent(site, from, to, limit) {
      const count = (where: string) => `count(*) FILTER (WHERE ${where})`
      return all<ValueSteps>(
        `SELECT path AS value, count(*) AS lead, ${count('mql >= at')} AS mql, ${count('"sql" >= at')} AS "sql",
           ${count('accepted >= at')} AS accepted, ${count('won >= at')} AS won,
           ${count('mql >= at AND coalesce("sql" >= mql, true)')} AS "mqlFirst", ${count('mql >= at AND "sql" >= mql')} AS "mqlToSql",
           ${count('"sql" >= at AND accepted >= at')} AS "sqlToAccepted", ${count('accepted >= at AND won >= at')} AS "acceptedToWon"
         FROM seen_content JOIN milestones USING (site, contact) WHERE site = $1 AND lead BETWEEN $2 AND $3
         GROUP BY path ORDER BY 2 DESC, path COLLATE "C" LIMIT $4`,
        site,
        from,
        to,
        limit,
      ).sort(mostFirst)
    },
    handOvers: (site, from, to) =>
      all<{ standing: string; isWon: boolean | null; count: number }>(
        `SELECT standing, is_won AS "isWon", count(*) AS count ${IN_RANGE} AND standing IS NOT NULL GROUP BY standing, is_won`,
        site,
        from,
        to,
      ).map(({ standing, ...row }) => ({ rules: JSON.parse(standing), ...row })),
    rejectionsByRules: (site, from, to) =>
      all<{ standing: string; reason: string; count: number }>(
        `SELECT standing, reason, count(*) AS count FROM decisions
           JOIN contacts ON contacts.site = decisions.site AND contacts.no = decisions.contact
           JOIN milestones ON milestones.site = contacts.site AND milestones.contact = coalesce(merged_into, contacts.no)
         WHERE decisions.site = $1 AND decision = 'reject' AND lead BETWEEN $2 AND $3 AND standing IS NOT NULL
         GROUP BY standing, reason`,
        site,
        from,
        to,
      ).map(({ standing, ...row }) => ({ rules: JSON.parse(standing), ...row })),
    stageDays: (site, to) =>
      all(
        `SELECT day, stage, sum(n) AS n FROM stage_days WHERE site = $1 AND day <= $2
         GROUP BY day, stage ORDER BY day, stage COLLATE "C"`,
        site,
        to,
      ),
  }
}
