/** Sums of a batch, and who was there. */
import type { Changes, Dimension, Totals } from '../store.ts'
import { WEEKLY, weekOf, weeksOf } from '../weeks.ts'
import { listsOf } from './lists.ts'
import { removingSome, SUM_COLUMNS } from './tables.ts'
import type { visitorSets } from './visitor-sets.ts'
import { type Read, type Row, rowsFrom, rowsOf, type Writer } from './writing.ts'

/** Tables of sums, by what their rows are of. */
const SPANS = [
  ['quarters', 'quarter'],
  ['quarter_visitors', 'quarter'],
  ['slices', 'day'],
  ['week_slices', 'week'],
  ['slice_visitors', 'day'],
] as const

/** Resolves once all is sent. `within` reads in the batch's transaction, `aside` outside of it. */
export async function writeSums(
  { write, send, put }: Writer,
  { rollUpsDropped, quarters, slices }: Changes,
  part: number,
  sets: ReturnType<typeof visitorSets>,
  { within, aside }: { within: Read; aside: Read },
): Promise<{ written: Promise<unknown> }> {
  if (rollUpsDropped) {
    const { site, quarter, day, limit } = rollUpsDropped
    const since = { quarter, day, week: weekOf(day) }
    for (const [table, unit] of SPANS)
      send(removingSome(table, `site = $1 AND ${unit} >= $2`, limit), [site, since[unit]])
    send('UPDATE week_changes SET n = n + 1 WHERE site = $1 AND week >= $2', [site, since.week])
    sets.clear()
  }
  // What was dropped just now is still there for all who look from outside.
  const read = rollUpsDropped ? within : aside
  put(
    'quarters',
    quarters.map(({ site, quarter, totals }) => ({ site, quarter, part, ...sumColumns(totals) })),
    'add',
  )
  const ofQuarters = await sets.write(
    'quarter_visitors',
    quarters.map(({ site, quarter, ...who }) => ({ key: { site, quarter }, ...who })),
    write,
    read,
  )
  put(
    'week_changes',
    weeksOf(slices).map((week) => ({ ...week, part, n: 1 })),
    'add',
  )
  const touched: Row[] = slices
    .map(({ site, dimension, day, value, totals }) => ({
      site,
      dimension,
      day,
      value,
      ...sumColumns(totals),
    }))
    .filter((row: Row) => SUM_COLUMNS.some((sum) => row[sum] !== 0))
  add('slices', 'day', touched)
  add(
    'week_slices',
    'week',
    touched
      .filter(({ dimension }) => WEEKLY.has(dimension as Dimension))
      .map(({ day, ...row }) => ({ ...row, week: weekOf(day as number) })),
  )
  const ofSlices = await sets.write(
    'slice_visitors',
    slices.map(({ site, dimension, day, value, cameIn, wentOut }) => ({
      key: { site, dimension, day, value },
      cameIn,
      wentOut,
    })),
    write,
    read,
  )

  return { written: Promise.all([ofQuarters.written, ofSlices.written]) }

  /** Adds to the sums of values, and removes what comes to nothing. */
  function add(table: 'slices' | 'week_slices', unit: 'day' | 'week', rows: Row[]): void {
    if (rows.length === 0) return
    const names = ['site', 'dimension', unit, 'value']
    const given = [...names, ...SUM_COLUMNS]
    const sums = SUM_COLUMNS.map((sum) => `sum(${sum})`)
    send(
      `INSERT INTO ${table} (${names}, ${SUM_COLUMNS}, value_hash, part)
       SELECT ${names}, ${sums}, md5(value), $1 FROM ${rowsOf(table, given, 2)} AS rows (${given}) GROUP BY ${names}
       ON CONFLICT (site, dimension, ${unit}, value_hash, part)
         DO UPDATE SET ${SUM_COLUMNS.map((sum) => `${sum} = ${table}.${sum} + excluded.${sum}`)}`,
      [part, ...listsOf(given, rows)],
    )
    if (!rows.some((row) => SUM_COLUMNS.some((sum) => (row[sum] as number) < 0))) return
    send(
      `DELETE FROM ${table} AS t USING ${rowsFrom(table, names, 2)} AS gone
       WHERE t.site = gone.site AND t.dimension = gone.dimension AND t.${unit} = gone.${unit}
         AND t.value_hash = md5(gone.value) AND t.part = $1 AND ${SUM_COLUMNS.map((sum) => `t.${sum} = 0`).join(' AND ')}`,
      [part, ...listsOf(names, rows)],
    )
  }
}

/** In the order of their columns. */
const sumColumns = (t: Totals): Record<string, number> => ({
  visits: t.visits,
  bounces: t.bounces,
  views: t.views,
  engaged_ms: t.engagedMs,
  downloads: t.downloads,
  cart_adds: t.cartAdds,
  cart_value: t.cartValue,
})
