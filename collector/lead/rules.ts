import { SERVER_SIGNALS, type Signal, STAGES, type Stage } from '../../shared/lead.ts'
import { type Check, checker } from './check.ts'
import { extend } from './extend.ts'
import { engagementOf, type Gate, type GateDocument, readGate } from './gate.ts'
import { compileGlob, globProblem } from './glob.ts'
import { PRESETS } from './presets/presets.ts'
import { BROWSER_SIGNALS, CONDITIONAL_INTENT, CUSTOM_PREFIX, kindSignal, RULE_PREFIX } from './signals.ts'
import { compileTarget, type Target, targetProblem } from './target.ts'
import { asksTraits, readWhere, type Where, type WhereDocument } from './where.ts'
import { readSales, type Sales, type SalesDocument } from './working-hours.ts'

/** The rules as a marketer writes them: one JSON document per site. Points here are points, not hundredths. */
export interface RulesDocument {
  name: string
  description?: string
  /** Path globs by page kind; a page is of the first kind that matches. Kind `pricing` makes the signal `pricing_view`. */
  pages: Record<string, string[]>
  groups: Record<string, GroupDocument>
  rules: RuleDocument[]
  fit: {
    fields: FitFieldDocument[]
    /** Fit is bad below this where at least half of the weight is known. */
    badBelow: number
    disqualify: DisqualifyDocument[]
  }
  /** Days that the gates look back over, today included. */
  windowDays: number
  trend: { cooling: number; rising: number; leastVisits: number }
  /** Working hours of sales; without it, office hours in UTC. */
  sales?: SalesDocument
  stages: Record<Exclude<Stage, 'mql' | 'sql'>, StageDocument> & {
    mql: StageDocument & { enter: GateDocument; leave: { engagement: number; ticks: number } }
    sql: StageDocument & {
      /** The same once sales has accepted it. */
      nextStepAccepted?: string
      enter: GateDocument
      leave: { engagement: number; ticks: number; handRaiseDays: number }
    }
  }
}

export interface GroupDocument {
  label: string
  /** The most that the group gives, or (negative) takes; all its rules have points of this sign. */
  cap: number
  /** Days after which an amount is worth half; null never decays. */
  halfLifeDays: number | null
}

export interface RuleDocument {
  id: string
  label: string
  group: string
  /** Any of these counts. */
  signals: Signal[]
  /** Counts only what satisfies these conditions. */
  where?: WhereDocument
  /** -100 to 100, for each (`count`, the default) or each engaged minute. */
  points: number
  per?: 'count' | 'minute'
  /** The most points a day, without sign; absent: the points of one, so that it counts once a day. */
  perDay?: number
  /** Counts each distinct key (file) of a day once. */
  distinct?: boolean
  /** Counts once in a lifetime; with `distinct`, each key once. */
  onceEver?: boolean
  /** Counts among the intent views of the gates. */
  intent?: boolean
  /** Opens the hand-raise gate; only server-sent signals can. */
  handRaise?: boolean
  /** From then to the next visit or opt-in the person is no SQL. */
  unsubscribe?: boolean
  /** From then to the next opt-in or hand-raise the person is no SQL. */
  suppress?: boolean
  /** Takes back an unsubscribe and a suppression. */
  optIn?: boolean
}

/** A field reads the first of its traits that has a value, or (`workEmail`) asks whether the mail domain is a company's. */
export interface FitFieldDocument {
  id: string
  label: string
  weight: number
  traits?: string[]
  /** What fits: texts (with `*` at the start or the end) and ranges of numbers. Empty: the field counts as unknown. */
  targets?: (string | number | { min?: number; max?: number })[]
  workEmail?: boolean
}

/** Disqualifies where one of its traits, or the domain of the e-mail, is in the list. */
export interface DisqualifyDocument {
  id: string
  label: string
  traits?: string[]
  emailDomain?: boolean
  values: string[]
}

export interface StageDocument {
  /** What to do next with a person at this stage, in a sentence. */
  nextStep: string
  /** How lists and webhooks name them: nurture, retarget, call. */
  segments: string[]
}

export interface Group {
  id: string
  label: string
  /** Hundredths. */
  cap: number
  /** Days; null never decays. */
  halfLife: number | null
}

