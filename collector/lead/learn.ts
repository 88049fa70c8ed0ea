import { aucDifference, type Estimate } from './auc.ts'
import { dayOf } from './day.ts'
import { counting, type Features, featuresOf } from './features.ts'
import { type Figures, figures } from './figures.ts'
import { foldCells } from './ledger.ts'
import { type Fitted, fitLogistic, logLoss, type Sample, sigmoid } from './logistic.ts'
import { type CompiledRules, compile, type RulesDocument } from './rules.ts'
import { engagement } from './score.ts'
import type { Cell } from './state.ts'

/** A hand-over with its end: the cells as they were then. */
export interface LearnSample {
  id: string
  /** None that happened after the hand-over. */
  cells: readonly Cell[]
  handedOverAt: number
  won: boolean
}

export interface PointsChange {
  rule: string
  label: string
  current: number
  draft: number
  /** Of so many outcomes the rule counted something. */
  seen: number
}

export type Learned =
  | { ok: false; reason: string }
  | {
      ok: true
      /** The whole draft, for `rules preview` and `rules apply`. */
      document: RulesDocument
      /** Rules whose points change, the greatest change first; empty where the outcomes do not ask for any. */
      changes: PointsChange[]
      /** Engagement that the gates ask for: now, and so that as many of these people pass. */
      thresholds: Record<'mql' | 'sql', { current: number; draft: number }>
      outcomes: number
      won: number
      /** Of the points in force, by the engine, at each hand-over. */
      current: Figures
      /** Of points learned from the other outcomes, on those that they were not learned from. */
      draft: Figures
      /** By how much the AUC of the draft is greater. */
      aucDifference: Estimate | null
    }

/** Fewer say nothing (QUALIFY, Learning from outcomes). */
export const LEAST_OUTCOMES = 50
export const LEAST_OF_EACH = 15
/** Points for one unit of the log-odds. */
const SCALE = 10
const FOLDS = 5
/** Strengths of the pull towards the current points: one standard deviation of a rule moves by 1/sqrt of it. */
const RIDGES = [1, 3, 10, 30, 100, 300]
/** A rule that counted for fewer of the people keeps its points. */
const LEAST_SEEN = 5
/** The table says at least so much: else each weight would be a great number divided by nearly nothing. */
const LEAST_TRUST = 0.1
/** A ridge that only keeps the trust in the table finite. */
const SLIGHT = 1e-3
/** Whole points of a small scale lose to rounding, those of a great one to the cut at 100: the smallest that costs no more AUC than this is taken. */
const ROUNDING_COST = 0.002
const SCALES = [1, 1.5, 2, 3, 4]

/**
 * Points as outcomes suggest them: logistic regression on what the rules counted as of each hand-over, pulled towards the
 * points in force by a strength that cross-validation chooses; where nothing beats them they stay. Deterministic.
 */
export function learn(samples: readonly LearnSample[], current: CompiledRules): Learned {
  const refused = refusal(samples)
  if (refused) return { ok: false, reason: refused }
  const rules = counting(current)
  const people = samples
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ cells, handedOverAt, won }) => ({
      won,
      cells,
      day: dayOf(handedOverAt),
      features: featuresOf(cells, dayOf(handedOverAt), rules),
    }))
  const won = people.map((person) => person.won)
  const table = tableOf(people, current)
  const engaged = (by: CompiledRules) => people.map(({ cells, day }) => engagementAt(cells, day, by))
  const before = engaged(current)
  const found = figures(before, won)
  const crossed = crossValidated(people, table).map(sigmoid)
  const promised = figures(crossed, won)
  // Where what was learned predicts others no better than the points in force, these stay.
  const better = promised.auc!.value > found.auc!.value
  const document = better
    ? draftOf(people, table, bestModel(people, table).weights, current)
    : structuredClone(current.document)
  const thresholds = withThresholds(document, before, engaged(compiled(document)), current)
  const split = (scores: readonly number[]) => ({
    won: scores.filter((_, i) => won[i]),
    lost: scores.filter((_, i) => !won[i]),
  })
  return {
    ok: true,
    document,
    changes: changesOf(current.document, document, people),
    thresholds,
    outcomes: people.length,
    won: won.filter(Boolean).length,
    current: found,
    draft: promised,
    aucDifference: aucDifference(split(before), split(crossed)),
  }
}

/** Why nothing can be learned; null where it can. */
function refusal(samples: readonly LearnSample[]): string | null {
  for (const { id, cells, handedOverAt } of samples) {
    const leak = cells.find(({ lastAt }) => lastAt > handedOverAt)
    if (leak)
      return `lead ${id}: '${leak.signal}' happened after the hand-over, so it may follow from the outcome; leave it out`
  }
  const won = samples.filter((one) => one.won).length
  const lost = samples.length - won
  if (samples.length >= LEAST_OUTCOMES && Math.min(won, lost) >= LEAST_OF_EACH) return null
  return `too few outcomes to learn from: ${won} won and ${lost} lost or rejected; at least ${LEAST_OUTCOMES} are needed, ${LEAST_OF_EACH} of each kind`
}

