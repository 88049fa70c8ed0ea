/** Histories through the engine, and how well its points tell who was won. */
import { dayOf } from '../../../collector/lead/day.ts'
import { type Figures, figures } from '../../../collector/lead/figures.ts'
import { learn } from '../../../collector/lead/learn.ts'
import { replayLead } from '../../../collector/lead/replay.ts'
import { type CompiledRules, compile, type RulesDocument } from '../../../collector/lead/rules.ts'
import { engagement } from '../../../collector/lead/score.ts'
import type { History } from './histories.ts'

export interface Judged {
  name: string
  figures?: Figures
  /** Why there are none. */
  refused?: string
}

const OUTCOMES = [50, 200]

/** The rule that counts one thing alone, in a document of its own: the engine scores it like any other. */
function alone(id: 'visit' | 'engaged', more: object): CompiledRules {
  const document = structuredClone(rulesOf('standard', { extends: 'standard' }).document) as RulesDocument
  document.groups = { only: { label: 'Only', cap: 100, halfLifeDays: null } }
  document.rules = document.rules
    .filter((rule) => rule.id === id)
    .map((rule) => ({ ...rule, group: 'only', ...more }))
  return rulesOf(id, document)
}

export function rulesOf(name: string, document: unknown): CompiledRules {
  const compiled = compile(document)
  if (!compiled.ok) throw new Error(`rules "${name}": ${compiled.errors.join('; ')}`)
  return compiled.rules
}

/** A replayed part of the people is learned from, the other half judges every table. */
export function judge(
  histories: readonly History[],
  preset: CompiledRules,
  others: Record<string, unknown>,
): Judged[] {
  const shuffled = histories.toSorted((a, b) => mixed(a.id) - mixed(b.id) || (a.id < b.id ? -1 : 1))
  const half = Math.floor(shuffled.length / 2)
  const [pupils, judges] = [shuffled.slice(0, half), shuffled.slice(half)]
  const of = (name: string, rules: CompiledRules): Judged => ({
    name,
    figures: figures(
      judges.map((history) => scoreOf(history, rules)),
      judges.map(({ won }) => won),
    ),
  })
  return [
    of('visits only', alone('visit', { points: 0.25, perDay: 100 })),
    of('time only', alone('engaged', { points: 1, perDay: 1000 })),
    of(preset.document.name, preset),
    ...Object.entries(others).map(([name, document]) => of(name, rulesOf(name, document))),
    ...[...OUTCOMES, half].map((outcomes): Judged => {
      const name = outcomes === half ? `learned from ${half} (half)` : `learned from ${outcomes}`
      if (outcomes > half) return { name, refused: `the half to learn from has ${half}` }
      const learned = learn(
        pupils.slice(0, outcomes).map((one) => sampleOf(one, preset)),
        preset,
      )
      return learned.ok ? of(name, rulesOf(name, learned.document)) : { name, refused: learned.reason }
    }),
  ]
}

const replayed = ({ events, facts, cut }: History, rules: CompiledRules) =>
  replayLead([events], facts, rules, cut, dayOf(cut) - 1)

function scoreOf(history: History, rules: CompiledRules): number {
  return engagement(replayed(history, rules).lead, dayOf(history.cut), rules).total / 100
}

function sampleOf(history: History, rules: CompiledRules) {
  const { id, won, cut } = history
  return { id, won, handedOverAt: cut, cells: replayed(history, rules).cells }
}

/** How often people changed their stage until so many days after the last event of all. */
export function stageChanges(histories: readonly History[], rules: CompiledRules, days: number): number {
  const end = Math.max(...histories.map(({ cut }) => cut)) + days * 86_400_000
  return histories.reduce(
    (sum, { events, facts }) =>
      sum +
      replayLead([events], facts, rules, end, dayOf(end) - 1).changes.filter(({ by }) => by !== 'identify')
        .length,
    0,
  )
}

/** The same rules with one threshold for up and down, looked at each day. */
export function withoutHysteresis({ document }: CompiledRules): CompiledRules {
  const plain = structuredClone(document) as RulesDocument
  const { mql, sql } = rulesOf('preset', document).thresholds
  plain.stages.mql.leave = { engagement: mql, ticks: 1 }
  plain.stages.sql.leave = { engagement: sql, ticks: 1, handRaiseDays: plain.stages.sql.leave.handRaiseDays }
  return rulesOf('one threshold', plain)
}

/** FNV-1a: an order that has nothing to do with the file's. */
function mixed(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
