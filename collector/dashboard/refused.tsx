import type { RefusalsAnswer } from '../../shared/api.ts'
import { DAY } from './format.ts'
import { useLocale } from './locale.ts'
import { wordOf } from './parts.tsx'
import { type Column, Table } from './table.tsx'

/** Days that have a column of their own; what was refused before is in the sum. */
const DAYS = 7

/** What the door refused of a site, by reason: the sum, what it means, and each of the last days. */
export function Refused({ refusals }: { refusals: RefusalsAnswer }) {
  const { t, f } = useLocale()
  const last = Date.parse(refusals.to)
  const days = Array.from({ length: DAYS }, (_, ago) => new Date(last - ago * DAY).toISOString().slice(0, 10))
  const events = new Map(refusals.days.map(({ day, reason, events: n }) => [`${day} ${reason}`, n]))
  const reasons = Object.entries(refusals.reasons).sort((a, b) => b[1] - a[1])
  const columns: Column<[reason: string, sum: number]>[] = [
    {
      title: t.refused.reason,
      names: true,
      cell: ([reason]) => (
        <>
          {reason}
          {Object.hasOwn(t.refused.why, reason) ? (
            <span class="quiet why">{wordOf(t.refused.why, reason)}</span>
          ) : null}
        </>
      ),
    },
    { title: t.refused.sum, number: true, cell: ([, sum]) => f.count(sum) },
    ...days.map(
      (day): Column<[string, number]> => ({
        title: (
          <time datetime={day} title={f.longDay(day)}>
            {day.slice(5)}
          </time>
        ),
        number: true,
        from: 'wide',
        cell: ([reason]) => f.count(events.get(`${day} ${reason}`) ?? 0),
      }),
    ),
  ]
  return (
    <section class="card" aria-labelledby="refused">
      <h2 id="refused">{t.refused.title}</h2>
      {reasons.length === 0 ? (
        <p class="quiet">{t.refused.none}</p>
      ) : (
        <Table rows={reasons} columns={columns} />
      )}
    </section>
  )
}
