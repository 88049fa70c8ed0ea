/** Rows to statements: a few of them whatever the size of a batch, each with its rows as one list a column. */
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
    async settle() {
      await Promise.all(sent)
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

/** Rows of these columns, from the parameters from `first` on: what `listsOf` gives. */
export function rowsOf(table: TableName, names: readonly string[], first = 1): string {
  const { columns }: Table = TABLES[table]
  return `unnest(${names.map((name, i) => `$${first + i}::text::${columns[name]}[]`).join(', ')})`
}

/** The same where rows are changed or removed: Citus takes a list there as a query alone. */
export const rowsFrom = (table: TableName, names: readonly string[], first = 1): string =>
  `(SELECT * FROM ${rowsOf(table, names, first)} AS list (${names}))`

/** A list of each column, as the engine writes arrays: it reads them in half the time of JSON. */
export const listsOf = (names: readonly string[], rows: readonly Row[]): string[] =>
  names.map((name) => {
    let list = ''
    let before: unknown
    let text = ''
    for (const row of rows) {
      const value = row[name]
      // Neighbours are often the same: of one site, from one campaign.
      if (list === '' || value !== before) text = element(value)
      before = value
      list += list === '' ? text : `,${text}`
    }
    return `{${list}}`
  })

/** What JSON spells otherwise than an array does. */
const ODD = /[^ -\ud7ff\ue000-\uffff]/

function element(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value !== 'string') return String(value)
  if (!ODD.test(value)) return JSON.stringify(value)
  // NUL cannot stand in a text: its picture does.
  return `"${value.replace(/["\\]/g, '\\$&').replaceAll('\0', '\u2400')}"`
}

export const json = (value: unknown): string => JSON.stringify(value)

/** NUL cannot be taken out of a JSON text on the server; see `plain` in `store.ts`. */
export const list = (rows: Row[]): string =>
  JSON.stringify(rows, (_, value) => (typeof value === 'string' ? value.replaceAll('\0', '\u2400') : value))

/** A statement may not write a row twice: the last one holds. */
export function lastByKey(table: TableName, rows: Row[]): Row[] {
  const { key } = TABLES[table]
  return [...new Map(rows.map((row) => [key.map((column) => row[column]).join('\n'), row])).values()]
}

/** Columns with their types, as `json_to_recordset` takes them. */
export const typesOf = (table: TableName, names: readonly string[]): string =>
  names.map((name) => `${name} ${(TABLES[table].columns as Record<string, string>)[name]}`).join(', ')
