import { openForReading } from '../../collector/store/sqlite/open.ts'

const VIEWS = `select visitors."key" as visitor, text as path
  from events join texts on texts.no = a join visitors on visitors.no = visitor join sites on sites.no = visitors.site
  where kind = 0 and sites.id = ? order by id_ms`

/** Whose each page view of a site is in the state file, oldest first: measured visitors begin with `~`. */
export function storedVisitors(db: string, site: string): { visitor: string; path: string }[] {
  const file = openForReading(db)
  try {
    return file.prepare(VIEWS).all(site) as { visitor: string; path: string }[]
  } finally {
    file.close()
  }
}
