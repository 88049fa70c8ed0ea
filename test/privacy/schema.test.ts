import { readFileSync } from 'node:fs'
import { getTableColumns, getTableName } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { holding } from '../../collector/store/sqlite/erase.ts'
import * as schema from '../../collector/store/sqlite/schema.ts'

/** Tables that hold nobody: an erasure leaves them alone. */
const NOBODYS = [
  'audit',
  'counts',
  'keys',
  // Bits of numbers: that of who is removed is cleared with its visitor.
  'known_visitors',
  // Written anew, without them, by what removes their milestones.
  'milestone_blocks',
  'quarters',
  'refusals',
  'rules',
  'settings',
  'sites',
  'slice_visitors',
  'slices',
  'staff',
  'stage_days',
  'suppressions',
  'texts',
  'titles',
  'webhooks',
  'week_changes',
  'week_slices',
]

const tables = Object.values(schema).map((table) => [getTableName(table), table] as const)
const doc = readFileSync(new URL('../../docs/privacy.md', import.meta.url), 'utf8')
const rows = [...doc.matchAll(/^\| `(\w+)` \|([^|]*)\|([^|]*)\|/gm)].map(([, name, what, howLong]) => ({
  name: name!,
  what: what!.trim(),
  howLong: howLong!.trim(),
}))

describe('an erasure', () => {
  it('reaches every table but those that hold nobody', () => {
    const untouched = tables.filter(([, table]) => holding(table) === null).map(([name]) => name)
    expect(untouched.sort()).toEqual(NOBODYS)
  })
})

describe('docs/privacy.md', () => {
  it('names every table of the schema and no other', () => {
    expect(rows.map(({ name }) => name).sort()).toEqual(tables.map(([name]) => name).sort())
  })

  it.each(rows)('says what $name holds and how long', ({ what, howLong }) => {
    expect(what.length).toBeGreaterThan(5)
    expect(howLong.length).toBeGreaterThan(3)
  })

  it('names every column of the tables about people', () => {
    const personal = tables.filter(([, table]) => holding(table) === 'itself')
    for (const [name, table] of personal) {
      const { what } = rows.find((row) => row.name === name)!
      for (const column of Object.values(getTableColumns(table)))
        expect(what, `${name}.${column.name}`).toContain(`\`${column.name}\``)
    }
  })
})
