/**
 * Rules against outside data: `npm run bench:rules -- --leads FILE.csv --map MAP.json [--rules RULES.json]`. The rows become
 * histories that the engine itself replays. docs/outside-data/README.md tells the map. The last line is one JSON object.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'csv-parse/sync'
import { parseRules } from '../../collector/lead/parse-rules.ts'
import { PRESETS } from '../../collector/lead/presets/presets.ts'
import type { CompiledRules } from '../../collector/lead/rules.ts'
import { type History, historiesOf, type Row } from './outside/histories.ts'
import { type Judged, judge, rulesOf, stageChanges, withoutHysteresis } from './outside/judge.ts'
import { type OutsideMap, readMap } from './outside/map.ts'

/** Days behind the last event that stages are followed for: longer than any half-life keeps an MQL. */
const DAYS_AFTER = 120

try {
  const { values } = parseArgs({
    options: { leads: { type: 'string' }, map: { type: 'string' }, rules: { type: 'string' } },
  })
  if (values.leads === undefined || values.map === undefined)
    throw new Error('usage: npm run bench:rules -- --leads FILE.csv --map MAP.json [--rules RULES.json]')
  for (const file of [values.leads, values.map, values.rules])
    if (file !== undefined && !existsSync(file)) throw new Error(`there is no file ${file}`)
  run(values.leads, values.map, values.rules)
} catch (error) {
  console.error(`bench:rules: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

function run(leads: string, mapFile: string, rulesFile: string | undefined): void {
  const posted = JSON.parse(readFileSync(mapFile, 'utf8')) as { delimiter?: string }
  const rows = rowsOf(leads, posted.delimiter)
  const map = readMap(posted, Object.keys(rows[0] ?? {}))
  const preset =
    rulesFile === undefined
      ? rulesOf('standard', { extends: 'standard', name: 'standard' })
      : fileRules(rulesFile)
  const histories = historiesOf(rows, map, peopleOf(map, mapFile, leads))
  const won = histories.filter((history) => history.won).length
  if (map.kind === 'snapshot' && (won === 0 || won === histories.length)) {
    const is = [map.won.is].flat().join('" or "')
    throw new Error(
      `the map: won: ${won === 0 ? 'no' : 'every'} row has "${is}" in column "${map.won.column}"; there must be both`,
    )
  }
  console.log(`${rows.length} rows, ${histories.length} people, ${won} of whom were won\n`)
  const scored = map.kind === 'snapshot' || map.cut !== undefined
  const judged = scored ? judge(histories, preset, map.rules) : []
  if (scored) print(judged)
  const steps =
    map.kind === 'events' && map.hysteresis
      ? (rulesFile === undefined
          ? Object.keys(PRESETS).map((name) => rulesOf(name, { extends: name, name }))
          : [preset]
        ).map((rules) => stepsOf(histories, rules))
      : undefined
  for (const { rules, hysteresis, oneThreshold } of steps ?? []) {
    const fewer = 100 * (1 - hysteresis / oneThreshold)
    console.log(
      `stage changes, ${rules}: ${oneThreshold} with one threshold, ${hysteresis} with hysteresis, ${fewer.toFixed(1)} % fewer`,
    )
  }
  console.log(
    JSON.stringify({ people: histories.length, won, judged, ...(steps && { stageChanges: steps }) }),
  )
}

function stepsOf(histories: readonly History[], rules: CompiledRules) {
  return {
    rules: rules.document.name,
    hysteresis: stageChanges(histories, rules, DAYS_AFTER),
    oneThreshold: stageChanges(histories, withoutHysteresis(rules), DAYS_AFTER),
  }
}

function rowsOf(file: string, delimiter: string | undefined): Row[] {
  const text = readFileSync(file, 'utf8')
  const plain = delimiter === 'space' ? text.replace(/^[ \t]+/gm, '').replace(/[ \t]+/g, ' ') : text
  return parse(plain, {
    columns: true,
    bom: true,
    trim: true,
    skip_empty_lines: true,
    delimiter: delimiter === 'space' ? ' ' : (delimiter ?? ','),
    relax_column_count: true,
  }) as Row[]
}

/** Who the ids are, by the file beside the map, or beside the leads. */
function peopleOf(map: OutsideMap, mapFile: string, leads: string): Map<string, string> {
  if (map.kind === 'snapshot' || !map.people) return new Map()
  const { file, id, person } = map.people
  const places = [mapFile, leads].map((beside) => join(dirname(beside), file))
  const there = places.find((place) => existsSync(place))
  if (there === undefined)
    throw new Error(`the map: people: ${file} is neither beside the map nor beside ${leads}`)
  const rows = rowsOf(there, undefined)
  for (const name of [id, person])
    if (!(name in (rows[0] ?? {}))) throw new Error(`the map: people: ${file} has no column "${name}"`)
  return new Map(rows.map((row) => [row[id]!, row[person]!]))
}

function fileRules(file: string) {
  const read = parseRules(readFileSync(file, 'utf8'))
  if (!read.ok) throw new Error(`${file}: ${read.errors.join('; ')}`)
  return read.rules
}

function print(judged: readonly Judged[]): void {
  const row = (cells: string[]) =>
    console.log(
      cells[0]!.padEnd(28) +
        cells
          .slice(1)
          .map((cell) => cell.padStart(16))
          .join(''),
    )
  row(['', 'AUC', '95 %', 'best tenth', 'lift', 'won by fifths'])
  for (const { name, figures, refused } of judged) {
    if (!figures) {
      row([name, `- ${refused}`])
      continue
    }
    const { auc, topDecile, lift, calibration } = figures
    row([
      name,
      auc?.value.toFixed(3) ?? '-',
      auc ? `${auc.low.toFixed(3)}-${auc.high.toFixed(3)}` : '-',
      topDecile?.value.toFixed(2) ?? '-',
      lift?.toFixed(2) ?? '-',
      `   ${calibration.map(({ won }) => (won?.value ?? 0).toFixed(2)).join(' ')}`,
    ])
  }
  console.log('')
}
