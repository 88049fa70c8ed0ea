import { writeFileSync } from 'node:fs'
import type { Figures } from '../lead/figures.ts'
import type { Learned } from '../lead/learn.ts'
import { compile } from '../lead/rules.ts'
import { learnOf } from '../read/learn.ts'
import { Sentence } from '../sentence.ts'
import type { Command } from './command.ts'
import { versionOf, withSite } from './rules.ts'

export const rulesLearn: Command = {
  name: 'rules learn',
  summary: 'Suggest points from what was won and lost; changes nothing',
  help: `Usage: leadwake rules learn [options]

Compares what people had done by the time that sales took over with how it ended, and suggests other points. At least 50
outcomes are needed, 15 of each kind. Changes nothing: write the draft to a file, preview it, then apply it.

Options:
  --out FILE      write the draft to a file
  --json          all of it as JSON
  --site ID       the site (LEADWAKE_SITE, main)
  --db FILE       database (LEADWAKE_DB, data/leadwake.db)

Example:
  leadwake rules learn --out draft.json && leadwake rules preview draft.json`,
  options: { out: { type: 'string' }, json: { type: 'boolean' } },
  run(input) {
    return withSite(input, async (site, reader) => {
      const current = compile(versionOf(reader, site, undefined).document)
      if (!current.ok) throw new Sentence('the rules in force do not hold')
      const learned = learnOf(reader, site.no, current.rules)
      if (!learned.ok) throw new Sentence(learned.reason)
      const { out, json } = input.options
      if (typeof out === 'string') write(out, learned.document)
      if (json) input.print(JSON.stringify(learned))
      else for (const line of learnedLines(learned)) input.print(line)
      return 0
    })
  },
}

function write(path: string, document: unknown): void {
  try {
    writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`)
  } catch (error) {
    throw new Sentence(`--out: cannot write ${path}: ${error instanceof Error ? error.message : error}`)
  }
}

/** What was learned, for a person at a terminal. */
export function learnedLines(learned: Extract<Learned, { ok: true }>): string[] {
  const { outcomes, won, changes, thresholds, current, draft, aucDifference } = learned
  const wide = Math.max(4, ...changes.map(({ label }) => label.length))
  return [
    `${outcomes} outcomes, ${won} of them won.`,
    '',
    `${''.padEnd(22)}${'in force'.padStart(22)}${'learned'.padStart(22)}`,
    figureLine(
      'AUC',
      current,
      draft,
      ({ auc }) => auc && `${two(auc.value)} (${two(auc.low)}-${two(auc.high)})`,
    ),
    figureLine('won of the best tenth', current, draft, ({ topDecile }) => topDecile && two(topDecile.value)),
    figureLine('lift of it', current, draft, ({ lift }) => lift && two(lift)),
    ...(aucDifference
      ? [
          `AUC of the learned less that in force: ${two(aucDifference.value)} (${two(aucDifference.low)} to ${two(aucDifference.high)})`,
        ]
      : []),
    'The learned ones are measured on people whom they were not learned from.',
    '',
    ...(changes.length === 0
      ? ['These outcomes do not ask for other points.']
      : [
          `${'rule'.padEnd(wide)}${'points'.padStart(8)}${'draft'.padStart(8)}${'seen'.padStart(8)}`,
          ...changes.map(
            ({ label, current: now, draft: then, seen }) =>
              label.padEnd(wide) + [now, then, seen].map((n) => String(n).padStart(8)).join(''),
          ),
        ]),
    ...(['mql', 'sql'] as const)
      .filter((stage) => thresholds[stage].current !== thresholds[stage].draft)
      .map(
        (stage) =>
          `${stage.toUpperCase()} from ${thresholds[stage].draft} points instead of ${thresholds[stage].current}.`,
      ),
  ]
}

function figureLine(
  name: string,
  current: Figures,
  draft: Figures,
  of: (figures: Figures) => string | number | null,
): string {
  const shown = (figures: Figures) => String(of(figures) ?? '-').padStart(22)
  return name.padEnd(22) + shown(current) + shown(draft)
}

const two = (value: number): string => value.toFixed(3)
