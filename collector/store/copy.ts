/**
 * A whole state, kind by kind: what is read from one engine to be written into another. Rows are those of `store.ts`,
 * with what the numbers of texts stand for and what the projectors of several partitions have summed up apart together.
 */
import type { Outcome } from '../entry.ts'
import type { Cell, TrackedEvent, Visit } from '../lead/state.ts'
import type {
  AuditRow,
  AwaitedView,
  BreachRow,
  Changes,
  ConsentRow,
  Contact,
  DeadLetter,
  DecisionRow,
  DeliveryRow,
  DeliveryState,
  DeliveryTry,
  Dimension,
  Edge,
  IdentityKind,
  KeyRow,
  LeadRow,
  LinkRow,
  MeasuredView,
  NoteRow,
  OutboxRow,
  PastCell,
  RulesRow,
  Site,
  StaffRow,
  Totals,
  Touch,
  TransitionRow,
  Visitor,
  Watermark,
  WebhookRow,
} from './store.ts'
import { VisitorSet } from './visitor-set.ts'

/** Rows of each kind; in this order each row finds what it refers to. */
export interface Kinds {
  settings: { name: string; value: string }
  sites: Site
  keys: KeyRow
  staff: StaffRow
  rules: RulesRow
  visitors: Visitor
  events: { visitor: number; site: number; event: TrackedEvent }
  titles: { site: number; path: string; title: string }
  visits: { visitor: number; visit: Visit }
  contacts: Contact
  identities: { site: number; kind: IdentityKind; value: string; contact: number }
  links: LinkRow
  consents: ConsentRow
  measuredViews: MeasuredView
  awaitedViews: AwaitedView
  /** All of a visitor. */
  edges: { visitor: number; edges: Edge[] }
  leads: LeadRow
  /** What came of a lead beside its own milestones. */
  journeys: { contact: number; touch: Touch | null; rules: string[] | null; isWon: boolean | null }
  cells: { contact: number; cell: Cell }
  pastCells: PastCell
  contentSeen: { contact: number; path: string; at: number }
  decisions: DecisionRow
  notes: NoteRow
  breaches: BreachRow
  /** Without what they supersede. */
  transitions: TransitionRow
  superseded: { transition: number; by: number }
  stageDays: { site: number; day: number; stage: string; n: number }
  webhooks: WebhookRow
  outbox: OutboxRow
  deliveries: DeliveryRow & { state: DeliveryState; dueAt: number | null; tries: DeliveryTry[] }
  quarters: { site: number; quarter: number; totals: Totals }
  /** `visitors` as `plainSet` makes them. */
  quarterVisitors: { site: number; quarter: number; visitors: Buffer }
  slices: { site: number; dimension: Dimension; day: number; value: string; totals: Totals }
  sliceVisitors: { site: number; dimension: Dimension; day: number; value: string; visitors: Buffer }
  counts: { name: string; n: number }
  refusals: { day: number; site: string; reason: string; n: number }
  deadLetters: DeadLetter
  outcomes: { ref: string; at: number; outcome: Outcome }
  suppressions: { hash: string; at: number }
  audit: AuditRow
}

export type Kind = keyof Kinds

/** In the order in which they are written. */
export const KINDS = Object.keys({
  settings: 0,
  sites: 0,
  keys: 0,
  staff: 0,
  rules: 0,
  visitors: 0,
  events: 0,
  titles: 0,
  visits: 0,
  contacts: 0,
  identities: 0,
  links: 0,
  consents: 0,
  measuredViews: 0,
  awaitedViews: 0,
  edges: 0,
  leads: 0,
  journeys: 0,
  cells: 0,
  pastCells: 0,
  contentSeen: 0,
  decisions: 0,
  notes: 0,
  breaches: 0,
  transitions: 0,
  superseded: 0,
  stageDays: 0,
  webhooks: 0,
  outbox: 0,
  deliveries: 0,
  quarters: 0,
  quarterVisitors: 0,
  slices: 0,
  sliceVisitors: 0,
  counts: 0,
  refusals: 0,
  deadLetters: 0,
  outcomes: 0,
  suppressions: 0,
  audit: 0,
} satisfies Record<Kind, 0>) as Kind[]

/** Name of the setting of a state that is being moved here: nothing serves it before it is whole. */
export const MOVING = 'moving'

/** What is said of such a state. */
export const HALF_MOVED =
  'holds a state that was not moved here to its end: run leadwake migrate again with --force, or go on with the one that it came from'

/** What is there where a state is to be moved to. */
export type Holding = 'nothing' | 'half' | 'state'

/** Name of the setting with the row numbers that were given out. */
export const GIVEN_OUT = 'numbers'

/** Settings that are the state's own, and are not copied. */
export const OWN_SETTINGS = ['watermark', MOVING]

/** A state at one moment, whoever writes to it meanwhile. */
export interface StateSource {
  /**
   * How far its partitions are projected, by partition; a state with one projector has one. `now` is that of the one that
   * is farthest behind.
   */
  watermarks: { logId: string | null; seqs: number[]; now: number }
  /** All rows of a kind, some at a time. */
  rows<K extends Kind>(kind: K): AsyncIterable<Kinds[K][]>
  /** How many rows of a kind there are. */
  count(kind: CountedKind): Promise<number>
  close(): Promise<void>
}

