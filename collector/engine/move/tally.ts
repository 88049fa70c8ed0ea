/** What is compared of two states: how many rows of each kind, and a sum of their hashes, which does not depend on their order. */
import { hash } from 'node:crypto'
import { GIVEN_OUT, KINDS, type Kind, type Kinds, type StateSource } from '../../store/copy.ts'

export interface Tally {
  rows: number
  /** Of 128 bits. */
  sum: bigint
}

export type Tallies = Map<string, Tally>

/** Adds rows to the tally of a kind. */
export function tally(tallies: Tallies, kind: string, rows: readonly unknown[]): void {
  const { rows: n, sum } = tallies.get(kind) ?? { rows: 0, sum: 0n }
  let added = sum
  for (const row of rows) added += hashOf(plain(row))
  tallies.set(kind, { rows: n + rows.length, sum: BigInt.asUintN(128, added) })
}

/** The rows of a kind as they are compared: how row numbers go on is each engine's own. */
export function compared<K extends Kind>(kind: K, rows: Kinds[K][]): Kinds[K][] {
  return kind === 'settings'
    ? rows.filter((row) => !(row as Kinds['settings']).name.startsWith(GIVEN_OUT))
    : rows
}

/** All of a state. `each` is told after every kind. */
export async function tallied(source: StateSource): Promise<Tallies> {
  const tallies: Tallies = new Map()
  for (const kind of KINDS)
    for await (const rows of source.rows(kind)) tally(tallies, kind, compared(kind, rows as never[]))
  return tallies
}

/** Kinds that two states differ in; empty where they are the same. */
export function differing(one: Tallies, other: Tallies): string[] {
  const kinds = new Set([...one.keys(), ...other.keys()])
  const nothing = { rows: 0, sum: 0n }
  return [...kinds].filter((kind) => {
    const [a, b] = [one.get(kind) ?? nothing, other.get(kind) ?? nothing]
    return a.rows !== b.rows || a.sum !== b.sum
  })
}

/**
 * The leads by the ids of their contacts: stage, points, fit, and what their reasons are made of. Row numbers are left
 * out, which two projectors give out each in its own way.
 */
export async function leadsTallied(source: StateSource): Promise<Tally> {
  const ids = new Map<number, string>()
  for await (const rows of source.rows('contacts')) for (const { no, id } of rows) ids.set(no, id)
  const tallies: Tallies = new Map()
  for await (const rows of source.rows('leads'))
    tally(
      tallies,
      'leads',
      rows.map(({ contact, engagement, fit, rulesVersion, lead: { stage, since } }) => ({
        id: ids.get(contact),
        stage,
        since,
        engagement,
        fit,
        rulesVersion,
      })),
    )
  for await (const rows of source.rows('cells'))
    tally(
      tallies,
      'cells',
      rows.map(({ contact, cell }) => ({ id: ids.get(contact), ...cell })),
    )
  const [leads, cells] = [tallies.get('leads'), tallies.get('cells')]
  return { rows: leads?.rows ?? 0, sum: BigInt.asUintN(128, (leads?.sum ?? 0n) + (cells?.sum ?? 0n)) }
}

export const shown = ({ sum }: Tally): string => sum.toString(16).padStart(32, '0')

const storable = (text: string): string => {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', '\u2400') : whole
}

function hashOf(text: string): bigint {
  const bytes = hash('sha256', text, 'buffer')
  return bytes.readBigUInt64BE(0) * 2n ** 64n + bytes.readBigUInt64BE(8)
}

/**
 * As JSON, with the names of each object in their order. NUL, which not every engine's text holds, is its picture; so is half of
 * a surrogate pair, which a text that is a column does not hold and JSON does.
 */
function plain(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return JSON.stringify(storable(value))
  if (typeof value !== 'object') return JSON.stringify(value)
  if (Buffer.isBuffer(value)) return `"${value.toString('base64')}"`
  if (Array.isArray(value)) return `[${value.map(plain).join()}]`
  // Written out: every row of a state comes here, and lists of its fields would cost as much again.
  let text = '{'
  for (const name of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[name]
    if (field !== undefined) text += `${text.length > 1 ? ',' : ''}${JSON.stringify(name)}:${plain(field)}`
  }
  return `${text}}`
}
