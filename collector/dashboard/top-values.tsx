import { useLocale } from './locale.ts'
import { Bar } from './parts.tsx'
import { type Column, Table } from './table.tsx'

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
  const { t, f } = useLocale()
  const id = `top-${title.toLowerCase()}`
  const columns: Column<Value>[] = [
    {
      title: t.list.name,
      class: 'under',
      cell: ({ name, kind, visits }) => (
        <>
          <Bar share={(100 * visits) / Math.max(1, of)} kind="tint" />
          <span class="path">
            <bdi>{name || kind || t.list.unknown}</bdi>
            {kind && name ? <span class="quiet"> {kind}</span> : null}
          </span>
        </>
      ),
    },
    { title: t.list.visits, number: true, cell: ({ visits }) => f.count(visits) },
    { title: t.list.share, number: true, cell: ({ visits }) => f.share(visits, of) },
  ]
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {values.length === 0 ? (
        <p class="quiet">{t.list.noneInRange}</p>
      ) : (
        <Table look="bars" rows={values.slice(0, SHOWN)} columns={columns} />
      )}
    </section>
  )
}
