/**
 * The state's tables. Migrations are generated from this file (`npm run migrations`); the tables whose comment
 * says so are WITHOUT ROWID there, which drizzle cannot express: one b-tree in key order instead of two.
 * Times are ms, days whole UTC days since 1970, points hundredths.
 */
import { sql } from 'drizzle-orm'
import {
  blob,
  customType,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'
import type { Learned } from '../../identity/learned.ts'

export const settings = sqliteTable('settings', { name: text().primaryKey(), value: text().notNull() })

export const sites = sqliteTable('sites', {
  no: integer().primaryKey(),
  id: text().notNull().unique(),
  name: text().notNull(),
  consent: text({ enum: ['required', 'given'] }).notNull(),
  hosts: text({ mode: 'json' }).$type<string[]>().notNull(),
  // The word itself is SQL's.
  with: text('pieces', { mode: 'json' }).$type<string[]>().notNull(),
  rulesVersion: integer('rules_version').notNull(),
  timeZone: text('time_zone').notNull(),
  retention: integer(),
  keptFrom: integer('kept_from').notNull(),
})

export const keys = sqliteTable('keys', {
  id: text().primaryKey(),
  hash: text().notNull(),
  name: text().notNull(),
  rights: text({ mode: 'json' }).$type<string[]>().notNull(),
  site: text(),
  createdAt: integer('created_at').notNull(),
  revokedAt: integer('revoked_at'),
  expiresAt: integer('expires_at'),
  usedAt: integer('used_at'),
})

/** Who may sign in. Canonical. */
export const staff = sqliteTable('staff', {
  id: text().primaryKey(),
  name: text().notNull(),
  role: text().notNull(),
  hash: text().notNull(),
  site: text(),
  createdAt: integer('created_at').notNull(),
  removedAt: integer('removed_at'),
})

export const rules = sqliteTable(
  'rules',
  {
    site: integer().notNull(),
    version: integer().notNull(),
    document: text({ mode: 'json' }).notNull(),
    appliedAt: integer('applied_at').notNull(),
    by: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.site, t.version] })],
)

/**
 * Number of a string in `texts`, under this type in every table that holds one: a string that no such column names is
 * removed (`unused-texts.ts`).
 */
const textNo = customType<{ data: number }>({ dataType: () => 'integer' })

/** Strings, stored once; found by `hash`, see `texts.ts`. */
export const texts = sqliteTable(
  'texts',
  { no: integer().primaryKey(), hash: integer().notNull(), text: text().notNull() },
  (t) => [index('texts_by_hash').on(t.hash)],
)

/** The latest title of a path. WITHOUT ROWID. */
export const titles = sqliteTable(
  'titles',
  { site: integer().notNull(), path: textNo().notNull(), title: text().notNull() },
  (t) => [primaryKey({ columns: [t.site, t.path] })],
)

/** Columns: `visitor-row.ts`. */
export const visitors = sqliteTable(
  'visitors',
  {
    no: integer().primaryKey(),
    site: integer().notNull(),
    key: text().notNull(),
    firstAt: integer('first_at').notNull(),
    lastAfter: integer('last_after').notNull(),
    lastLag: integer('last_lag').notNull(),
    lastIdKey: integer('last_id_key').notNull(),
    maxLag: integer('max_lag').notNull(),
    contact: integer(),
    visitAgo: integer('visit_ago'),
    profile: textNo(),
  },
  (t) => [uniqueIndex('visitors_by_key').on(t.site, t.key)],
)

/** Which visitors are somebody's, by `known-visitors.ts`. Follows from the visitors. WITHOUT ROWID. */
export const knownVisitors = sqliteTable(
  'known_visitors',
  { site: integer().notNull(), word: integer().notNull(), bits: integer().notNull() },
  (t) => [primaryKey({ columns: [t.site, t.word] })],
)

/**
 * Clustered by visitor, then by time: what is read together lies together, the key grows with time, and it is
 * also what makes an event count once. Columns: `event-row.ts`. WITHOUT ROWID.
 */
export const events = sqliteTable(
  'events',
  {
    visitor: integer().notNull(),
    idMs: integer('id_ms').notNull(),
    idKey: integer('id_key').notNull(),
    lag: integer().notNull(),
    /** Index in `EVENT_KINDS`. */
    kind: integer().notNull(),
    a: textNo().notNull(),
    b: textNo(),
    c: textNo(),
    data: text(),
  },
  (t) => [primaryKey({ columns: [t.visitor, t.idMs, t.idKey] })],
)

