/**
 * The state's tables: what is searched for lies in columns, the rest of a row as JSON in `body`. Sums that several
 * projectors add to are kept by partition, so that none waits for another; visitors of a sum are rows, which several
 * may add at once.
 */

interface Table {
  /** Types by name. */
  columns: Record<string, string>
  key: string[]
  /** Further indexes: their columns, `unique` before them where they are. */
  indexes?: string[]
}

/** Row numbers of a partition begin at its own multiple of this: 8,192 partitions fit below 2^53. */
export const NUMBERS = 2 ** 40

/** Whole days since 1 January 1970 of a moment, ms. */
export const dayOf = (at: number): number => Math.floor(at / 86_400_000)

const SUMS = {
  visits: 'bigint',
  bounces: 'bigint',
  views: 'bigint',
  engaged_ms: 'bigint',
  downloads: 'bigint',
  cart_adds: 'bigint',
  cart_value: 'bigint',
}
export const SUM_COLUMNS = Object.keys(SUMS)

const table = (columns: Record<string, string>, key: string[], indexes: string[] = []): Table => ({
  columns,
  key,
  indexes,
})

export const TABLES = {
  settings: table({ name: 'text', value: 'text' }, ['name']),
  /** How far each partition of visitors is projected. */
  watermarks: table({ part: 'bigint', log_id: 'text', seq: 'bigint', now: 'bigint' }, ['part']),
  sites: table({ no: 'bigint', id: 'text', body: 'text' }, ['no'], ['unique (id)']),
  keys: table({ id: 'text', revoked_at: 'bigint', expires_at: 'bigint', used_at: 'bigint', body: 'text' }, [
    'id',
  ]),
  staff: table({ id: 'text', removed_at: 'bigint', created_at: 'bigint', body: 'text' }, ['id']),
  rules: table({ site: 'bigint', version: 'bigint', body: 'text' }, ['site', 'version']),
  visitors: table(
    { no: 'bigint', site: 'bigint', key: 'text', first_at: 'bigint', body: 'text' },
    ['no'],
    ['unique (site, key)', '(site, no)'],
  ),
  events: table({ visitor: 'bigint', id_ms: 'bigint', id_key: 'bigint', at: 'bigint', body: 'text' }, [
    'visitor',
    'id_ms',
    'id_key',
  ]),
  /** The latest title of a path, which is too long for a key. */
  titles: table({ site: 'bigint', path_hash: 'text', path: 'text', title: 'text' }, ['site', 'path_hash']),
  visits: table({ visitor: 'bigint', start_at: 'bigint', body: 'text' }, ['visitor', 'start_at']),
  contacts: table(
    { no: 'bigint', id: 'text', merged_into: 'bigint', body: 'text' },
    ['no'],
    ['unique (id)', '(merged_into)'],
  ),
  identities: table(
    { site: 'bigint', kind: 'text', value: 'text', contact: 'bigint' },
    ['site', 'kind', 'value'],
    ['(contact)'],
  ),
  links: table(
    { visitor: 'bigint', at: 'bigint', contact: 'bigint', view_at: 'bigint' },
    ['visitor', 'at', 'contact'],
    ['(contact)'],
  ),
  consents: table({ visitor: 'bigint', at: 'bigint', state: 'text', source: 'text' }, ['visitor', 'at']),
  measured_views: table(
    { day: 'bigint', id_ms: 'bigint', id_key: 'bigint', visitor: 'bigint', at: 'bigint' },
    ['day', 'id_ms', 'id_key', 'visitor'],
  ),
  awaited_views: table(
    { day: 'bigint', id_ms: 'bigint', id_key: 'bigint', site: 'bigint', contact: 'bigint', at: 'bigint' },
    ['day', 'id_ms', 'id_key', 'site', 'contact'],
    ['(contact)'],
  ),
  edges: table(
    { contact: 'bigint', visitor: 'bigint', from_at: 'bigint', to_at: 'bigint' },
    ['contact', 'visitor', 'from_at'],
    ['(visitor)'],
  ),
  leads: table(
    {
      contact: 'bigint',
      site: 'bigint',
      review_day: 'bigint',
      rules_version: 'bigint',
      due_at: 'bigint',
      since: 'bigint',
      body: 'text',
    },
    ['contact'],
    ['(site, review_day)', '(due_at)'],
  ),
  cells: table({ contact: 'bigint', day: 'bigint', signal: 'text', body: 'text' }, [
    'contact',
    'day',
    'signal',
  ]),
  /** What events that are no longer kept came to. */
  past_cells: table(
    { visitor: 'bigint', contact: 'bigint', day: 'bigint', signal: 'text', body: 'text' },
    ['visitor', 'contact', 'day', 'signal'],
    ['(contact)'],
  ),
  /** By what a lead's first visit came; `at` is null of one that never visited. */
  touches: table({ contact: 'bigint', at: 'bigint', body: 'text' }, ['contact']),
  /** `rules` is a JSON list of ids, or JSON's null. */
  hand_overs: table({ contact: 'bigint', rules: 'text', is_won: 'boolean' }, ['contact']),
  /** Files that leads downloaded; a path is too long for a key. */
  content_seen: table({ contact: 'bigint', path_hash: 'text', path: 'text', at: 'bigint' }, [
    'contact',
    'path_hash',
  ]),
  decisions: table({ contact: 'bigint', at: 'bigint', id_ms: 'bigint', id_key: 'bigint', body: 'text' }, [
    'contact',
    'at',
    'id_ms',
    'id_key',
  ]),
  notes: table({ contact: 'bigint', at: 'bigint', id: 'text', body: 'text' }, ['contact', 'at', 'id']),
  breaches: table({ contact: 'bigint', since: 'bigint', body: 'text' }, ['contact', 'since']),
  transitions: table({ no: 'bigint', contact: 'bigint', body: 'text' }, ['no'], ['(contact)']),
  superseded: table({ transition: 'bigint', by_transition: 'bigint' }, ['transition']),
  outbox: table(
    { id: 'text', contact: 'bigint', created_at: 'bigint', is_brief: 'boolean', body: 'text' },
    ['id'],
    ['(contact)', '(created_at)'],
  ),
  webhooks: table({ id: 'text', created_at: 'bigint', body: 'text' }, ['id']),
  /** Which webhook has, or is to get, which message; `tries` is a JSON list. */
  deliveries: table(
    {
      webhook: 'text',
      message: 'text',
      contact: 'bigint',
      seq: 'bigint',
      serial: 'bigint',
      created_at: 'bigint',
      state: 'text',
      due_at: 'bigint',
      tries: 'text',
    },
    ['webhook', 'message'],
    ['(webhook, due_at)', '(webhook, contact, seq, serial)', '(message)', '(contact)', '(created_at)'],
  ),
  quarters: table({ site: 'bigint', quarter: 'bigint', part: 'bigint', ...SUMS }, [
    'site',
    'quarter',
    'part',
  ]),
  quarter_visitors: table({ site: 'bigint', quarter: 'bigint', visitor: 'bigint' }, [
    'site',
    'quarter',
    'visitor',
  ]),
  slices: table(
    {
      site: 'bigint',
      dimension: 'text',
      day: 'bigint',
      value_hash: 'text',
      part: 'bigint',
      value: 'text',
      ...SUMS,
    },
    ['site', 'dimension', 'day', 'value_hash', 'part'],
  ),
  slice_visitors: table(
    {
      site: 'bigint',
      dimension: 'text',
      day: 'bigint',
      value_hash: 'text',
      visitor: 'bigint',
    },
    ['site', 'dimension', 'day', 'value_hash', 'visitor'],
  ),
  counts: table({ name: 'text', part: 'bigint', n: 'bigint' }, ['name', 'part']),
  refusals: table({ day: 'bigint', site: 'text', reason: 'text', part: 'bigint', n: 'bigint' }, [
    'day',
    'site',
    'reason',
    'part',
  ]),
  dead_letters: table({ seq: 'bigint', at: 'bigint', bytes: 'bigint', body: 'text', reason: 'text' }, [
    'seq',
  ]),
  suppressions: table({ hash: 'text', at: 'bigint' }, ['hash']),
  audit: table({ at: 'bigint', subject: 'text', what: 'text', by: 'text', body: 'text' }, [
    'at',
    'subject',
    'what',
    'by',
  ]),
  outcomes: table({ ref: 'text', at: 'bigint', body: 'text' }, ['ref'], ['(at)']),
} satisfies Record<string, Table>

