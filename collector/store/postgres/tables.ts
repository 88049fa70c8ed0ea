/**
 * The state's tables: what is searched for lies in columns, the rest of a row as JSON in `body`. Sums that several
 * projectors add to are kept by partition, so that none waits for another, and so are the visitors of a sum, as
 * `visitor-set.ts` lists them: by whose numbers they are. What grows with a site's traffic has the site first in its key,
 * so that an engine that distributes rows by it finds those of one question in one place (`deploy/citus.sql`).
 */

export interface Table {
  /** Types by name. */
  columns: Record<string, string>
  key: string[]
  /** Further indexes: their columns, `unique` before them where they are. */
  indexes?: string[]
  /** By whose values it lies in tables of their own; that of 0 is there from the start. */
  partition?: string
  /** How full its pages are made, %: see `GROWING`. */
  fill?: number
}

/**
 * Of rows that are made and then changed a few times within minutes: what a row becomes finds room on its page, where no index
 * needs to know of it. Full pages took twice the CPU an event, and, of what changes left behind, more space.
 */
const GROWING = { fill: 50 }

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

const table = (
  columns: Record<string, string>,
  key: string[],
  indexes: string[] = [],
  partition?: string,
): Table => ({ columns, key, indexes, ...(partition !== undefined && { partition }) })

/** Of a site: that comes first, in the key too. */
const bySite = (
  columns: Record<string, string>,
  key: string[],
  indexes: string[] = [],
  partition?: string,
): Table => table({ site: 'bigint', ...columns }, ['site', ...key], indexes, partition)