/** Columns: `visit-row.ts`. WITHOUT ROWID. */
export const visits = sqliteTable(
  'visits',
  {
    visitor: integer().notNull(),
    startAt: integer('start_at').notNull(),
    span: integer().notNull(),
    views: integer().notNull(),
    engagedMs: integer('engaged_ms').notNull(),
    actions: integer().notNull(),
    entry: textNo(),
    exit: textNo(),
    referrer: textNo(),
    query: textNo(),
    /** Its visitor's, so that those of a site are found by their time. */
    site: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.visitor, t.startAt] }),
    // A sample of the visitors reads its buckets alone (`read-visits.ts`). Nothing in it changes while a visit goes on.
    index('visits_by_bucket').on(t.site, sql`${t.visitor} & 127`, t.startAt),
  ],
)

const totals = () => ({
  visits: integer().notNull(),
  bounces: integer().notNull(),
  views: integer().notNull(),
  engagedMs: integer('engaged_ms').notNull(),
  downloads: integer().notNull(),
  cartAdds: integer('cart_adds').notNull(),
  cartValue: integer('cart_value').notNull(),
})

/** `visitors` by `visitor-set.ts`, so that the days of any time zone can be counted. WITHOUT ROWID. */
export const quarters = sqliteTable(
  'quarters',
  {
    site: integer().notNull(),
    quarter: integer().notNull(),
    ...totals(),
    visitors: blob({ mode: 'buffer' }),
  },
  (t) => [primaryKey({ columns: [t.site, t.quarter] })],
)

/** Days of the site's time zone by the values (texts) of a dimension, an index in `DIMENSIONS`. WITHOUT ROWID. */
export const slices = sqliteTable(
  'slices',
  {
    site: integer().notNull(),
    dimension: integer().notNull(),
    day: integer().notNull(),
    value: textNo().notNull(),
    ...totals(),
  },
  (t) => [primaryKey({ columns: [t.site, t.dimension, t.day, t.value] })],
)

/** The same by week, of the dimensions that `weeks.ts` names. WITHOUT ROWID. */
export const weekSlices = sqliteTable(
  'week_slices',
  {
    site: integer().notNull(),
    dimension: integer().notNull(),
    week: integer().notNull(),
    value: textNo().notNull(),
    ...totals(),
  },
  (t) => [primaryKey({ columns: [t.site, t.dimension, t.week, t.value] })],
)

/**
 * How often the sums of a week, or who was there, were written: what a reader keeps of them holds until then. Rows stay for good, and `n` only
 * grows. WITHOUT ROWID.
 */
export const weekChanges = sqliteTable(
  'week_changes',
  { site: integer().notNull(), week: integer().notNull(), n: integer().notNull() },
  (t) => [primaryKey({ columns: [t.site, t.week] })],
)

/** By `visitor-set.ts`; apart from the sums, which are read by the thousand. WITHOUT ROWID. */
export const sliceVisitors = sqliteTable(
  'slice_visitors',
  {
    site: integer().notNull(),
    dimension: integer().notNull(),
    day: integer().notNull(),
    value: textNo().notNull(),
    visitors: blob({ mode: 'buffer' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.site, t.dimension, t.day, t.value] })],
)

export const contacts = sqliteTable(
  'contacts',
  {
    no: integer().primaryKey(),
    id: text().notNull().unique(),
    site: integer().notNull(),
    email: text(),
    phone: text(),
    externalId: text('external_id'),
    traits: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
    verified: integer({ mode: 'boolean' }).notNull(),
    identifiedAt: integer('identified_at').notNull(),
    ownVisitor: integer('own_visitor').notNull(),
    mergedInto: integer('merged_into'),
    learned: text({ mode: 'json' }).$type<Learned>().notNull(),
    /** Key of `collector/company.ts`. */
    company: text(),
    companyName: text('company_name'),
    /** Since when the person objects to profiling: kept, never scored. */
    objectedAt: integer('objected_at'),
    /** Who works it. */
    owner: text(),
    /** Of `sort-name.ts`. */
    sortName: text('sort_name').notNull(),
  },
  (t) => [
    index('contacts_by_merger').on(t.mergedInto).where(sql`${t.mergedInto} is not null`),
    // With the names that people give their company, which are not looked up one by one.
    index('contacts_by_company').on(t.site, t.company, t.companyName),
    index('contacts_by_time').on(t.site, t.identifiedAt),
    index('contacts_by_name').on(t.site, t.sortName),
  ],
)

