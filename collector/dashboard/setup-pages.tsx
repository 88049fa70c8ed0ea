import type { TopItem } from '../../shared/api.ts'
import type { Frame } from './layout.tsx'
import { siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { type Said, SetUpFrame } from './setup-frame.tsx'
import { Table } from './table.tsx'

/** Kinds that are offered first; others that the rules have come after them. */
const FIRST = ['service', 'pricing', 'careers', 'company']

export interface PagesProps {
  frame: Frame & { site: string }
  said: Said
  /** The most seen paths that are of no kind. */
  pages: TopItem[]
  /** Kinds of the rules in force. */
  kinds: string[]
}

/** The most seen pages that no rule knows, each with a click to say what it is. */
export function SetUpPages({ frame, said, pages, kinds }: PagesProps) {
  const { t, f } = useLocale()
  const names: Record<string, string> = t.kinds
  const offered = [...FIRST, ...kinds.filter((kind) => !FIRST.includes(kind))]
  return (
    <SetUpFrame frame={frame} part="pages" said={said}>
      <section class="card" aria-labelledby="pages">
        <h2 id="pages">{t.setup.unclassified}</h2>
        <p class="quiet">{t.setup.unclassifiedWhy}</p>
        {pages.length === 0 ? (
          <p>{t.setup.allClassified}</p>
        ) : (
          <Table
            look="rows"
            rows={pages}
            columns={[
              { title: t.list.page, names: true, class: 'path', cell: ({ value }) => <bdi>{value}</bdi> },
              { title: t.list.viewed, number: true, cell: ({ pageViews }) => f.count(pageViews) },
              {
                title: t.setup.isA,
                cell: ({ value }) => (
                  <form method="post" action={siteUrl('/setup/pages', frame.site)} class="kinds">
                    <input type="hidden" name="path" value={value} />
                    {offered.map((kind) => (
                      <button type="submit" name="kind" value={kind} class="plain chip-button">
                        {Object.hasOwn(names, kind) ? names[kind] : kind}
                      </button>
                    ))}
                  </form>
                ),
              },
            ]}
          />
        )}
      </section>
    </SetUpFrame>
  )
}
