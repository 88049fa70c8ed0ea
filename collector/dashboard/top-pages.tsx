import type { StatsAnswer } from '../../shared/api.ts'
import { useLocale } from './locale.ts'
import { Bar } from './parts.tsx'
import { type Column, Table } from './table.tsx'

type TopPage = StatsAnswer['topPages'][number]

/** The most viewed pages, each with a bar beside the first. */
export function TopPages({ pages, none }: { pages: TopPage[]; none: string }) {
  const { t, f } = useLocale()
  const most = Math.max(1, ...pages.map((page) => page.views))
  const columns: Column<TopPage>[] = [
    {
      title: t.list.page,
      class: 'under',
      cell: ({ path, views }) => (
        <>
          <Bar share={(100 * views) / most} kind="tint" />
          <bdi class="path">{path}</bdi>
        </>
      ),
    },
    { title: t.list.viewed, number: true, cell: ({ views }) => f.count(views) },
    { title: t.list.engaged, number: true, nowrap: true, cell: ({ engagedMs }) => f.duration(engagedMs) },
  ]
  return (
    <section class="card" aria-labelledby="pages">
      <h2 id="pages">{t.list.topPages}</h2>
      {pages.length === 0 ? (
        <p class="quiet">{none}</p>
      ) : (
        <Table look="bars" rows={pages} columns={columns} />
      )}
    </section>
  )
}
