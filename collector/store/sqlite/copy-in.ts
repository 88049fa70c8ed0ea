/** Fills a new state in SQLite with the rows of another. */
import type { Database } from 'better-sqlite3'
import { changesOf, type Kind, type Kinds, type StateSink } from '../copy.ts'
import { DIMENSIONS, type StateStore, type Watermark } from '../store.ts'
import { sqliteTexts, type Texts } from './texts.ts'

interface Insert<T> {
  sql: string
  of(row: T, texts: Texts): (string | number | null | Buffer)[]
}

/** Kinds that no batch carries. */
const INSERTS: { [K in Kind]?: Insert<Kinds[K]> } = {
  titles: {
    sql: 'INSERT OR REPLACE INTO titles (site, path, title) VALUES (?, ?, ?)',
    of: ({ site, path, title }, texts) => [site, texts.no(path), title],
  },
  superseded: {
    sql: 'INSERT INTO superseded ("transition", by_transition) VALUES (?, ?)',
    of: ({ transition, by }) => [transition, by],
  },
  stageDays: {
    sql: 'INSERT INTO stage_days (site, day, stage, n) VALUES (?, ?, ?, ?)',
    of: ({ site, day, stage, n }) => [site, day, stage, n],
  },
  deliveries: {
    sql: `INSERT INTO deliveries (webhook, message, contact, seq, serial, created_at, state, due_at, tries)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    of: (row) => [
      row.webhook,
      row.message,
      row.contact,
      row.seq,
      row.serial,
      row.createdAt,
      row.state,
      row.dueAt,
      JSON.stringify(row.tries),
    ],
  },
  quarterVisitors: {
    sql: `INSERT INTO quarters (site, quarter, visitors, visits, bounces, views, engaged_ms, downloads, cart_adds, cart_value)
      VALUES (?, ?, ?, 0, 0, 0, 0, 0, 0, 0) ON CONFLICT (site, quarter) DO UPDATE SET visitors = excluded.visitors`,
    of: ({ site, quarter, visitors }) => [site, quarter, visitors],
  },
  sliceVisitors: {
    sql: 'INSERT INTO slice_visitors (site, dimension, day, value, visitors) VALUES (?, ?, ?, ?, ?)',
    of: ({ site, dimension, day, value, visitors }, texts) => [
      site,
      DIMENSIONS.indexOf(dimension),
      day,
      texts.no(value),
      visitors,
    ],
  },
}

/** `store` is of this connection; `watermark` says what the copied state is of. */
export function sqliteSink(db: Database, store: StateStore, watermark: Watermark): StateSink {
  const texts = sqliteTexts(db)
  const insert = db.transaction(<K extends Kind>({ sql, of }: Insert<Kinds[K]>, rows: Kinds[K][]) => {
    const statement = db.prepare(sql)
    for (const row of rows) statement.run(...of(row, texts))
  })
  return {
    async put(kind, rows) {
      const changes = changesOf(kind, rows, watermark)
      if (changes) await store.commit(changes)
      // Where each stage stood is copied as it was counted: those who were erased are in it, too.
      if (kind === 'transitions') db.exec('DELETE FROM stage_days')
      if (!changes) insert.immediate(INSERTS[kind] as never, rows as never)
    },
  }
}
