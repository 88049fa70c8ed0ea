import type { Database } from 'better-sqlite3'
import type { Cell } from '../../lead/state.ts'
import type { Changes, StateStore } from '../store.ts'

interface CellRow {
  signal: string
  day: number
  count: number
  ms: number
  keys: string | null
  lastAt: number
}

function toCell({ keys, ...row }: CellRow): Cell {
  return { ...row, keys: keys === null ? [] : JSON.parse(keys) }
}

function cellColumns({ keys, ...cell }: Cell): Record<string, unknown> {
  return { ...cell, keys: keys.length === 0 ? null : JSON.stringify(keys) }
}

/** What people did, by day and signal; and what it was of whose events nothing is kept. */
export function sqliteCells(db: Database) {
  const s = {
    pastCells: db.prepare(
      'SELECT contact, signal, day, count, ms, keys, last_at AS lastAt FROM past_cells WHERE visitor = ? ORDER BY contact, day, signal',
    ),
    putPastCell: db.prepare(
      `INSERT OR REPLACE INTO past_cells (visitor, contact, day, signal, count, ms, keys, last_at)
       VALUES (@visitor, @contact, @day, @signal, @count, @ms, @keys, @lastAt)`,
    ),
    cell: db.prepare(
      'SELECT signal, day, count, ms, keys, last_at AS lastAt FROM cells WHERE contact = ? AND day = ? AND signal = ?',
    ),
    cells: db.prepare(
      'SELECT signal, day, count, ms, keys, last_at AS lastAt FROM cells WHERE contact = ? ORDER BY day, signal',
    ),
    putCell: db.prepare(
      'INSERT OR REPLACE INTO cells (contact, day, signal, count, ms, keys, last_at) VALUES (@contact, @day, @signal, @count, @ms, @keys, @lastAt)',
    ),
    dropCell: db.prepare('DELETE FROM cells WHERE contact = ? AND day = ? AND signal = ?'),
    dropCells: db.prepare('DELETE FROM cells WHERE contact = ?'),
  }
  const put = (contact: number, cell: Cell) => s.putCell.run({ contact, ...cellColumns(cell) })

  return {
    /** Behind the leads that go, whose cells go with them. */
    write({ leadsRemoved, pastCells, cellsReplaced, cellsRemoved, cells }: Changes): void {
      for (const { visitor, contact, cell } of pastCells)
        s.putPastCell.run({ visitor, contact, ...cellColumns(cell) })
      for (const contact of leadsRemoved) s.dropCells.run(contact)
      for (const { contact, cells } of cellsReplaced) {
        s.dropCells.run(contact)
        for (const cell of cells) put(contact, cell)
      }
      for (const { contact, day, signal } of cellsRemoved) s.dropCell.run(contact, day, signal)
      for (const { contact, cell } of cells) put(contact, cell)
    },
    cell: (contact, day, signal) => {
      const row = s.cell.get(contact, day, signal) as CellRow | undefined
      return row && toCell(row)
    },
    cells: (contact) => (s.cells.all(contact) as CellRow[]).map(toCell),
    pastCells: (visitor) =>
      (s.pastCells.all(visitor) as (CellRow & { contact: number })[]).map(({ contact, ...row }) => ({
        visitor,
        contact,
        cell: toCell(row),
      })),
  } satisfies Pick<StateStore, 'cell' | 'cells' | 'pastCells'> & Record<'write', unknown>
}