interface Person {
  won: boolean
  cells: readonly Cell[]
  day: number
  features: Features
}

/** The points in force as weights, and what is known of each rule. */
interface Table {
  /** Points / SCALE. */
  weights: Float64Array
  /** Standard deviation of what the rule counted; 0 of one that stays as it is. */
  spread: Float64Array
  /** Sign that the rule's group allows. */
  sign: Float64Array
  seen: Float64Array
}

function tableOf(people: readonly Person[], { rules, groups }: CompiledRules): Table {
  const seen = new Float64Array(rules.length)
  const sum = new Float64Array(rules.length)
  const squares = new Float64Array(rules.length)
  for (const { features } of people) {
    for (const [i, value] of features) {
      seen[i]!++
      sum[i]! += value
      squares[i]! += value * value
    }
  }
  const n = people.length
  const spread = seen.map((count, i) =>
    count < LEAST_SEEN ? 0 : Math.sqrt(Math.max(0, squares[i]! / n - (sum[i]! / n) ** 2)),
  )
  return {
    weights: Float64Array.from(rules, ({ points }) => points / 100 / SCALE),
    sign: Float64Array.from(rules, ({ groupIndex }) => (groups[groupIndex]!.cap < 0 ? -1 : 1)),
    spread,
    seen,
  }
}

const tableScore = (features: Features, { weights }: Table): number =>
  features.reduce((total, [i, value]) => total + weights[i]! * value, 0)

/** Scores of people by weights that were learned from the others, in folds that follow from their order. */
function crossValidated(people: readonly Person[], table: Table): number[] {
  const scores = new Array<number>(people.length).fill(0)
  for (let fold = 0; fold < FOLDS; fold++) {
    const model = modelOf(
      people.filter((_, i) => i % FOLDS !== fold),
      table,
    )
    for (let i = fold; i < people.length; i += FOLDS) scores[i] = model(people[i]!.features)
  }
  return scores
}

function modelOf(people: readonly Person[], table: Table): (features: Features) => number {
  const model = bestModel(people, table)
  return (features) => predicted(model, features)
}

/** Log-odds: intercept + trust x the sum of weight x times. */
interface Model {
  weights: Float64Array
  /** How much a point of the table says. */
  trust: number
  intercept: number
}

function predicted({ weights, trust, intercept }: Model, features: Features): number {
  let sum = 0
  for (const [i, value] of features) sum += weights[i]! * value
  return intercept + trust * sum
}

/** The model whose pull to the table predicts best whom it has not seen; that may be the table itself. */
function bestModel(people: readonly Person[], table: Table): Model {
  const won = people.map((person) => person.won)
  const pulls = [null, ...RIDGES.toReversed()]
  const scores = pulls.map(() => new Array<number>(people.length).fill(0))
  for (let fold = 0; fold < FOLDS; fold++) {
    const models = modelsOf(
      people.filter((_, i) => i % FOLDS !== fold),
      table,
    )
    for (let i = fold; i < people.length; i += FOLDS) {
      for (const [k, model] of models.entries()) scores[k]![i] = predicted(model, people[i]!.features)
    }
  }
  const losses = scores.map((each) => logLoss(each, won))
  return modelsOf(people, table)[losses.indexOf(Math.min(...losses))]!
}

/** The table as it is, and what each pull makes of it, the strongest first: each is where the next one starts. */
function modelsOf(people: readonly Person[], table: Table): Model[] {
  const { weights: points, spread, sign } = table
  const scored = people.map(({ features }) => tableScore(features, table))
  const plain = people.map(({ won }, i): Sample => ({ x: [[0, scored[i]!]], offset: 0, won }))
  const platt = fitLogistic(plain, 1, SLIGHT, Float64Array.of(LEAST_TRUST))
  const trust = platt.weights[0]!
  const samples = people.map(
    ({ features, won }, k): Sample => ({
      // In units of each rule's spread, signed so that all weights are bounded from below.
      x: features.flatMap(([i, value]) =>
        spread[i]! > 0 ? [[i, (sign[i]! * value) / spread[i]!] as const] : [],
      ),
      offset: trust * scored[k]!,
      won,
    }),
  )
  const least = points.map((weight, i) => -trust * sign[i]! * weight * spread[i]!)
  let fitted: Fitted = { intercept: platt.intercept, weights: new Float64Array(points.length) }
  const models: Model[] = [{ weights: points, trust, intercept: platt.intercept }]
  for (const ridge of RIDGES.toReversed()) {
    fitted = fitLogistic(samples, points.length, ridge, least, fitted)
    const weights = points.map((weight, i) =>
      spread[i]! > 0 ? weight + (sign[i]! * fitted.weights[i]!) / spread[i]! / trust : weight,
    )
    models.push({ weights, trust, intercept: fitted.intercept })
  }
  return models
}