export type TableName = keyof typeof TABLES

/** What makes the tables of a new state. */
export const SCHEMA = Object.entries(TABLES as Record<string, Table>)
  .flatMap(([name, { columns, key, indexes = [] }]) => [
    `CREATE TABLE ${name} (${Object.entries(columns)
      .map(([column, type]) => `${column} ${type}`)
      .join(', ')}, PRIMARY KEY (${key.join(', ')}))`,
    ...indexes.map((index) =>
      index.startsWith('unique')
        ? `CREATE UNIQUE INDEX ON ${name} ${index.slice('unique '.length)}`
        : `CREATE INDEX ON ${name} ${index}`,
    ),
  ])
  .join(';\n')

/**
 * A statement that writes rows given as one JSON list. A row whose key is there fails, replaces it, is left out, or
 * is added to it: `n` and the sums.
 */
export function writing(name: TableName, there: 'fail' | 'replace' | 'ignore' | 'add'): string {
  const { columns, key }: Table = TABLES[name]
  const names = Object.keys(columns)
  const types = Object.entries(columns).map(([column, type]) => `${column} ${type}`)
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
    add: `ON CONFLICT (${key}) DO UPDATE SET ${set}`,
  }[there]
  return `INSERT INTO ${name} (${names}) SELECT ${names} FROM json_to_recordset($1::text::json) AS rows (${types}) ${conflict}`
}

/** A statement that removes the rows whose keys (or the given columns of them) are given as one JSON list. */
export function removing(name: TableName, by: string[] = TABLES[name].key): string {
  const columns: Record<string, string> = TABLES[name].columns
  const types = by.map((column) => `${column} ${columns[column]}`)
  const same = by.map((column) => `${name}.${column} = gone.${column}`).join(' AND ')
  return `DELETE FROM ${name} USING json_to_recordset($1::text::json) AS gone (${types}) WHERE ${same}`
}