export const TABLES = {
  settings: table({ name: 'text', value: 'text' }, ['name']),
  /**
   * How far each partition of visitors is projected, and the greatest row numbers that it has given out (`given-out.ts`).
   * `epoch` counts how often a partition was taken over (`leases.ts`); `touched.ts` says what others have done to its visitors.
   */
  watermarks: table(
    {
      part: 'bigint',
      log_id: 'text',
      seq: 'bigint',
      now: 'bigint',
      epoch: 'bigint',
      last_site: 'bigint',
      last_visitor: 'bigint',
      last_contact: 'bigint',
      last_transition: 'bigint',
      touched: 'bigint',
      touched_last: 'text',
    },
    ['part'],
  ),
  sites: table({ no: 'bigint', id: 'text', body: 'text' }, ['no'], ['unique (id)']),
  keys: table(
    {
      id: 'text',
      created_at: 'bigint',
      revoked_at: 'bigint',
      expires_at: 'bigint',
      used_at: 'bigint',
      body: 'text',
    },
    ['id'],
  ),
  staff: table({ id: 'text', removed_at: 'bigint', created_at: 'bigint', body: 'text' }, ['id']),
  rules: bySite({ version: 'bigint', applied_at: 'bigint', by: 'text', document: 'text' }, ['version']),
  /** Columns: `visitor-row.ts`. */
  visitors: {
    ...GROWING,
    ...bySite(
      {
        no: 'bigint',
        key: 'text',
        first_at: 'bigint',
        last_at: 'bigint',
        last_id_ms: 'bigint',
        last_id_key: 'bigint',
        max_id_ms: 'bigint',
        contact: 'bigint',
        visit_start: 'bigint',
        profile: 'text',
      },
      ['no'],
      ['unique (site, key)'],
    ),
  },
  /** Columns: `event-row.ts`; months: `months.ts`. */
  events: bySite(
    {
      visitor: 'bigint',
      id_ms: 'bigint',
      id_key: 'bigint',
      at: 'bigint',
      kind: 'smallint',
      value: 'text',
      page_key: 'bigint',
      ms: 'bigint',
      more: 'text',
      month: 'bigint',
    },
    ['visitor', 'id_ms', 'id_key', 'month'],
    [],
    'month',
  ),
  /** The latest title of a path, which is too long for a key. */
  titles: bySite({ path_hash: 'text', path: 'text', title: 'text' }, ['path_hash']),
  visits: {
    ...GROWING,
    ...bySite(
      {
        visitor: 'bigint',
        start_at: 'bigint',
        end_at: 'bigint',
        views: 'bigint',
        engaged_ms: 'bigint',
        actions: 'bigint',
        entry: 'text',
        exit: 'text',
        referrer: 'text',
        query: 'text',
      },
      ['visitor', 'start_at'],
      // A sample of the visitors reads its buckets alone (`read-visits.ts`).
      ['(site, (visitor & 127), start_at)'],
    ),
  },
  /** `names` are what a list finds a person by beside its other columns, a line each. */
  contacts: bySite(
    {
      no: 'bigint',
      id: 'text',
      merged_into: 'bigint',
      email: 'text',
      phone: 'text',
      external_id: 'text',
      names: 'text',
      identified_at: 'bigint',
      company: 'text',
      company_name: 'text',
      owner: 'text',
      sort_name: 'text',
      body: 'text',
    },
    ['no'],
    [
      // Who names a lead does not say of which site. (That nobody else has it is what `identities` sees to.)
      '(id)',
      '(site, merged_into)',
      '(site, company)',
      '(site, identified_at, no)',
      '(site, sort_name COLLATE "C", no)',
    ],
  ),
  identities: bySite(
    { kind: 'text', value: 'text', contact: 'bigint' },
    ['kind', 'value'],
    ['(site, contact)'],
  ),
  links: bySite(
    { visitor: 'bigint', at: 'bigint', contact: 'bigint', view_at: 'bigint' },
    ['visitor', 'at', 'contact'],
    ['(site, contact)'],
  ),
  consents: bySite({ visitor: 'bigint', at: 'bigint', state: 'text', source: 'text' }, ['visitor', 'at']),
  measured_views: bySite(
    { day: 'bigint', id_ms: 'bigint', id_key: 'bigint', visitor: 'bigint', at: 'bigint' },
    ['day', 'id_ms', 'id_key', 'visitor'],
  ),
  awaited_views: bySite(
    { day: 'bigint', id_ms: 'bigint', id_key: 'bigint', contact: 'bigint', at: 'bigint' },
    ['day', 'id_ms', 'id_key', 'contact'],
    ['(site, contact)'],
  ),
  edges: bySite(
    { contact: 'bigint', visitor: 'bigint', from_at: 'bigint', to_at: 'bigint' },
    ['contact', 'visitor', 'from_at'],
    ['(site, visitor)'],
  ),
  /** Who of the visitors is a contact's: `known-visitors.ts`. */
  known_visitors: bySite({ word: 'bigint', bits: 'bigint' }, ['word']),
  leads: bySite(
    {
      contact: 'bigint',
      stage: 'text',
      engagement: 'bigint',
      fit: 'double precision',
      last_at: 'bigint',
      review_day: 'bigint',
      rules_version: 'bigint',
      due_at: 'bigint',
      since: 'bigint',
      company: 'text',
      visits: 'bigint',
      views: 'bigint',
      engaged_ms: 'bigint',
      body: 'text',
    },
    ['contact'],
    [
      '(site, stage, engagement, contact)',
      '(site, engagement, contact)',
      '(site, fit, contact)',
      '(site, last_at, contact)',
      '(site, since, contact)',
      '(site, company, stage, engagement)',
      '(site, review_day)',
      // Who is overdue is asked of all sites at once.
      '(due_at)',
    ],
  ),
  cells: bySite({ contact: 'bigint', day: 'bigint', signal: 'text', body: 'text' }, [
    'contact',
    'day',
    'signal',
  ]),
  /** What events that are no longer kept came to. */
  past_cells: bySite(
    {
      visitor: 'bigint',
      contact: 'bigint',
      day: 'bigint',
      signal: 'text',
      last_at: 'bigint',
      body: 'text',
    },
    ['visitor', 'contact', 'day', 'signal'],
    ['(site, contact)'],
  ),
  /** When each lead first came how far, by what, and how it ended: what reports read. `standing` is a JSON list of ids of rules. */
  milestones: bySite(
    {
      contact: 'bigint',
      lead: 'bigint',
      mql: 'bigint',
      sql: 'bigint',
      accepted: 'bigint',
      rejected: 'bigint',
      opportunity: 'bigint',
      won: 'bigint',
      lost: 'bigint',
      touch_at: 'bigint',
      source: 'text',
      entry: 'text',
      campaign: 'text',
      standing: 'text',
      is_won: 'boolean',
    },
    ['contact'],
    ['(site, lead)'],
  ),
  /** By how much each stage grew or shrank on a day. */
  stage_days: bySite({ day: 'bigint', stage: 'text', part: 'bigint', n: 'bigint' }, ['day', 'stage', 'part']),
  /** Files that leads downloaded; a path is too long for a key. */
  seen_content: bySite({ contact: 'bigint', path_hash: 'text', path: 'text', at: 'bigint' }, [
    'contact',
    'path_hash',
  ]),
  decisions: bySite(
    {
      contact: 'bigint',
      at: 'bigint',
      id_ms: 'bigint',
      id_key: 'bigint',
      decision: 'text',
      reason: 'text',
      body: 'text',
    },
    ['contact', 'at', 'id_ms', 'id_key'],
    ['(site, decision, at)'],
  ),
  notes: bySite({ contact: 'bigint', at: 'bigint', id: 'text', body: 'text' }, ['contact', 'at', 'id']),
  breaches: bySite(
    { contact: 'bigint', since: 'bigint', due_at: 'bigint', recorded_at: 'bigint' },
    ['contact', 'since'],
    ['(site, due_at)'],
  ),
  transitions: bySite(
    {
      no: 'bigint',
      contact: 'bigint',
      from_stage: 'text',
      to_stage: 'text',
      effective_at: 'bigint',
      recorded_at: 'bigint',
      by: 'text',
      why: 'text',
    },
    ['no'],
    ['(site, contact)', '(site, recorded_at, no)'],
  ),
  superseded: bySite({ transition: 'bigint', by_transition: 'bigint' }, ['transition']),
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
    [
      '(webhook, due_at)',
      '(webhook, contact, seq, serial)',
      '(webhook, seq, serial, message COLLATE "C")',
      // Of 100,000 those that come next, however many lie behind them and whatever the engine thinks of how many that are.
      `(webhook, seq, serial, message COLLATE "C") WHERE state = 'dead'`,
      '(message)',
      '(contact)',
      '(created_at)',
    ],
  ),
  quarters: bySite({ quarter: 'bigint', part: 'bigint', ...SUMS }, ['quarter', 'part']),
  /** `version` counts how often it was written: who writes a set knows the one before, or must look again. */
  quarter_visitors: bySite({ quarter: 'bigint', part: 'bigint', visitors: 'bytea', version: 'bigint' }, [
    'quarter',
    'part',
  ]),
  slices: bySite(
    { dimension: 'text', day: 'bigint', value_hash: 'text', part: 'bigint', value: 'text', ...SUMS },
    ['dimension', 'day', 'value_hash', 'part'],
  ),
  /** The same by week, of the dimensions that `weeks.ts` names. */
  week_slices: bySite(
    { dimension: 'text', week: 'bigint', value_hash: 'text', part: 'bigint', value: 'text', ...SUMS },
    ['dimension', 'week', 'value_hash', 'part'],
  ),
  /** How often the sums of a week, or who was there, were written: what a reader keeps of them holds until then. Rows stay for good, and `n` only grows. */
  week_changes: bySite({ week: 'bigint', part: 'bigint', n: 'bigint' }, ['week', 'part']),
  slice_visitors: bySite(
    {
      dimension: 'text',
      value_hash: 'text',
      day: 'bigint',
      part: 'bigint',
      visitors: 'bytea',
      version: 'bigint',
    },
    ['dimension', 'value_hash', 'day', 'part'],
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
  audit: table(
    {
      no: 'bigint',
      at: 'bigint',
      by: 'text',
      what: 'text',
      site: 'text',
      subject: 'text',
      detail: 'text',
    },
    ['no'],
  ),
  outcomes: table({ ref: 'text', at: 'bigint', body: 'text' }, ['ref'], ['(at)']),
} satisfies Record<string, Table>