/** WITHOUT ROWID. */
export const identities = sqliteTable(
  'identities',
  {
    site: integer().notNull(),
    kind: text().notNull(),
    value: text().notNull(),
    contact: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.site, t.kind, t.value] }), index('identities_by_contact').on(t.contact)],
)

/** When a visitor said who it is. WITHOUT ROWID. */
export const links = sqliteTable(
  'links',
  {
    visitor: integer().notNull(),
    at: integer().notNull(),
    contact: integer().notNull(),
    /** In measure mode: when the page view came that the form was sent from. Only its visit is the contact's. */
    viewAt: integer('view_at'),
  },
  (t) => [primaryKey({ columns: [t.visitor, t.at, t.contact] }), index('links_by_contact').on(t.contact)],
)

/** What visitors said of being followed, each time that it changed. Canonical. WITHOUT ROWID. */
export const consents = sqliteTable(
  'consents',
  {
    visitor: integer().notNull(),
    at: integer().notNull(),
    /** Of `CONSENTS`. */
    state: text().notNull(),
    source: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.visitor, t.at] })],
)

/** Whose page views were in measure mode, of two days: forms are found by them. WITHOUT ROWID. */
export const measuredViews = sqliteTable(
  'measured_views',
  {
    /** On which the page was viewed. */
    day: integer().notNull(),
    idMs: integer('id_ms').notNull(),
    idKey: integer('id_key').notNull(),
    visitor: integer().notNull(),
    at: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.day, t.idMs, t.idKey, t.visitor] })],
)

/** Page views from which forms were sent and that did not arrive yet, of two days. WITHOUT ROWID. */
export const awaitedViews = sqliteTable(
  'awaited_views',
  {
    /** On which the form was sent. */
    day: integer().notNull(),
    idMs: integer('id_ms').notNull(),
    idKey: integer('id_key').notNull(),
    site: integer().notNull(),
    contact: integer().notNull(),
    at: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.day, t.idMs, t.idKey, t.site, t.contact] }),
    index('awaited_views_by_contact').on(t.contact),
  ],
)

/** Follows from the links. WITHOUT ROWID. */
export const edges = sqliteTable(
  'edges',
  {
    contact: integer().notNull(),
    visitor: integer().notNull(),
    from: integer('from_at').notNull(),
    to: integer('to_at'),
  },
  (t) => [primaryKey({ columns: [t.contact, t.visitor, t.from] }), index('edges_by_visitor').on(t.visitor)],
)

export const leads = sqliteTable(
  'leads',
  {
    contact: integer().primaryKey(),
    site: integer().notNull(),
    stage: text().notNull(),
    engagement: integer().notNull(),
    fit: real().notNull(),
    lastAt: integer('last_at').notNull(),
    /** When it came to its stage. */
    since: integer().notNull(),
    reviewDay: integer('review_day'),
    rulesVersion: integer('rules_version').notNull(),
    /** Its contact's, so that companies are summed up from one index. */
    company: text(),
    /** By when sales is to answer. */
    dueAt: integer('due_at'),
    /** Of all its visitors while they were its. */
    visits: integer().notNull(),
    views: integer().notNull(),
    engagedMs: integer('engaged_ms').notNull(),
    lead: text({ mode: 'json' }).notNull(),
  },
  (t) => [
    index('leads_by_engagement').on(t.site, t.stage, t.engagement, t.contact),
    index('leads_by_points').on(t.site, t.engagement, t.contact),
    index('leads_by_fit').on(t.site, t.fit, t.contact),
    index('leads_by_seen').on(t.site, t.lastAt, t.contact),
    index('leads_by_since').on(t.site, t.since, t.contact),
    index('leads_by_company')
      .on(t.site, t.company, t.stage, t.engagement, t.lastAt, t.visits, t.views, t.engagedMs)
      .where(sql`${t.company} is not null`),
    index('leads_by_review').on(t.site, t.reviewDay),
    index('leads_by_due').on(t.dueAt).where(sql`${t.dueAt} is not null`),
  ],
)

