import { useLocale } from './locale.ts'

/** Engagement on its way from 0 to 100, with the thresholds drawn. Positions are attributes in %, not styles. */
export function Gauge({ points, mql, sql }: { points: number; mql: number; sql: number }) {
  const { t, f } = useLocale()
  const at = (value: number) => `${Math.max(0, Math.min(100, value))}%`
  /* A label next to an end of the bar would be cut in half. */
  const anchor = (value: number) => (value < 8 ? 'start' : value > 92 ? 'end' : 'middle')
  return (
    <svg
      class="gauge"
      width="100%"
      height="44"
      role="img"
      aria-label={t.lead.gauge(f.score(points), f.score(mql), f.score(sql))}
    >
      <rect class="track" x="0" y="16" width="100%" height="12" rx="6" />
      <rect class="fill" x="0" y="16" width={at(points)} height="12" rx="6" />
      <line class="mark-line" x1={at(sql)} x2={at(sql)} y1="13" y2="31" />
      <line class="mark-line" x1={at(mql)} x2={at(mql)} y1="13" y2="31" />
      {/* One above and one below, so that thresholds close together stay readable. */}
      <text x={at(sql)} y="10" text-anchor={anchor(sql)}>{`SQL ${f.score(sql)}`}</text>
      <text x={at(mql)} y="42" text-anchor={anchor(mql)}>{`MQL ${f.score(mql)}`}</text>
    </svg>
  )
}
