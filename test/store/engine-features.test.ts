/** What of PostgreSQL is used beyond the SQL that engines like it share is named in docs/scale.md, all of it and nothing else. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = new URL('../..', import.meta.url).pathname
const SOURCES = [
  'collector/store/postgres',
  'collector/engine',
  'collector/log',
  'collector/postgres-connection.ts',
]
/** In code and in the table alike. */
const FEATURE = new RegExp(
  `\\b(${[
    'pg_(?!dump|hba)\\w+',
    'tcp_\\w+',
    '\\w+_timeout',
    'enable_\\w+',
    'json_\\w+',
    ...[
      'jit',
      'max_parallel_workers_per_gather',
      'synchronous_commit',
      'fillfactor',
      'hashtext',
      'to_regclass',
      'current_setting',
      'current_schema',
    ],
    ...[
      'clock_timestamp',
      'unnest',
      'generate_series',
      'md5',
      'bit_or',
      'octet_length',
      'string_agg',
      'row_number',
      'bytea',
    ],
    ...[
      'LISTEN',
      'UNLOGGED',
      'VACUUM',
      'ANALYZE',
      'LOCK TABLE',
      'ATTACH PARTITION',
      'PARTITION BY LIST',
      'LIKE events INCLUDING ALL',
    ],
    ...['FOR SHARE', 'FOR UPDATE', 'LATERAL', 'FILTER', 'WITH ORDINALITY', 'DISTINCT ON', 'ILIKE', 'COLLATE'],
    ...['ON CONFLICT', 'RETURNING', 'SET LOCAL', 'REPEATABLE READ', 'READ ONLY', 'CREATE UNIQUE INDEX'],
  ].join('|')})\\b`,
  'g',
)
/** Named by the driver, or in small letters. */
const OTHERS: [inTable: RegExp, inCode: RegExp][] = [
  [/`SERIALIZABLE`/, /serializable/],
  [/cursors/, /\.cursor\(/],
]
/** Of the driver alone. */
const NOT_THE_ENGINES = new Set(['connect_timeout', 'idle_timeout'])

function filesIn(path: string): string[] {
  if (path.endsWith('.ts')) return [path]
  return readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/sqlite|nats|files/.test(name))
    .map((name) => join(path, name))
}

const code = SOURCES.flatMap(filesIn)
  .map((file) => readFileSync(join(ROOT, file), 'utf8').replace(/\/\*\*?[\s\S]*?\*\/|(^|\s)\/\/.*/g, ''))
  .join('\n')
const [, section = ''] = readFileSync(join(ROOT, 'docs/scale.md'), 'utf8').split(
  '### What other engines would have to bring',
)
const table = section.split('\n').filter((line) => line.startsWith('|'))
const featuresIn = (text: string): string[] =>
  [...new Set(text.match(FEATURE) ?? [])].filter((name) => !NOT_THE_ENGINES.has(name)).sort()

describe('what other engines would have to bring', () => {
  it('names all that is used, and nothing that is not', () => {
    expect(featuresIn(table.map((line) => line.split('|')[1]).join('\n'))).toEqual(featuresIn(code))
    for (const [inTable, inCode] of OTHERS)
      expect([inTable.test(table.join('\n')), inCode.test(code)]).toEqual([true, true])
  })

  it('uses no sequence, foreign key, trigger, function or extension', () => {
    expect(code).not.toMatch(
      /\b(SERIAL|nextval|REFERENCES|FOREIGN KEY|CREATE (OR REPLACE )?(TRIGGER|FUNCTION|PROCEDURE|EXTENSION|SEQUENCE)|GENERATED ALWAYS)\b/,
    )
  })

  it('names files that are there', () => {
    for (const [name] of section.matchAll(/(?<=`)[\w/-]+\.ts(?=`)/g))
      expect(existsSync(join(ROOT, 'collector', name)), name).toBe(true)
  })
})