/** WITHOUT ROWID. */
export const cells = sqliteTable(
  'cells',
  {
    contact: integer().notNull(),
    day: integer().notNull(),
    signal: text().notNull(),
    count: integer().notNull(),
    ms: integer().notNull(),
    keys: text({ mode: 'json' }).$type<string[]>(),
    lastAt: integer('last_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.contact, t.day, t.signal] })],
)

/** What events that are no longer kept came to, by visitor: a lead is folded from them too. WITHOUT ROWID. */
export const pastCells = sqliteTable(
  'past_cells',
  {
    visitor: integer().notNull(),
    /** Whose the events were. */
    contact: integer().notNull(),
    day: integer().notNull(),
    signal: text().notNull(),
    count: integer().notNull(),
    ms: integer().notNull(),
    keys: text({ mode: 'json' }).$type<string[]>(),
    lastAt: integer('last_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.visitor, t.contact, t.day, t.signal] })],
)

/** When each lead first came how far, ms, by what, and how it ended. Follows from the leads. WITHOUT ROWID. */
export const milestones = sqliteTable(
  'milestones',
  {
    contact: integer().notNull(),
    site: integer().notNull(),
    lead: integer().notNull(),
    mql: integer(),
    sql: integer(),
    accepted: integer(),
    rejected: integer(),
    opportunity: integer(),
    won: integer(),
    lost: integer(),
    /** The first visit: when, and texts of kind and name of its source, its entry page and its campaign. */
    touchAt: integer('touch_at'),
    source: textNo(),
    entry: textNo(),
    campaign: textNo(),
    /** Text of the rules whose points stood when sales took the lead in hand: ids with blanks between. */
    standing: textNo(),
    /** Whether what was handed over was won; null while it is open. */
    isWon: integer('is_won', { mode: 'boolean' }),
  },
  (t) => [primaryKey({ columns: [t.contact] })],
)

/** When each lead first downloaded a file, ms, the path a text. Follows from the leads. WITHOUT ROWID. */
export const seenContent = sqliteTable(
  'seen_content',
  { contact: integer().notNull(), path: textNo().notNull(), at: integer().notNull() },
  (t) => [primaryKey({ columns: [t.contact, t.path] })],
)

/** The two of so many leads in one row, by `milestone-blocks.ts`: what reports read. WITHOUT ROWID. */
export const milestoneBlocks = sqliteTable(
  'milestone_blocks',
  {
    site: integer().notNull(),
    block: integer().notNull(),
    /** When the first and the last of them became leads, ms. */
    first: integer().notNull(),
    last: integer().notNull(),
    lead: integer().notNull(),
    mql: integer().notNull(),
    sql: integer().notNull(),
    accepted: integer().notNull(),
    rejected: integer().notNull(),
    opportunity: integer().notNull(),
    won: integer().notNull(),
    lost: integer().notNull(),
    steps: blob({ mode: 'buffer' }).notNull(),
    touches: blob({ mode: 'buffer' }).notNull(),
    ends: blob({ mode: 'buffer' }).notNull(),
    content: blob({ mode: 'buffer' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.site, t.block] })],
)

/** By how much each stage grew or shrank on a day: the sum up to a day is how many stood there. WITHOUT ROWID. */
export const stageDays = sqliteTable(
  'stage_days',
  {
    site: integer().notNull(),
    day: integer().notNull(),
    stage: text().notNull(),
    n: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.site, t.day, t.stage] })],
)

/** What people decided of leads. Canonical. WITHOUT ROWID. */
export const decisions = sqliteTable(
  'decisions',
  {
    /** The record that stood for the person then. */
    contact: integer().notNull(),
    at: integer().notNull(),
    idMs: integer('id_ms').notNull(),
    idKey: integer('id_key').notNull(),
    site: integer().notNull(),
    decision: text().notNull(),
    by: text().notNull(),
    reason: text(),
    until: integer(),
    value: real(),
    recordedAt: integer('recorded_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.contact, t.at, t.idMs, t.idKey] }),
    // With the reason, which reports count, and not looked up one by one.
    index('decisions_by_site').on(t.site, t.decision, t.at, t.reason),
  ],
)

/** What sales noted of people. Canonical. WITHOUT ROWID. */
export const notes = sqliteTable(
  'notes',
  {
    /** The record that stood for the person then. */
    contact: integer().notNull(),
    at: integer().notNull(),
    id: text().notNull(),
    site: integer().notNull(),
    about: text().notNull(),
    text: text().notNull(),
    by: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.contact, t.at, t.id] })],
)

