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

/** A setting of a state file. */
export function setting(db: string, name: string): string | undefined {
  const file = openForReading(db)
  try {
    return sqliteReader(file).setting(name)
  } finally {
    file.close()
  }
}
