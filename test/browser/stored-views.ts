import { openForReading } from '../../collector/store/sqlite/open.ts'

const VIEWS = `select text as path, count(*) as n
  from events join texts on texts.no = a join visitors on visitors.no = visitor join sites on sites.no = visitors.site
  where kind = 0 and sites.id = ? group by text`

/** Page views of a site in the state file, by path. */
export function storedViews(db: string, site: string): Record<string, number> {
  const file = openForReading(db)
  try {
    const rows = file.prepare(VIEWS).all(site) as { path: string; n: number }[]
    return Object.fromEntries(rows.map(({ path, n }) => [path, n]))
  } finally {
    file.close()
  }
}