/** SQLs that sales did not answer in time: one for each time that somebody became one. Canonical. WITHOUT ROWID. */
export const breaches = sqliteTable(
  'breaches',
  {
    contact: integer().notNull(),
    /** Since when it was an SQL. */
    since: integer().notNull(),
    site: integer().notNull(),
    dueAt: integer('due_at').notNull(),
    recordedAt: integer('recorded_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.contact, t.since] })],
)

/** Append-only. */
export const transitions = sqliteTable(
  'transitions',
  {
    no: integer().primaryKey(),
    contact: integer().notNull(),
    from: text('from_stage').notNull(),
    to: text('to_stage').notNull(),
    effectiveAt: integer('effective_at').notNull(),
    recordedAt: integer('recorded_at').notNull(),
    by: text().notNull(),
    why: text().notNull(),
  },
  (t) => [index('transitions_by_contact').on(t.contact)],
)

/** Transitions that a corrected past has taken back, and the one that did. Append-only. */
export const superseded = sqliteTable('superseded', {
  transition: integer().primaryKey(),
  by: integer('by_transition').notNull(),
})

/** What webhooks tell. */
export const outbox = sqliteTable(
  'outbox',
  {
    id: text().primaryKey(),
    site: integer().notNull(),
    contact: integer().notNull(),
    seq: integer().notNull(),
    serial: integer().notNull(),
    createdAt: integer('created_at').notNull(),
    isBrief: integer('is_brief', { mode: 'boolean' }).notNull(),
    payload: text({ mode: 'json' }).notNull(),
  },
  (t) => [index('outbox_by_contact').on(t.contact), index('outbox_by_age').on(t.createdAt)],
)

/** Where messages are sent. Canonical. */
export const webhooks = sqliteTable('webhooks', {
  id: text().primaryKey(),
  body: text({ mode: 'json' }).notNull(),
})

/** Which webhook has, or is to get, which message. `due_at` is set of those that may be tried. WITHOUT ROWID. */
export const deliveries = sqliteTable(
  'deliveries',
  {
    webhook: text().notNull(),
    message: text().notNull(),
    contact: integer().notNull(),
    seq: integer().notNull(),
    serial: integer().notNull(),
    createdAt: integer('created_at').notNull(),
    state: text().notNull(),
    dueAt: integer('due_at'),
    tries: text({ mode: 'json' }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.webhook, t.message] }),
    index('deliveries_by_due').on(t.webhook, t.dueAt).where(sql`${t.dueAt} is not null`),
    index('deliveries_waiting').on(t.webhook, t.contact, t.seq, t.serial).where(sql`${t.state} = 'waiting'`),
    index('deliveries_dead').on(t.webhook, t.seq, t.serial).where(sql`${t.state} = 'dead'`),
    index('deliveries_by_place').on(t.webhook, t.seq, t.serial),
    index('deliveries_by_message').on(t.message),
    index('deliveries_by_contact').on(t.contact),
    index('deliveries_by_age').on(t.createdAt),
  ],
)

/** Conservation: received = stored + duplicate + dead + dropped:REASON + rejected:REASON. */
export const counts = sqliteTable('counts', { name: text().primaryKey(), n: integer().notNull() })

/** What was dropped (of a site) or rejected (site '') at the door, in events, by day. WITHOUT ROWID. */
export const refusals = sqliteTable(
  'refusals',
  {
    day: integer().notNull(),
    site: text().notNull(),
    reason: text().notNull(),
    n: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.day, t.site, t.reason] })],
)

export const deadLetters = sqliteTable('dead_letters', {
  seq: integer().primaryKey(),
  at: integer().notNull(),
  body: text().notNull(),
  reason: text().notNull(),
})

/** What became of awaited entries, by their reference. */
export const outcomes = sqliteTable('outcomes', {
  ref: text().primaryKey(),
  at: integer().notNull(),
  outcome: text({ mode: 'json' }).notNull(),
})

/** Who was erased and stays away: keyed hashes, whose key lies in a file of its own. WITHOUT ROWID. */
export const suppressions = sqliteTable('suppressions', {
  hash: text().primaryKey(),
  at: integer().notNull(),
})

/** Who did what about whose data, without the data. `subject` is a keyed hash of the contact's id. */
export const audit = sqliteTable('audit', {
  no: integer().primaryKey({ autoIncrement: true }),
  at: integer().notNull(),
  by: text().notNull(),
  what: text().notNull(),
  site: text().notNull(),
  subject: text().notNull(),
  detail: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
})
