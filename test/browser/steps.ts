import type { TimelineItem } from '../../shared/api.ts'

/** A timeline as lines to read, '07 page /demo/pricing for 60 s', by day and kind; the day is that of the month. */
export function stepsOf(items: TimelineItem[]): string[] {
  const line = (item: TimelineItem) => {
    const what = item.kind === 'page' ? item.path : item.title.replace(/(?<=Became \w+):.*/, '')
    const engaged = item.kind === 'page' && item.engagedMs ? ` for ${item.engagedMs / 1_000} s` : ''
    return `${item.at.slice(8, 10)} ${item.kind} ${what}${engaged}`
  }
  return items.map(line).toSorted()
}
