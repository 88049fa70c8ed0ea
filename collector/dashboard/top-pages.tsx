import type { StatsAnswer } from '../../shared/api.ts'
import { formatCount, formatDuration } from './format.ts'
import { Bar } from './parts.tsx'

/** The most viewed pages, each with a bar beside the first. */
export function TopPages({ pages, none }: { pages: StatsAnswer['topPages']; none: string }) {
  const most = Math.max(1, ...pages.map((page) => page.views))
  return (
    <section class="card" aria-labelledby="pages">
      <h2 id="pages">Top pages</h2>
      {pages.length === 0 ? (
        <p class="quiet">{none}</p>
      ) : (
        <table class="bars">
          <thead>
            <tr>
              <th scope="col">Page</th>
              <th scope="col" class="number">
                Views
              </th>
              <th scope="col" class="number">
                Engaged
              </th>
            </tr>
          </thead>
          <tbody>
            {pages.map((page) => (
              <tr>
                <td class="under">
                  <Bar share={(100 * page.views) / most} kind="tint" />
                  <bdi class="path">{page.path}</bdi>
                </td>
                <td class="number">{formatCount(page.views)}</td>
                <td class="number nowrap">{formatDuration(page.engagedMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
