/**
 * Plausible: the rows of `events_v2` of a Plausible of one's own, as CSV with names. What plausible.io exports (files
 * `imported_*.csv`) are sums by day, which no visitor can be made of; they are refused.
 */
import { absolute, type ReadView, timeIn } from './view.ts'

export const PLAUSIBLE_COLUMNS = ['timestamp', 'user_id', 'pathname'] as const

/** Why sums are not taken. */
export const PLAUSIBLE_SUMS =
  'holds sums by day: whoever came on two days or read two pages stands there twice, so that no visitors, visits or sources can be made of it, and adding it to what is counted here would make numbers that nobody can check. Take the events of a Plausible of your own instead: clickhouse-client --query "SELECT * FROM events_v2 WHERE name = \'pageview\' FORMAT CSVWithNames"'

/** Whether a header is that of a file of sums. */
export const isPlausibleSums = (columns: readonly string[]): boolean =>
  columns.includes('date') && columns.includes('visitors') && !columns.includes('user_id')

const TAGS = ['source', 'medium', 'campaign', 'content', 'term'] as const

/** Reads one row. */
export function readPlausible(field: (name: string) => string): ReadView {
  const name = field('name')
  if (name !== '' && name !== 'pageview') return { left: name.slice(0, 40) }
  const visitor = field('user_id')
  const path = field('pathname')
  if (visitor === '' || path === '') return { problem: 'has no user_id or no pathname' }
  const time = field('timestamp')
  const tags = new URLSearchParams(
    TAGS.flatMap((tag) => (field(`utm_${tag}`) === '' ? [] : [[`utm_${tag}`, field(`utm_${tag}`)]])),
  )
  const host = field('hostname')
  return {
    view: {
      visitor,
      at: timeIn(time),
      id: `${time} ${path} ${field('session_id')}`,
      url: `${host === '' ? '' : `https://${host}`}${path}${tags.size === 0 ? '' : `?${tags}`}`,
      referrer: absolute(field('referrer')),
      device: field('screen_size').toLowerCase(),
      browser: field('browser'),
      system: field('operating_system')
        .replace(/^Mac$/, 'Mac OS')
        .replace(/^GNU\/Linux$/, 'Linux'),
      country: field('country_code'),
    },
  }
}
