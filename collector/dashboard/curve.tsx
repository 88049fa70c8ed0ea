import { scaleLinear } from 'd3-scale'
import { area, line } from 'd3-shape'
import type { LeadAnswer } from '../../shared/api.ts'
import type { Curve } from '../read/curves.ts'
import { DAY } from './format.ts'
import { useLocale } from './locale.ts'

const HEIGHT = 168
/** Room above for the names of stages, and below for days. */
const TOP = 30
const BOTTOM = 146
/** A label so near to an end, in %, would be cut. */
const NEAR = 8

/**
 * Engagement over time, with both thresholds and the moves between stages. What runs across is told in % and drawn
 * in a box of its own that stretches, so that letters keep their size at any width.
 */
export function EngagementCurve({ lead, curve, now }: { lead: LeadAnswer; curve: Curve; now: number }) {
  const { t, f } = useLocale()
  const { points } = curve
  const from = Date.parse(curve.from)
  const last = Math.max(1, points.length - 1)
  const x = scaleLinear([0, last], [0, 100])
  const y = scaleLinear([0, 100], [BOTTOM, TOP])
  const path = line<number>(
    (_, i) => x(i),
    (point) => y(point),
  ).digits(2)
  const under = area<number>(
    (_, i) => x(i),
    BOTTOM,
    (point) => y(point),
  ).digits(2)
  const anchor = (at: number) => (at < NEAR ? 'start' : at > 100 - NEAR ? 'end' : 'middle')
  const moves = lead.transitions
    .map((move) => ({ ...move, day: (Date.parse(move.effectiveAt) - from) / DAY }))
    .filter(({ day, to }) => day >= 0 && day <= last + 1 && to !== 'lead')
    .map((move, i) => {
      const day = Math.min(last, Math.floor(move.day))
      return { ...move, at: x(day), height: y(points[day] ?? 0), label: i % 2 === 0 ? 11 : 24 }
    })
  return (
    <section class="card" aria-labelledby="curve">
      <h2 id="curve">{t.lead.curve}</h2>
      <svg class="curve" width="100%" height={HEIGHT} role="img" aria-label={t.lead.curveOf(points.length)}>
        <svg
          aria-hidden="true"
          width="100%"
          height={HEIGHT}
          viewBox={`0 0 100 ${HEIGHT}`}
          preserveAspectRatio="none"
        >
          <path class="area" d={under(points) ?? ''} />
          <path class="path-line" d={path(points) ?? ''} />
        </svg>
        {(['mql', 'sql'] as const).map((stage) => {
          const height = y(lead.thresholds[stage])
          return (
            <>
              <line class="threshold" x1="0" x2="100%" y1={height} y2={height} />
              <text
                class="level"
                x="0"
                y={height - 3}
              >{`${t.stages[stage]} ${f.score(lead.thresholds[stage])}`}</text>
            </>
          )
        })}
        {moves.map(({ at, height, label, to, why }) => (
          <g>
            <title>{t.sentence(why)}</title>
            <line class="move" x1={`${at}%`} x2={`${at}%`} y1={label + 3} y2={BOTTOM} />
            <circle class="dot" cx={`${at}%`} cy={height} r="4" />
            <text class="strong" x={`${at}%`} y={label} text-anchor={anchor(at)}>
              {t.stages[to]}
            </text>
          </g>
        ))}
        <line class="axis" x1="0" x2="100%" y1={BOTTOM} y2={BOTTOM} />
        <text x="0" y={HEIGHT - 6}>
          {f.day(curve.from, now)}
        </text>
        <text x="100%" y={HEIGHT - 6} text-anchor="end">
          {t.lead.today}
        </text>
      </svg>
    </section>
  )
}