/** The document with whole points, caps that leave them room, and the average score of these people as it was. */
function draftOf(
  people: readonly Person[],
  table: Table,
  weights: Float64Array,
  current: CompiledRules,
): RulesDocument {
  if (weights.every((weight, i) => Math.abs(weight - table.weights[i]!) < 1e-12))
    return structuredClone(current.document)
  const mean = (by: Float64Array) =>
    people.reduce((total, { features }) => total + tableScore(features, { ...table, weights: by }), 0)
  const [was, is] = [mean(table.weights), mean(weights)]
  const level = was > 0 && is > 0 ? was / is : 1
  // A thousand people tell scales apart as well as all of them do.
  const every = Math.ceil(people.length / 1000)
  const judges = people.filter((_, i) => i % every === 0)
  const aucOf = (by: CompiledRules) => {
    const scores = judges.map(({ cells, day }) => engagementAt(cells, day, by))
    const ended = judges.map((person) => person.won)
    return figures(scores, ended).auc?.value ?? 0
  }
  const drafts = SCALES.map((scale) => {
    const points = weights.map((weight, i) =>
      table.spread[i]! > 0
        ? clamp(Math.round(SCALE * weight * level * scale) + 0, -100, 100)
        : Math.round(SCALE * weight * 100) / 100,
    )
    const document = documentWith(points, people, table, current)
    return { document, auc: aucOf(compiled(document)) }
  })
  const best = Math.max(...drafts.map(({ auc }) => auc))
  return drafts.find(({ auc }) => auc >= best - ROUNDING_COST)!.document
}

function documentWith(
  points: Float64Array,
  people: readonly Person[],
  table: Table,
  current: CompiledRules,
): RulesDocument {
  const document = structuredClone(current.document) as RulesDocument
  document.name = `${document.name.slice(0, 280)}, learned`
  for (const [i, rule] of document.rules.entries()) {
    if (table.spread[i] === 0 || points[i] === rule.points) continue
    // As often a day as before.
    const often = rule.points === 0 ? 1 : (rule.perDay ?? Math.abs(rule.points)) / Math.abs(rule.points)
    if (rule.perDay !== undefined) rule.perDay = clamp(Math.round(often * Math.abs(points[i]!)), 0, 1000)
    rule.points = points[i]!
  }
  for (const [id, group] of Object.entries(document.groups)) {
    const given = (by: (i: number) => number): number =>
      people.reduce(
        (total, { features }) =>
          total +
          features.reduce(
            (sum, [i, value]) => (current.rules[i]!.group === id ? sum + Math.abs(by(i)) * value : sum),
            0,
          ),
        0,
      )
    const before = given((i) => SCALE * table.weights[i]!)
    const grown = before > 0 ? given((i) => points[i]!) / before : 1
    if (grown > 1) group.cap = clamp(Math.round(group.cap * grown), -100, 100)
  }
  return document
}

/** Moves what the gates ask for, so that as many of these people pass as do now; leave values keep their share of it. */
function withThresholds(
  document: RulesDocument,
  before: readonly number[],
  after: readonly number[],
  current: CompiledRules,
): Record<'mql' | 'sql', { current: number; draft: number }> {
  const ranked = after.toSorted((a, b) => b - a)
  const found = {} as Record<'mql' | 'sql', { current: number; draft: number }>
  for (const stage of ['mql', 'sql'] as const) {
    const asked = current.thresholds[stage]
    const passing = before.filter((points) => points >= asked).length
    const alike = passing === 0 || passing === before.length || document.name === current.document.name
    const draft = alike ? asked : clamp(Math.round(ranked[passing - 1]!), 1, 100)
    found[stage] = { current: asked, draft }
    if (draft === asked) continue
    const rules = document.stages[stage]
    rules.enter = asking(rules.enter, asked, draft) as typeof rules.enter
    rules.leave.engagement = Math.floor((rules.leave.engagement * draft) / asked)
  }
  return found
}

/** A gate that asks for another engagement where it asked for this one. */
function asking(gate: unknown, asked: number, draft: number): unknown {
  if (Array.isArray(gate)) return gate.map((part) => asking(part, asked, draft))
  if (typeof gate !== 'object' || gate === null) return gate
  return Object.fromEntries(
    Object.entries(gate).map(([key, value]) => [
      key,
      key === 'engagement' && value === asked ? draft : asking(value, asked, draft),
    ]),
  )
}

function changesOf(before: RulesDocument, after: RulesDocument, people: readonly Person[]): PointsChange[] {
  return before.rules
    .map(({ id, label, points }, i) => ({
      rule: id,
      label,
      current: points,
      draft: after.rules[i]!.points,
      seen: people.filter(({ features }) => features.some(([rule]) => rule === i)).length,
    }))
    .filter(({ current, draft }) => current !== draft)
    .sort((a, b) => Math.abs(b.draft - b.current) - Math.abs(a.draft - a.current))
}

/** Engagement, in points, on a day by the engine. */
export const engagementAt = (cells: readonly Cell[], day: number, rules: CompiledRules): number =>
  engagement(foldCells(cells, rules), day, rules).total / 100

function compiled(document: RulesDocument): CompiledRules {
  const result = compile(document)
  if (!result.ok) throw new Error(`a learned document does not hold: ${result.errors.join('; ')}`)
  return result.rules
}

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))
