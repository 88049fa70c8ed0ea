import { scaleLinear } from 'd3-scale'
import { line } from 'd3-shape'

const WIDTH = 72
const HEIGHT = 18
/** Half of the line's width, which would else be cut at the edges. */
const EDGE = 1

/** A curve of points from 0 to 100, small enough for a line of text. What it shows is told beside it. */
export function Spark({ points }: { points: readonly number[] }) {
  const x = scaleLinear([0, Math.max(1, points.length - 1)], [EDGE, WIDTH - EDGE])
  const y = scaleLinear([0, 100], [HEIGHT - EDGE, EDGE])
  const path = line<number>(
    (_, i) => x(i),
    (point) => y(point),
  ).digits(1)(points)
  return (
    <svg class="spark" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path d={path ?? ''} />
    </svg>
  )
}
