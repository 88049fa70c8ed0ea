import { useLocale } from './locale.ts'
import { type Asked, type Compared, overviewUrl, RANGES, type Range } from './overview-query.ts'

/** Which days, and with what they are compared: a menu of links and a form, so that it works without script. */
export function RangePicker({ asked, name }: { asked: Asked; name: string }) {
  const { t } = useLocale()
  const { ranges } = t.overview
  const custom = { range: undefined, from: undefined, to: undefined }
  const { site, compare, metric, filters } = asked
  const kept = {
    site,
    ...(compare !== 'previous' && { compare }),
    ...(metric !== 'visitors' && { metric }),
    ...filters,
  }
  return (
    <details class="picker" data-menu>
      <summary aria-label={`${t.list.range}: ${name}`}>{name}</summary>
      <div class="menu">
        <ul>
          {(Object.entries(RANGES) as [Range, string][]).map(([range, key]) => (
            <li>
              <a
                href={overviewUrl(asked, { ...custom, range })}
                aria-current={asked.range === range ? 'true' : undefined}
                data-key={key}
              >
                {ranges[range]}
                <kbd>{key.toUpperCase()}</kbd>
              </a>
            </li>
          ))}
        </ul>
        <form method="get" action="/" class="days">
          {Object.entries(kept).map(([field, value]) => (
            <input type="hidden" name={field} value={value} />
          ))}
          <label>
            {ranges.from}
            <input type="date" name="from" value={asked.from} required />
          </label>
          <label>
            {ranges.to}
            <input type="date" name="to" value={asked.to} required />
          </label>
          <button type="submit" class="button second">
            {ranges.show}
          </button>
        </form>
        <ul>
          {(['previous', 'year', 'off'] as Compared[]).map((one) => (
            <li>
              <a
                href={overviewUrl(asked, { compare: one === 'previous' ? undefined : one })}
                aria-current={asked.compare === one ? 'true' : undefined}
              >
                {ranges.compare[one]}
              </a>
            </li>
          ))}
        </ul>
      </div>
    </details>
  )
}
