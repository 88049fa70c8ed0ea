import { formatCount, formatShare } from './format.ts'
import { Bar } from './parts.tsx'

/** Shown of each list; the API has more. */
const SHOWN = 8

export interface Value {
  name: string
  /** A word beside the name: the kind of a source. */
  kind?: string
  visits: number
}

/** Where visits came from or what they came with, each with its share of all. */
export function TopValues({ title, values, of }: { title: string; values: Value[]; of: number }) {
  const id = `top-${title.toLowerCase()}`
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {values.length === 0 ? (
        <p class="quiet">None in this range.</p>
      ) : (
        <table class="bars">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" class="number">
                Visits
              </th>
              <th scope="col" class="number">
                Share
              </th>
            </tr>
          </thead>
          <tbody>
            {values.slice(0, SHOWN).map(({ name, kind, visits }) => (
              <tr>
                <td class="under">
                  <Bar share={(100 * visits) / Math.max(1, of)} kind="tint" />
                  <span class="path">
                    <bdi>{name || kind || 'unknown'}</bdi>
                    {kind && name ? <span class="quiet"> {kind}</span> : null}
                  </span>
                </td>
                <td class="number">{formatCount(visits)}</td>
                <td class="number">{formatShare(visits, of)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

const countries = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' })

/** The name of a country by its code; a code that is none is shown as it is. */
export const countryName = (code: string): string =>
  /^[A-Z]{2}$/.test(code) ? (countries.of(code) ?? code) : code
