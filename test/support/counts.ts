import { openForReading } from '../../collector/store/sqlite/open.ts'
import { sqliteReader } from '../../collector/store/sqlite/read.ts'

/** The conservation counts of a state file, by name. */
export function counts(db: string): Record<string, number> {
  const file = openForReading(db)
  try {
    return sqliteReader(file).counts()
  } finally {
    file.close()
  }
}
