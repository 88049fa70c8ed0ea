import type { Estimate } from '../lead/auc.ts'
import type { Backtest, Comparison } from '../lead/preview.ts'
import type { PreviewAnswer } from '../read/preview.ts'

const SHOWN = ['lead', 'mql', 'sql', 'opportunity', 'customer', 'disqualified'] as const
/** Rules named of one lead that moves. */
const RULES_NAMED = 3
const NOTHING = '-'

export interface LinesOptions {
  /** SQLs that sales can work in a week. */
  capacity?: number
  /** How to name a lead: whoever reads its id alone knows nobody. */
  nameOf?: (id: string) => string
}

/** A preview for a person at a terminal. */
export function previewLines(
  answer: PreviewAnswer,
  { capacity, nameOf = (id) => id }: LinesOptions = {},
): string[] {
  const { leads, moved, backtest } = answer
  return [
    `${grouped(leads)} ${leads === 1 ? 'lead' : 'leads'}, ${grouped(moved)} of whom would stand elsewhere.`,
    ...matrixLines(answer),
    ...weekLines(answer, capacity),
    ...(backtest ? backtestLines(backtest) : ['', 'No outcomes yet, so nothing to judge the rules by.']),
    ...moverLines(answer, nameOf),
  ]
}

function matrixLines({ matrix }: PreviewAnswer): string[] {
  const stages = SHOWN.filter(
    (stage) =>
      Object.values(matrix[stage]).some((n) => n > 0) || SHOWN.some((from) => matrix[from][stage] > 0),
  )
  if (stages.length === 0) return []
  return [
    '',
    row('now \\ draft', stages),
    ...stages.map((from) =>
      row(
        from,
        stages.map((to) => grouped(matrix[from][to])),
      ),
    ),
  ]
}

function weekLines({ sqlsPerWeek, overCapacity }: PreviewAnswer, capacity?: number): string[] {
  const weeks = sqlsPerWeek.filter(({ current, draft }) => current + draft > 0)
  if (weeks.length === 0) return ['', 'No new SQLs in these weeks, under either.']
  const over = (n: number): string => (capacity !== undefined && n > capacity ? `${n} !` : String(n))
  return [
    '',
    row('new SQLs', ['now', 'draft']),
    ...weeks.map(({ monday, current, draft }) => row(monday, [over(current), over(draft)])),
    ...(overCapacity
      ? [
          `Weeks with more than ${capacity} new SQLs (!): ${overCapacity.current} now, ${overCapacity.draft} under the draft.`,
        ]
      : []),
  ]
}

function backtestLines(found: Comparison): string[] {
  const { outcomes, won, skipped, current, draft, aucDifference, daysEarlier } = found
  const both = (name: string, of: (side: Backtest) => string) => row(name, [of(current), of(draft)], 25)
  const bands = current.calibration.flatMap((band, i) => {
    const other = draft.calibration[i]!
    if (band.leads + other.leads === 0) return []
    const told = ({ leads, won }: typeof band) =>
      leads === 0 ? NOTHING : `${leads}, ${percent(won?.value ?? 0)} won`
    return row(`${band.from} to ${band.to} points`, [told(band), told(other)], 25)
  })
  return [
    '',
    `Against ${grouped(outcomes)} outcomes, ${grouped(won)} of them won, each as of its hand-over:`,
    row('', ['now', 'draft'], 25),
    both('were SQL by then', ({ sqls }) => String(sqls)),
    both('precision', ({ precision }) => shareWords(precision)),
    both('recall', ({ recall }) => shareWords(recall)),
    both('lift', ({ lift }) => (lift === null ? NOTHING : lift.toFixed(2))),
    both('AUC of engagement', ({ auc }) => estimateWords(auc)),
    both('days ahead, median', ({ daysAhead }) => (daysAhead === null ? NOTHING : String(daysAhead))),
    'By engagement at the hand-over:',
    ...bands,
    ...(aucDifference ? [`AUC under the draft less that of now: ${estimateWords(aucDifference)}.`] : []),
    ...(daysEarlier === null
      ? []
      : [`Under the draft they would have been SQL ${earlier(daysEarlier)} (median).`]),
    ...(outcomes < FEW_OUTCOMES
      ? [`${outcomes} outcomes are few: look at the intervals, not at the values.`]
      : []),
    ...(skipped > 0 ? [`${skipped} more were not identified by their hand-over and are left out.`] : []),
  ]
}

/** Below this an interval of precision is wider than any difference that rules make. */
const FEW_OUTCOMES = 30

/** Points. Less is the remainder of rounding, which goes to another line under other rules. */
const LEAST_TOLD = 0.05

function moverLines({ movers, moved }: PreviewAnswer, nameOf: (id: string) => string): string[] {
  if (movers.length === 0) return []
  const rest = moved - movers.length
  return [
    '',
    'Who would move:',
    ...movers.map(({ id, from, to, engagement: [before, after], rules }) => {
      const telling = rules.filter((rule) => Math.abs(rule.draft - rule.current) >= LEAST_TOLD)
      const by = telling.slice(0, RULES_NAMED).map((rule) => `${rule.label} ${rule.current} to ${rule.draft}`)
      const why = by.length > 0 ? by.join('; ') : 'by the gates alone'
      return `${nameOf(id)}: ${from} to ${to}, engagement ${before} to ${after} (${why})`
    }),
    ...(rest > 0 ? [`and ${grouped(rest)} more (--movers)`] : []),
  ]
}

function row(name: string, cells: readonly (string | number)[], width = 13): string {
  return (name.padEnd(20) + cells.map((cell) => String(cell).padStart(width)).join('')).trimEnd()
}

/** As the bar before it writes numbers: '20,000'. */
const grouped = (n: number): string => n.toLocaleString('en')

const percent = (share: number): string => `${Math.round(100 * share)} %`

const shareWords = (found: Estimate | null): string =>
  found === null ? NOTHING : `${percent(found.value)} (${percent(found.low)} to ${percent(found.high)})`

const estimateWords = (found: Estimate | null): string =>
  found === null ? NOTHING : `${found.value.toFixed(2)} (${found.low.toFixed(2)} to ${found.high.toFixed(2)})`

function earlier(days: number): string {
  if (days === 0) return 'on the same day'
  const n = Math.abs(days)
  return `${n} ${n === 1 ? 'day' : 'days'} ${days > 0 ? 'earlier' : 'later'}`
}