export interface Rule {
  id: string
  /** Its place among the rules. */
  index: number
  label: string
  group: string
  /** Place of the group among the rules' groups. */
  groupIndex: number
  /** Of a rule with conditions its own signal, `rule:ID`, made of those of the document when they hold. */
  signals: Signal[]
  /** Hundredths. */
  points: number
  /** Hundredths, without sign. */
  perDay: number
  perMinute: boolean
  distinct: boolean
  onceEver: boolean
}

/** What a rule with conditions makes of a signal where they hold. */
export interface Conditional {
  signal: Signal
  holds: Where
  /** An event counts as intent once, whatever number of rules say so. */
  showsIntent: boolean
}

/** Up by `enter`; down after so many ticks in a row below `leave`, in hundredths. */
export interface StageRules {
  enter: Gate
  leave: number
  ticks: number
}

export interface FitField {
  id: string
  label: string
  weight: number
  traits: string[]
  targets: Target[]
  workEmail: boolean
}

export interface Disqualifier {
  label: string
  traits: string[]
  emailDomain: boolean
  values: Target[]
}

/** The rules ready for use; made once, read at each event. */
export interface CompiledRules {
  /** Whole: nothing in it is extended any more, so it means the same whatever becomes of a preset. */
  document: RulesDocument
  /** Kind of a page: what its meta says if the rules know that kind, else by its path; null of a plain page. */
  pageKind(path: string, meta?: string): string | null
  groups: Group[]
  rules: Rule[]
  bySignal: ReadonlyMap<Signal, readonly Rule[]>
  /** Rules with conditions, by the signals on which these are asked: where they hold, `signal` happens too. */
  conditional: ReadonlyMap<Signal, readonly Conditional[]>
  /** Some condition asks for a trait, so that a change of traits must fold the lead again from its events. */
  readsTraits: boolean
  /** Signals by what their rules make of them, besides points. */
  intent: ReadonlySet<Signal>
  handRaise: ReadonlySet<Signal>
  unsubscribe: ReadonlySet<Signal>
  suppress: ReadonlySet<Signal>
  optIn: ReadonlySet<Signal>
  /** Signals that can lower a score or a stage. */
  lowering: ReadonlySet<Signal>
  fit: { fields: FitField[]; badBelow: number; disqualify: Disqualifier[] }
  windowDays: number
  trend: { cooling: number; rising: number; leastVisits: number }
  mql: StageRules
  /** `handRaiseDays`: for how many days the newest hand-raise holds an SQL. */
  sql: StageRules & { handRaiseDays: number }
  stages: Record<Stage, StageDocument>
  /** What to do next with an SQL that sales has accepted. */
  nextStepAccepted: string
  sales: Sales
  /** The engagement, in points, that the gates of both stages ask for; for whoever draws the score. */
  thresholds: { mql: number; sql: number }
}

/** Bounds of a document, so that no marketer's file can slow the projector down. */
const MAX_RULES = 500
const MAX_GROUPS = 50
const MAX_KINDS = 50
const MAX_GLOBS = 100
const MAX_FIELDS = 100
const MAX_VALUES = 5000
/** Days. Ten years are as good as for ever. */
const MAX_DAYS = 3650

const FLAGS = ['intent', 'handRaise', 'unsubscribe', 'suppress', 'optIn'] as const
type Flag = (typeof FLAGS)[number]

/**
 * Checks a rules document whole and makes it ready for use. Each error names the rule, the field and the mend:
 * `rules.pricing.points: expected a number from -100 to 100, got "ten"`. `known` are the documents that it may extend,
 * by name.
 */
export function compile(
  source: unknown,
  known: Readonly<Record<string, unknown>> = PRESETS,
): { ok: true; rules: CompiledRules } | { ok: false; errors: string[] } {
  const extended = extend(source, known)
  if (!extended.ok) return extended
  const { document } = extended
  const check = checker()
  const root = check.object('', document, [
    'name',
    'description',
    'pages',
    'groups',
    'rules',
    'fit',
    'windowDays',
    'trend',
    'sales',
    'stages',
  ])
  check.text('name', root.name)
  check.text('description', root.description, ' ')
  const pages = readPages(check, root.pages)
  const groups = readGroups(check, root.groups)
  const { rules, flagged, conditional } = readRules(check, root.rules, groups)
  const fit = readFit(check, root.fit)
  const windowDays = check.number('windowDays', root.windowDays, 1, 30)
  const trend = readTrend(check, root.trend)
  const sales = readSales(check, root.sales)
  const { mql, sql, stages, nextStepAccepted } = readStages(check, root.stages)
  if (check.errors.length > 0) return { ok: false, errors: check.errors }

  const bySignal = new Map<Signal, Rule[]>()
  for (const rule of rules) {
    for (const signal of rule.signals) bySignal.set(signal, [...(bySignal.get(signal) ?? []), rule])
  }
  const lowering = rules.filter((rule) => rule.points < 0).flatMap((rule) => rule.signals)
  return {
    ok: true,
    rules: {
      document: document as RulesDocument,
      pageKind: (path, meta) => pageKind(pages, path, meta),
      groups,
      rules,
      bySignal,
      conditional,
      readsTraits: (document as RulesDocument).rules.some(({ where }) => where && asksTraits(where)),
      ...flagged,
      lowering: new Set([...lowering, ...flagged.unsubscribe, ...flagged.suppress]),
      fit,
      windowDays,
      trend,
      mql,
      sql,
      stages,
      nextStepAccepted,
      sales,
      thresholds: { mql: engagementOf(mql.enter), sql: engagementOf(sql.enter) },
    },
  }
}

