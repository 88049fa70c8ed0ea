import { readJsonc } from './jsonc.ts'
import { PRESETS } from './presets/presets.ts'
import { type CompiledRules, compile } from './rules.ts'

/**
 * A file of rules, comments and all, made ready for use. Each error names its line and field:
 * `line 12: rules.pricing.points: expected a number from -100 to 100, got "ten"`. `known` are the documents that it
 * may extend.
 */
export function parseRules(
  text: string,
  known: Readonly<Record<string, unknown>> = PRESETS,
): { ok: true; document: unknown; rules: CompiledRules } | { ok: false; errors: string[] } {
  const read = readJsonc(text)
  if (!read.ok) return { ok: false, errors: [read.error] }
  const compiled = compile(read.value, known)
  if (compiled.ok) return { ok: true, document: read.value, rules: compiled.rules }
  const errors = compiled.errors.map((error) => {
    const path = /^[^:\s]+(?=: )/.exec(error)?.[0] ?? ''
    return `line ${read.lineOf(path)}: ${error}`
  })
  return { ok: false, errors }
}
