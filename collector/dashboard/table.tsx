import type { Child } from 'hono/jsx'
import { useLocale } from './locale.ts'

/** A column of a table of rows of kind `R`. */
export interface Column<R> {
  title: Child
  cell: (row: R) => Child
  /** Numbers stand right, so that they can be compared by eye. */
  number?: boolean
  /** The cell that says which row it is. */
  names?: boolean
  /** The first width at which there is room for it: beyond a phone, or beyond a small laptop. */
  from?: 'wide' | 'roomy'
  nowrap?: boolean
  /** More classes of its cells. */
  class?: string
  /** Where its title leads, to be sorted by it; `now` where the rows are. */
  sort?: { href: string; now?: 'ascending' | 'descending' | undefined }
}

export interface TableProps<R> {
  rows: R[]
  columns: Column<R>[]
  /** `list`: to the edges of its card; `bars`: with a bar under the first cell; `ways`: dense; `lines`: denser; `rows`: with room for buttons. */
  look?: 'list' | 'bars' | 'ways' | 'lines' | 'rows'
  label?: string
  /** Titles are told to screen readers alone. */
  quietHead?: boolean
  /** `j` and `k` go through its rows. */
  keys?: boolean
}

const classes = <R,>(column: Column<R>, head: boolean): string | undefined =>
  [
    column.number ? 'number' : '',
    column.from ?? '',
    column.nowrap && !head ? 'nowrap' : '',
    head ? '' : (column.class ?? ''),
  ]
    .filter(Boolean)
    .join(' ') || undefined

const SORTED = { ascending: ' \u2191', descending: ' \u2193' }

function Title<R>({ column }: { column: Column<R> }) {
  const { title, sort } = column
  if (!sort) return <>{title}</>
  return (
    <a href={sort.href}>
      {title}
      {sort.now ? <span aria-hidden="true">{SORTED[sort.now]}</span> : null}
    </a>
  )
}

/** The one table of the pages. */
export function Table<R>({ rows, columns, look, label, quietHead = false, keys = false }: TableProps<R>) {
  return (
    <table class={look} aria-label={label} data-keys={keys ? '' : undefined}>
      <thead class={quietHead ? 'unseen' : undefined}>
        <tr>
          {columns.map((column) => (
            <th scope="col" class={classes(column, true)} aria-sort={column.sort?.now}>
              <Title column={column} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            {columns.map((column) =>
              column.names ? (
                <th scope="row" class={classes(column, false)}>
                  {column.cell(row)}
                </th>
              ) : (
                <td class={classes(column, false)}>{column.cell(row)}</td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A table that fills its card, or what stands there while it is empty. */
export function List<R>({ empty, ...props }: TableProps<R> & { empty: Child; label: string }) {
  const { rows, label, ...rest } = props
  return (
    <section class="card flush" aria-label={label}>
      {rows.length === 0 ? <div class="empty">{empty}</div> : <Table {...rest} rows={rows} look="list" />}
    </section>
  )
}

/** On from a page of a list, and back to its first. `url` is that of the first. */
export function Pager(props: {
  url: string
  /** Whether this is the first. */
  first: boolean
  /** The cursor of the next, or null. */
  next: string | null
  label?: string
  back?: string
  more?: string
  /** Where on the page the list begins. */
  at?: string
}) {
  const { t } = useLocale()
  const { url, first, next, at = '', label = t.list.pages, back = t.list.first, more = t.list.more } = props
  if (first && next === null) return null
  const sign = url.includes('?') ? '&' : '?'
  return (
    <nav class="pager" aria-label={label}>
      {first ? null : <a href={url + at}>{back}</a>}
      {next === null ? null : (
        <a rel="next" href={`${url}${sign}cursor=${encodeURIComponent(next)}${at}`}>
          {more}
        </a>
      )}
    </nav>
  )
}

export interface Tab {
  name: Child
  href: string
  count?: number
  here: boolean
}

/** Ways to look at the same thing, the one that is looked at marked. `pills` are for ranges. */
export function Tabs({ label, tabs, pills = false }: { label: string; tabs: Tab[]; pills?: boolean }) {
  const { f } = useLocale()
  return (
    <nav class={pills ? 'pills' : 'tabs'} aria-label={label}>
      {tabs.map(({ name, href, count, here }) => (
        <a href={href} aria-current={here ? 'true' : undefined}>
          {name}
          {count === undefined ? null : (
            <>
              {' '}
              <span class="count">{f.count(count)}</span>
            </>
          )}
        </a>
      ))}
    </nav>
  )
}

export interface Chip {
  name: Child
  /** The page without it. */
  without: string
}

/** What a page is narrowed to, each with the way out. */
export function Chips({ chips, clear }: { chips: Chip[]; clear: string }) {
  const { t } = useLocale()
  if (chips.length === 0) return null
  return (
    <ul class="chips" aria-label={t.list.filters}>
      {chips.map(({ name, without }) => (
        <li class="chip">
          {name}{' '}
          <a href={without}>
            <span aria-hidden="true">×</span>
            <span class="unseen">{t.list.remove}</span>
          </a>
        </li>
      ))}
      {chips.length > 1 ? (
        <li>
          <a href={clear}>{t.list.clear}</a>
        </li>
      ) : null}
    </ul>
  )
}