interface PageKind {
  kind: string
  matchers: ((path: string) => boolean)[]
}

function pageKind(pages: PageKind[], path: string, meta: string | undefined): string | null {
  const said = meta?.trim().toLowerCase()
  if (said !== undefined && pages.some(({ kind }) => kind === said)) return said
  return pages.find(({ matchers }) => matchers.some((matches) => matches(path)))?.kind ?? null
}

function readPages(check: Check, value: unknown): PageKind[] {
  const pages = Object.entries(check.object('pages', value, 'any'))
  check.list('pages', pages, MAX_KINDS)
  return pages.slice(0, MAX_KINDS).map(([kind, globs]) => {
    const path = `pages.${kind}`
    check.id(path, kind)
    const taken: readonly string[] = [...BROWSER_SIGNALS, ...SERVER_SIGNALS]
    if (taken.includes(kindSignal(kind)))
      check.fail(path, `${kindSignal(kind)} is a signal already; choose another name`)
    const texts = check.texts(path, globs, MAX_GLOBS)
    const usable = texts.filter((glob, i) => {
      const problem = glob === '' ? null : globProblem(glob)
      if (problem) check.fail(`${path}[${i}]`, problem)
      return glob !== '' && !problem
    })
    return { kind, matchers: usable.map(compileGlob) }
  })
}

function readGroups(check: Check, value: unknown): Group[] {
  const groups = Object.entries(check.object('groups', value, 'any'))
  check.list('groups', groups, MAX_GROUPS)
  return groups.slice(0, MAX_GROUPS).map(([id, entry]) => {
    const path = `groups.${id}`
    check.id(path, id)
    const group = check.object(path, entry, ['label', 'cap', 'halfLifeDays'])
    return {
      id,
      label: check.text(`${path}.label`, group.label),
      cap: hundredths(check.number(`${path}.cap`, group.cap, -100, 100)),
      halfLife:
        group.halfLifeDays === null
          ? null
          : check.number(`${path}.halfLifeDays`, group.halfLifeDays, 1, MAX_DAYS),
    }
  })
}

function readRules(
  check: Check,
  value: unknown,
  groups: Group[],
): { rules: Rule[]; flagged: Record<Flag, Set<Signal>>; conditional: CompiledRules['conditional'] } {
  const conditional = new Map<Signal, Conditional[]>()
  const flagged: Record<Flag, Set<Signal>> = {
    intent: new Set(),
    handRaise: new Set(),
    unsubscribe: new Set(),
    suppress: new Set(),
    optIn: new Set(),
  }
  const ids = new Set<string>()
  const rules = check.list('rules', value, MAX_RULES).map((entry, i): Rule => {
    const named = (entry as { id?: unknown } | null)?.id
    const path = typeof named === 'string' ? `rules.${named.slice(0, 64)}` : `rules[${i}]`
    const doc = check.object(path, entry, [
      'id',
      'label',
      'group',
      'signals',
      'where',
      'points',
      'per',
      'perDay',
      'distinct',
      'onceEver',
      ...FLAGS,
    ])
    const sources = [...new Set(check.texts(`${path}.signals`, doc.signals, 50))]
    const rule = { ...readRule(check, path, doc, groups, sources), index: i }
    if (doc.where !== undefined) {
      const holds = readWhere(check, `${path}.where`, doc.where)
      const made = { signal: rule.signals[0]!, holds, showsIntent: doc.intent === true }
      for (const source of sources) conditional.set(source, [...(conditional.get(source) ?? []), made])
    }
    if (ids.has(rule.id)) check.fail(`${path}.id`, 'another rule has this id; give each its own')
    ids.add(rule.id)
    checkGroup(check, path, rule, groups)
    for (const flag of FLAGS) {
      if (!check.flag(`${path}.${flag}`, doc[flag])) continue
      const marked = flag === 'intent' && doc.where !== undefined ? [CONDITIONAL_INTENT] : rule.signals
      for (const signal of marked) flagged[flag].add(signal)
    }
    for (const source of sources) {
      if (source.startsWith(RULE_PREFIX))
        check.fail(`${path}.signals`, `"${source}" is made by a rule and can be no signal of another`)
    }
    if (doc.handRaise === true) checkHandRaise(check, path, sources)
    return rule
  })
  return { rules, flagged, conditional }
}

