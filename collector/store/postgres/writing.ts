/** Rows to statements: a few of them whatever the size of a batch, each with its rows as one JSON list. */
import { removing, TABLES, type TableName, writing } from './tables.ts'

export type Args = (string | number | null)[]
/** Runs a statement; resolves with how many rows it touched. */
export type Statement = (query: string, args: Args) => Promise<number>
export type Read = <T>(query: string, args: Args) => Promise<T[]>
export type Row = Record<string, unknown>

export interface Writer {
  write: Statement
  put(
    table: TableName,
    rows: Row[],
    there?: Parameters<typeof writing>[1],
    derived?: Parameters<typeof writing>[2],
  ): Promise<void>
  /** By the key, or by these columns of it. */
  remove(table: TableName, rows: Row[], by?: string[]): Promise<void>
}

export function writerOf(write: Statement): Writer {
  return {
    write,
    async put(table, rows, there = 'replace', derived = {}) {
      if (rows.length === 0) return
      await write(writing(table, there, derived), [list(there === 'replace' ? lastByKey(table, rows) : rows)])
    },
    async remove(table, rows, by) {
      if (rows.length > 0) await write(removing(table, by), [list(rows)])
    },
  }
}

export const json = (value: unknown): string => JSON.stringify(value)

/** NUL cannot be taken out of a JSON text on the server; see `plain` in `store.ts`. */
export const list = (rows: Row[]): string =>
  JSON.stringify(rows, (_, value) => (typeof value === 'string' ? value.replaceAll('\0', '\u2400') : value))

/** A statement may not write a row twice: the last one holds. */
export function lastByKey(table: TableName, rows: Row[]): Row[] {
  const { key } = TABLES[table]
  return [...new Map(rows.map((row) => [json(key.map((column) => row[column])), row])).values()]
}

/** Columns with their types, as `json_to_recordset` takes them. */
export const typesOf = (table: TableName, names: readonly string[]): string =>
  names.map((name) => `${name} ${(TABLES[table].columns as Record<string, string>)[name]}`).join(', ')
