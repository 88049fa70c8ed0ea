/** How the plain rows of `store.ts` lie in columns: camel to snake case, JSON and booleans. Drizzle's schema is the source. */
import { getTableColumns } from 'drizzle-orm'
import { sortNameOf } from '../sort-name.ts'
import type { Contact } from '../store.ts'
import { contacts, edges, keys, rules, sites, transitions } from './schema.ts'

const TABLES = { contacts, edges, keys, rules, sites, transitions }

/** Columns that follow from the rest of the row, and are no part of it. */
const DERIVED: { [table: string]: Record<string, (row: object) => unknown> } = {
  contacts: { sortName: (row) => sortNameOf(row as Contact) },
}

interface Field {
  /** Name in the row. */
  name: string
  /** Name in the table. */
  column: string
  json: boolean
  boolean: boolean
  derived: ((row: object) => unknown) | undefined
}

const FIELDS = Object.fromEntries(
  Object.entries(TABLES).map(([table, definition]) => [
    table,
    Object.entries(getTableColumns(definition)).map(
      ([name, column]): Field => ({
        name,
        column: column.name,
        json: column.dataType === 'json',
        boolean: column.dataType === 'boolean',
        derived: DERIVED[table]?.[name],
      }),
    ),
  ]),
) as Record<keyof typeof TABLES, Field[]>

/** Column names and named parameters for an insert. */
export function columns(table: keyof typeof TABLES): { names: string; parameters: string } {
  const fields = FIELDS[table]
  return {
    names: fields.map(({ column }) => column).join(', '),
    parameters: fields.map(({ name }) => `@${name}`).join(', '),
  }
}

export function toColumns(table: keyof typeof TABLES, row: object): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const { name, json, boolean, derived } of FIELDS[table]) {
    const value = derived ? derived(row) : (row as Record<string, unknown>)[name]
    if (json) values[name] = value == null ? null : JSON.stringify(value)
    else values[name] = boolean ? Number(value) : value
  }
  return values
}

export function fromColumns(table: keyof typeof TABLES, row: Record<string, unknown>): unknown {
  const values: Record<string, unknown> = {}
  for (const { name, column, json, boolean, derived } of FIELDS[table]) {
    if (derived) continue
    const value = row[column]
    if (json) values[name] = value === null ? null : JSON.parse(value as string)
    else values[name] = boolean ? value === 1 : value
  }
  return values
}