function readRule(
  check: Check,
  path: string,
  doc: Record<string, unknown>,
  groups: Group[],
  sources: Signal[],
): Omit<Rule, 'index'> {
  const id = check.id(`${path}.id`, doc.id)
  const points = check.number(`${path}.points`, doc.points, -100, 100)
  const group = check.text(`${path}.group`, doc.group)
  return {
    id,
    label: check.text(`${path}.label`, doc.label),
    group,
    groupIndex: groups.findIndex(({ id }) => id === group),
    signals: doc.where === undefined ? sources : [`${RULE_PREFIX}${id}`],
    points: hundredths(points),
    perDay: hundredths(check.number(`${path}.perDay`, doc.perDay, 0, 1000, Math.abs(points))),
    perMinute: check.oneOf(`${path}.per`, doc.per, ['count', 'minute'], 'count') === 'minute',
    distinct: check.flag(`${path}.distinct`, doc.distinct),
    onceEver: check.flag(`${path}.onceEver`, doc.onceEver),
  }
}

/** A group of one sign only falls as time passes, which is what lets a tick be skipped. */
function checkGroup(check: Check, path: string, rule: Rule, groups: Group[]): void {
  const group = groups.find(({ id }) => id === rule.group)
  if (!group) {
    check.fail(
      `${path}.group`,
      `expected one of ${groups.map(({ id }) => id).join(', ')}, got "${rule.group}"`,
    )
  } else if (rule.points * group.cap < 0) {
    const range = group.cap < 0 ? 'from -100 to 0' : 'from 0 to 100'
    check.fail(
      `${path}.points`,
      `expected a number ${range}, as the cap of group "${group.id}", got ${rule.points / 100}`,
    )
  }
}

/** Else one forged beacon makes an SQL. */
function checkHandRaise(check: Check, path: string, signals: Signal[]): void {
  const browser: readonly string[] = BROWSER_SIGNALS
  const forgeable = signals.find(
    (one) => one.startsWith(CUSTOM_PREFIX) || one.endsWith('_view') || browser.includes(one),
  )
  if (forgeable)
    check.fail(
      `${path}.handRaise`,
      `only server-sent signals may raise a hand, and a browser makes "${forgeable}"`,
    )
}

function readFit(check: Check, value: unknown): CompiledRules['fit'] {
  const fit = check.object('fit', value, ['fields', 'badBelow', 'disqualify'])
  checkIds(check, 'fit.fields', fit.fields)
  checkIds(check, 'fit.disqualify', fit.disqualify)
  return {
    fields: check.list('fit.fields', fit.fields, MAX_FIELDS).map((entry, i) => readField(check, i, entry)),
    badBelow: check.number('fit.badBelow', fit.badBelow, 0, 100),
    disqualify: check
      .list('fit.disqualify', fit.disqualify, MAX_FIELDS)
      .map((entry, i) => readDisqualifier(check, i, entry)),
  }
}

/** Ids of a list's entries must differ: documents override them by id. */
function checkIds(check: Check, path: string, entries: unknown): void {
  const seen = new Set<unknown>()
  for (const entry of Array.isArray(entries) ? entries : []) {
    const id = (entry as { id?: unknown } | null)?.id
    if (typeof id === 'string' && seen.has(id))
      check.fail(`${path}.${id.slice(0, 64)}.id`, 'another entry has this id; give each its own')
    seen.add(id)
  }
}