export type TableName = keyof typeof TABLES

/** What makes the tables of a new state. */
export const SCHEMA = Object.entries(TABLES as Record<string, Table>)
  .flatMap(([name, { columns, key, indexes = [], partition, fill }]) => [
    `CREATE TABLE ${name} (${Object.entries(columns)
      .map(([column, type]) => `${column} ${type}`)
      .join(
        ', ',
      )}, PRIMARY KEY (${key.join(', ')}))${partition === undefined ? '' : ` PARTITION BY LIST (${partition})`}${fill === undefined ? '' : ` WITH (fillfactor = ${fill})`}`,
    ...(partition === undefined ? [] : [`CREATE TABLE ${name}_0 PARTITION OF ${name} FOR VALUES IN (0)`]),
    ...indexes.map((index) =>
      index.startsWith('unique')
        ? `CREATE UNIQUE INDEX ON ${name} ${index.slice('unique '.length)}`
        : `CREATE INDEX ON ${name} ${index}`,
    ),
  ])
  .join(';\n')

export const isBySite = (name: TableName): boolean => TABLES[name].key[0] === 'site'

/** A statement that removes rows of a table, at most `limit`; of one that lies by site, those of `$1`, which `where` names too. */
export function removingSome(name: TableName, where: string, limit: number): string {
  const { key } = TABLES[name]
  return `DELETE FROM ${name} WHERE ${isBySite(name) ? 'site = $1 AND ' : ''}(${key})
    IN (SELECT ${key} FROM ${name} WHERE ${where} LIMIT ${limit})`
}