/** Kinds of which every engine has a row for each. */
export const COUNTED = [
  'sites',
  'visitors',
  'events',
  'visits',
  'contacts',
  'identities',
  'leads',
  'decisions',
  'notes',
  'suppressions',
] as const satisfies Kind[]
export type CountedKind = (typeof COUNTED)[number]

/** A new state that is filled. */
export interface StateSink {
  /** Writes rows of one kind, durably or not at all. Kinds come in the order of `KINDS`, each row once. */
  put<K extends Kind>(kind: K, rows: Kinds[K][]): Promise<void>
}

/** Kinds that `Changes` carry whole. */
const CHANGES: { [K in Kind]?: (rows: Kinds[K][]) => Partial<Changes> } = {
  settings: (rows) => ({ settings: rows.map(({ name, value }) => [name, value]) }),
  sites: (sites) => ({ sites }),
  keys: (keys) => ({ keys }),
  staff: (staff) => ({ staff }),
  rules: (rules) => ({ rules }),
  visitors: (visitors) => ({ visitors }),
  events: (events) => ({ events }),
  visits: (visits) => ({ visits }),
  contacts: (contacts) => ({ contacts }),
  identities: (identities) => ({ identities }),
  links: (links) => ({ links }),
  consents: (consents) => ({ consents }),
  measuredViews: (measuredViews) => ({ measuredViews }),
  awaitedViews: (awaitedViews) => ({ awaitedViews }),
  edges: (edgesReplaced) => ({ edgesReplaced }),
  leads: (leads) => ({ leads }),
  journeys: (rows) => ({
    touches: rows.filter(({ touch }) => touch !== null),
    handOvers: rows.filter(({ rules, isWon }) => rules !== null || isWon !== null),
  }),
  cells: (cells) => ({ cells }),
  pastCells: (pastCells) => ({ pastCells }),
  contentSeen: (rows) => ({
    contentSeen: [...Map.groupBy(rows, ({ contact }) => contact)].map(([contact, seen]) => ({
      contact,
      from: null,
      files: seen.map(({ path, at }) => [path, at]),
    })),
  }),
  decisions: (decisions) => ({ decisions }),
  notes: (notes) => ({ notes }),
  breaches: (breaches) => ({ breaches }),
  transitions: (transitions) => ({ transitions }),
  webhooks: (webhooks) => ({ webhooks }),
  outbox: (outbox) => ({ outbox }),
  quarters: (rows) => ({ quarters: rows.map((row) => ({ ...row, cameIn: [], wentOut: [] })) }),
  slices: (rows) => ({ slices: rows.map((row) => ({ ...row, cameIn: [], wentOut: [] })) }),
  counts: (rows) => ({ counts: rows.map(({ name, n }) => [name, n]) }),
  refusals: (refusals) => ({ refusals }),
  deadLetters: (deadLetters) => ({ deadLetters }),
  outcomes: (outcomes) => ({ outcomes }),
  suppressions: (suppressed) => ({ suppressed }),
  audit: (audit) => ({ audit }),
}

/** Rows as a batch that lands them; undefined of a kind that no batch carries. */
export function changesOf<K extends Kind>(
  kind: K,
  rows: Kinds[K][],
  watermark: Watermark,
): Changes | undefined {
  const some = CHANGES[kind]
  return some && { ...NOTHING_CHANGED, ...some(rows), watermark }
}

/** Of a batch that lands nothing. */
export const NOTHING_CHANGED: Omit<Changes, 'watermark'> = {
  sites: [],
  keys: [],
  keysRevoked: [],
  keysSet: [],
  staff: [],
  settings: [],
  rules: [],
  visitors: [],
  eventsRemoved: [],
  events: [],
  visits: [],
  visitsRemoved: [],
  contacts: [],
  identities: [],
  links: [],
  consents: [],
  measuredViews: [],
  awaitedViews: [],
  measuredViewsBefore: 0,
  edgesReplaced: [],
  leadsRemoved: [],
  linksRemoved: [],
  identitiesRemoved: [],
  leads: [],
  cellsReplaced: [],
  cells: [],
  cellsRemoved: [],
  decisions: [],
  notes: [],
  breaches: [],
  transitions: [],
  touches: [],
  handOvers: [],
  contentSeen: [],
  outbox: [],
  webhooks: [],
  webhooksRemoved: [],
  deliveries: [],
  deliveryResults: [],
  deliveriesRevived: [],
  messagesBefore: 0,
  quarters: [],
  slices: [],
  rollUpsDropped: null,
  forgotten: [],
  pastCells: [],
  counts: [],
  refusals: [],
  refusalsBefore: 0,
  deadLetters: [],
  deadLettersRemoved: [],
  deadLettersBefore: 0,
  outcomes: [],
  outcomesBefore: 0,
  suppressed: [],
  suppressionsLifted: [],
  audit: [],
}

/** Rows of a kind that are read and written at once: dead letters take a megabyte each. */
export const rowsAtOnce = (kind: Kind): number =>
  kind === 'deadLetters' ? 20 : kind === 'sliceVisitors' || kind === 'quarterVisitors' ? 500 : 2_000

/** A set whose visitors stand in their order: equal sets are equal bytes. */
export function plainSet(set: VisitorSet): Buffer {
  const members = set.members()
  if (!members) return set.encode()
  const sorted = new VisitorSet()
  for (const no of members.sort((a, b) => a - b)) sorted.add(no)
  return sorted.encode()
}
