import type { RefusalsAnswer } from '../../shared/api.ts'
import { DAY, formatCount, formatLongDay } from './format.ts'

/** Days that have a column of their own; what was refused before is in the sum. */
const DAYS = 7

/** What the door refused of a site, by reason: the sum, and each of the last days. */
export function Refused({ refusals }: { refusals: RefusalsAnswer }) {
  const last = Date.parse(refusals.to)
  const days = Array.from({ length: DAYS }, (_, ago) => new Date(last - ago * DAY).toISOString().slice(0, 10))
  const events = new Map(refusals.days.map(({ day, reason, events: n }) => [`${day} ${reason}`, n]))
  const reasons = Object.entries(refusals.reasons).sort((a, b) => b[1] - a[1])
  return (
    <section class="card" aria-labelledby="refused">
      <h2 id="refused">What was refused</h2>
      {reasons.length === 0 ? (
        <p class="quiet">Nothing in the last 30 days.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Reason</th>
              <th scope="col" class="number">
                Events in 30 days
              </th>
              {days.map((day) => (
                <th scope="col" class="number wide">
                  <time datetime={day} title={formatLongDay(day)}>
                    {day.slice(5)}
                  </time>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {reasons.map(([reason, sum]) => (
              <tr>
                <th scope="row">{reason}</th>
                <td class="number">{formatCount(sum)}</td>
                {days.map((day) => (
                  <td class="number wide">{formatCount(events.get(`${day} ${reason}`) ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