function readField(check: Check, i: number, entry: unknown): FitField {
  const named = (entry as { id?: unknown } | null)?.id
  const path = typeof named === 'string' ? `fit.fields.${named.slice(0, 64)}` : `fit.fields[${i}]`
  const field = check.object(path, entry, ['id', 'label', 'weight', 'traits', 'targets', 'workEmail'])
  const workEmail = check.flag(`${path}.workEmail`, field.workEmail)
  return {
    id: check.id(`${path}.id`, field.id),
    label: check.text(`${path}.label`, field.label),
    weight: check.number(`${path}.weight`, field.weight, 0, 100),
    traits: workEmail ? [] : check.texts(`${path}.traits`, field.traits, 20),
    targets: workEmail ? [] : readTargets(check, `${path}.targets`, field.targets),
    workEmail,
  }
}

function readDisqualifier(check: Check, i: number, entry: unknown): Disqualifier {
  const named = (entry as { id?: unknown } | null)?.id
  const path = typeof named === 'string' ? `fit.disqualify.${named.slice(0, 64)}` : `fit.disqualify[${i}]`
  const list = check.object(path, entry, ['id', 'label', 'traits', 'emailDomain', 'values'])
  check.id(`${path}.id`, list.id)
  const emailDomain = check.flag(`${path}.emailDomain`, list.emailDomain)
  return {
    label: check.text(`${path}.label`, list.label),
    traits: emailDomain ? [] : check.texts(`${path}.traits`, list.traits, 20),
    emailDomain,
    values: readTargets(check, `${path}.values`, list.values),
  }
}

function readTargets(check: Check, path: string, value: unknown): Target[] {
  return check.list(path, value, MAX_VALUES).flatMap((target, i) => {
    const problem = targetProblem(target)
    if (problem) check.fail(`${path}[${i}]`, problem)
    return problem ? [] : [compileTarget(target)]
  })
}

function readTrend(check: Check, value: unknown): CompiledRules['trend'] {
  const trend = check.object('trend', value, ['cooling', 'rising', 'leastVisits'])
  return {
    cooling: check.number('trend.cooling', trend.cooling, 0, 1),
    rising: check.number('trend.rising', trend.rising, 1, 4),
    leastVisits: check.number('trend.leastVisits', trend.leastVisits, 1, 1000),
  }
}

/** Where the rules say nothing of it. */
const ACCEPTED_STEP = 'Offer a demo or a quote, then say what came of it: opportunity, won or lost.'

function readStages(
  check: Check,
  value: unknown,
): Pick<CompiledRules, 'mql' | 'sql' | 'stages' | 'nextStepAccepted'> {
  const root = check.object('stages', value, STAGES)
  const stages = {} as Record<Stage, StageDocument>
  let nextStepAccepted = ACCEPTED_STEP
  for (const stage of STAGES) {
    const gated = stage === 'mql' || stage === 'sql'
    const path = `stages.${stage}`
    const entry = check.object(path, root[stage], [
      'nextStep',
      'segments',
      ...(gated ? ['enter', 'leave'] : []),
      ...(stage === 'sql' ? ['nextStepAccepted'] : []),
    ])
    if (stage === 'sql')
      nextStepAccepted = check.text(`${path}.nextStepAccepted`, entry.nextStepAccepted, ACCEPTED_STEP)
    stages[stage] = {
      nextStep: check.text(`${path}.nextStep`, entry.nextStep),
      segments: check.texts(`${path}.segments`, entry.segments, 20),
    }
  }
  return {
    mql: readStage(check, 'mql', root.mql, false),
    sql: readStage(check, 'sql', root.sql, true),
    stages,
    nextStepAccepted,
  }
}

function readStage(
  check: Check,
  stage: 'mql' | 'sql',
  value: unknown,
  raises: boolean,
): StageRules & { handRaiseDays: number } {
  const entry = (value ?? {}) as Record<string, unknown>
  const at = `stages.${stage}.leave`
  const leave = check.object(at, entry.leave, ['engagement', 'ticks', ...(raises ? ['handRaiseDays'] : [])])
  return {
    enter: readGate(check, `stages.${stage}.enter`, entry.enter),
    leave: hundredths(check.number(`${at}.engagement`, leave.engagement, 0, 100)),
    ticks: check.number(`${at}.ticks`, leave.ticks, 1, 365),
    // Days are counted whole, and so is the day on which it is looked at again.
    handRaiseDays: raises
      ? Math.floor(check.number(`${at}.handRaiseDays`, leave.handRaiseDays, 0, MAX_DAYS))
      : 0,
  }
}

const hundredths = (points: number): number => Math.round(points * 100) + 0
