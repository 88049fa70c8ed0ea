import { scaleLinear } from 'd3-scale'
import { area, curveMonotoneX, line } from 'd3-shape'
import { Table } from './table.tsx'

export interface ChartPoint {
  label: string
  /** A shorter one, for the axis. */
  tick: string
  value: number
  /** Of the span that it is compared with, where there is one. */
  before: { label: string; value: number } | undefined
  /** Whether it is still under way. */
  isOpen: boolean
}

export interface ChartProps {
  points: ChartPoint[]
  /** What the line shows. */
  name: string
  beforeName: string
  /** What it says in a sentence, for who does not see it. */
  summary: string
  asTable: string
  when: string
  format: (value: number) => string
  axis: (value: number) => string
  /** Steps of the axis are multiples of it. */
  unit: number
}

/** The plot is drawn on a square of this side, and stretched. */
const SIDE = 1_000
const Y_TICKS = 4
const X_TICKS = 6

/**
 * A line over time. Lines are stretched to the room that there is, labels are not: those stand at shares of the
 * width. The values stand in a table, from which the script reads what it shows beside the pointer.
 */
export function Chart(props: ChartProps) {
  const { points, name, beforeName, summary, format, axis, unit } = props
  const most = Math.max(...points.map(({ value, before }) => Math.max(value, before?.value ?? 0)), unit)
  const y = scaleLinear([0, most / unit], [SIDE, 0]).nice(Y_TICKS)
  const x = scaleLinear([0, Math.max(1, points.length - 1)], [0, SIDE])
  const ticks = y.ticks(Y_TICKS).filter(Number.isInteger).reverse()
  const up = (value: number) => y(value / unit)
  const draw = line<[at: number, value: number]>(
    ([at]) => x(at),
    ([, value]) => up(value),
  ).curve(curveMonotoneX)
  const fill = area<[at: number, value: number]>(
    ([at]) => x(at),
    SIDE,
    ([, value]) => up(value),
  ).curve(curveMonotoneX)
  const all = points.map(({ value }, at): [number, number] => [at, value])
  const open = points.findIndex(({ isOpen }) => isOpen)
  const over = open === -1 ? all : all.slice(0, open)
  const before = points.flatMap(({ before }, at): [number, number][] => (before ? [[at, before.value]] : []))
  const step = Math.ceil(points.length / X_TICKS)
  const percent = (at: number) => `${((100 * x(at)) / SIDE).toFixed(2)}%`
  return (
    <>
      <figure class="chart" data-chart={name}>
        <div class="chart-y" aria-hidden="true">
          {ticks.map((tick) => (
            <span>{axis(tick * unit)}</span>
          ))}
        </div>
        <div class="chart-plot">
          <svg
            class="chart-lines"
            role="img"
            aria-label={summary}
            viewBox={`0 0 ${SIDE} ${SIDE}`}
            preserveAspectRatio="none"
          >
            {ticks.map((tick) => (
              <line class="grid" x1="0" x2={SIDE} y1={up(tick * unit)} y2={up(tick * unit)} />
            ))}
            <path class="area" d={fill(over) ?? ''} />
            {before.length > 1 ? <path class="before" d={draw(before) ?? ''} /> : null}
            <path class="line" d={draw(over) ?? ''} />
            {/* What is not over yet lies lower than it will. */}
            {open > 0 ? <path class="line open" d={draw(all.slice(open - 1)) ?? ''} /> : null}
          </svg>
          <svg class="chart-x" aria-hidden="true">
            {points.map(({ tick }, at) =>
              at % step === 0 && (at === 0 || at + step / 2 < points.length) ? (
                <text x={percent(at)} y="14" class={at === 0 ? 'first' : undefined}>
                  {tick}
                </text>
              ) : null,
            )}
          </svg>
        </div>
      </figure>
      <details class="as-table">
        <summary>{props.asTable}</summary>
        <Table
          look="lines"
          rows={points}
          columns={[
            { title: props.when, names: true, cell: ({ label }) => label },
            { title: name, number: true, cell: ({ value }) => format(value) },
            ...(before.length > 0
              ? [
                  {
                    title: beforeName,
                    number: true,
                    cell: ({ before }: ChartPoint) =>
                      before ? <span title={before.label}>{format(before.value)}</span> : '\u2013',
                  },
                ]
              : []),
          ]}
        />
      </details>
    </>
  )
}
