/** Rows to statements: a few of them whatever the size of a batch, each with its rows as one list a column. */
import { type Column, listsFrom, listsOf } from './lists.ts'
import { SUM_COLUMNS, TABLES, type Table, type TableName } from './tables.ts'

export type Args = (string | number | null)[]
/** Runs a statement; resolves with how many rows it touched. */
export type Statement = (query: string, args: Args) => Promise<number>
export type Read = <T>(query: string, args: Args) => Promise<T[]>
/** The same, its arguments one by one. */
export type All = <T>(query: string, ...args: (string | number | null)[]) => Promise<T[]>
export type Row = Record<string, unknown>

/** What becomes of a row whose key is there: it fails, replaces it, is left out, or is added to it: `n` and the sums. Rows that `renew` others bear each key once. */
type There = 'fail' | 'replace' | 'renew' | 'ignore' | 'add'

interface Derived {
  column: string
  value: string
  /** On `rows`. (An inner join: that is what engines can do that distribute their rows.) */
  join: string
}

/**
 * Statements go out one after the other without waiting for each other's answers: a batch costs a journey or two, not one a
 * statement. What fails is thrown by the next `write` or by `settle`.
 */
export interface Writer {
  /** For its answer. */
  write: Statement
  send(query: string, args: Args): void
  /** `derived` is a column that the rows do not bear, out of another table that is joined. */
  put(table: TableName, rows: Row[], there?: There, derived?: Derived): void
  /** The same of what its columns tell of one. Each key may be borne once. */
  putAll<T>(table: TableName, columns: readonly Column<T>[], items: readonly T[], there: There): void
  /**
   * Changes rows that are there, whose key is among the columns: without the lock and the second look that a row costs which may
   * be new. `missed` is called where one is not, before `settle` is done.
   */
  change<T>(table: TableName, columns: readonly Column<T>[], items: readonly T[], missed: () => void): void
  /** By the key, or by these columns of it. */
  remove(table: TableName, rows: Row[], by?: string[]): void
  /** Waits for all of them. */
  settle(): Promise<void>
}

export function writerOf(run: Statement): Writer {
  const sent: Promise<unknown>[] = []
  let failure: { error: unknown } | undefined

  /** The engine refuses all that comes behind what failed: that alone is told. */
  function answered(query: string, args: Args): Promise<number> {
    const answer = run(query, args).catch((error) => {
      failure ??= { error }
      throw failure.error
    })
    answer.catch(() => {})
    sent.push(answer)
    return answer
  }

  return {
    write: answered,
    send(query, args) {
      void answered(query, args)
    },
    put(table, rows, there = 'replace', derived) {
      if (rows.length === 0) return
      const names = Object.keys(TABLES[table].columns).filter((name) => name !== derived?.column)
      void answered(writing(table, there, derived), [
        ...listsOf(names, there === 'replace' ? lastByKey(table, rows) : rows),
      ])
    },
    putAll(table, columns, items, there) {
      if (items.length > 0)
        void answered(writing(table, there, undefined), listsFrom(inOrder(table, columns), items))
    },
    change(table, columns, items, missed) {
      if (items.length === 0) return
      const names = columns.map(([name]) => name)
      const done = answered(changing(table, names), listsFrom(columns, items)).then((n) => {
        if (n !== items.length) missed()
      })
      done.catch(() => {})
      sent.push(done)
    },
    async settle() {
      // Also what was sent since this began.
      for (const one of sent) await one
    },
    remove(table, rows, by = TABLES[table].key) {
      if (rows.length === 0) return
      const same = by.map((column) => `${table}.${column} = gone.${column}`).join(' AND ')
      void answered(
        `DELETE FROM ${table} USING ${rowsFrom(table, by)} AS gone WHERE ${same}`,
        listsOf(by, rows),
      )
    },
  }
}

function writing(name: TableName, there: There, derived: Derived | undefined): string {
  const { columns, key }: Table = TABLES[name]
  const names = Object.keys(columns)
  const given = names.filter((column) => column !== derived?.column)
  const others = names.filter((column) => !key.includes(column))
  const added = new Set([...SUM_COLUMNS, 'n'])
  const set = others.map((column) =>
    there === 'add' && added.has(column)
      ? `${column} = ${name}.${column} + excluded.${column}`
      : `${column} = excluded.${column}`,
  )
  const conflict = {
    fail: '',
    ignore: 'ON CONFLICT DO NOTHING',
    replace: `ON CONFLICT (${key}) DO UPDATE SET ${set}`,
    renew: `ON CONFLICT (${key}) DO UPDATE SET ${set}`,
    add: `ON CONFLICT (${key}) DO UPDATE SET ${set}`,
  }[there]
  const values = names.map((column) => (column === derived?.column ? derived.value : `rows.${column}`))
  return `INSERT INTO ${name} (${names}) SELECT ${values} FROM ${rowsOf(name, given)} AS rows (${given}) ${derived?.join ?? ''} ${conflict}`
}

function changing(table: TableName, names: readonly string[]): string {
  const { key }: Table = TABLES[table]
  const set = names.filter((name) => !key.includes(name)).map((name) => `${name} = rows.${name}`)
  const same = key.map((name) => `${table}.${name} = rows.${name}`).join(' AND ')
  return `UPDATE ${table} SET ${set} FROM ${rowsFrom(table, names)} AS rows WHERE ${same}`
}

/** As the table has them. */
function inOrder<T>(table: TableName, columns: readonly Column<T>[]): Column<T>[] {
  const named = new Map(columns.map((column) => [column[0], column]))
  return Object.keys(TABLES[table].columns).map((name) => named.get(name)!)
}

/** Rows of these columns, from the parameters from `first` on: what `listsOf` gives. */
export function rowsOf(table: TableName, names: readonly string[], first = 1): string {
  const { columns }: Table = TABLES[table]
  return `unnest(${names.map((name, i) => `$${first + i}::text::${columns[name]}[]`).join(', ')})`
}

/** The same where rows are changed or removed: Citus takes a list there as a query alone. */
export const rowsFrom = (table: TableName, names: readonly string[], first = 1): string =>
  `(SELECT * FROM ${rowsOf(table, names, first)} AS list (${names}))`

export const json = (value: unknown): string => JSON.stringify(value)

/** NUL cannot be taken out of a JSON text on the server, see `plain` in `store.ts`; nor does it read halves of surrogate pairs. */
export const list = (rows: Row[]): string =>
  JSON.stringify(rows, (_, value) =>
    typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\u2400') : value,
  )

/** A statement may not write a row twice: the last one holds. */
export function lastByKey(table: TableName, rows: Row[]): Row[] {
  const { key } = TABLES[table]
  return [...new Map(rows.map((row) => [key.map((column) => row[column]).join('\n'), row])).values()]
}

/** Columns with their types, as `json_to_recordset` takes them. */
export const typesOf = (table: TableName, names: readonly string[]): string =>
  names.map((name) => `${name} ${(TABLES[table].columns as Record<string, string>)[name]}`).join(', ')
