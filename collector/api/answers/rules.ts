import * as v from 'valibot'
import { anything, day, number, perStage, said, stage, text, texts, time, whole, yes } from './fields.ts'

export const RulesAnswer = v.object({ site: text, version: whole, document: anything })

export const RulesVersion = v.object({ version: whole, appliedAt: time, by: text })

export const RulesCheckAnswer = v.object({ ok: yes, errors: texts })

export const RulesAppliedAnswer = v.object({
  version: whole,
  leads: said(whole, 'Whose score was made again.'),
})

const both = v.object({ current: number, draft: number })
const Estimate = v.object({ value: number, low: number, high: number })
const estimate = said(v.nullable(Estimate), 'With its 95 % confidence interval; null where nobody can tell.')

const Backtest = v.object({
  sqls: whole,
  precision: estimate,
  recall: estimate,
  lift: v.nullable(number),
  auc: estimate,
  calibration: v.array(v.object({ from: number, to: number, leads: whole, won: estimate })),
  daysAhead: v.nullable(number),
})

export const PreviewAnswer = v.object({
  leads: whole,
  matrix: said(
    perStage(perStage(whole)),
    'How many stand where under the rules in force (outer) and under the draft (inner).',
  ),
  moved: whole,
  sqlsPerWeek: v.array(v.object({ monday: day, current: whole, draft: whole })),
  overCapacity: v.nullable(both),
  backtest: v.nullable(
    v.object({
      outcomes: whole,
      won: whole,
      skipped: whole,
      current: Backtest,
      draft: Backtest,
      aucDifference: estimate,
      daysEarlier: v.nullable(number),
    }),
  ),
  movers: v.array(
    v.object({
      id: text,
      from: stage,
      to: stage,
      engagement: v.array(number),
      fit: v.array(number),
      rules: v.array(v.object({ rule: text, label: text, current: number, draft: number })),
    }),
  ),
})

const Figures = v.object({
  leads: whole,
  won: whole,
  auc: estimate,
  topDecile: estimate,
  lift: v.nullable(number),
  calibration: v.array(v.object({ score: number, leads: whole, won: estimate })),
})

export const LearnedAnswer = v.object({
  ok: v.literal(true),
  document: anything,
  changes: v.array(v.object({ rule: text, label: text, current: number, draft: number, seen: whole })),
  thresholds: v.object({ mql: both, sql: both }),
  outcomes: whole,
  won: whole,
  current: Figures,
  draft: Figures,
  aucDifference: estimate,
})
