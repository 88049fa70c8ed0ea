import { describe, expect, it } from 'vitest'
import { parseRules } from '../../collector/lead/parse-rules.ts'
import { PRESETS } from '../../collector/lead/presets/presets.ts'
import { type CompiledRules, compile } from '../../collector/lead/rules.ts'
import { standard } from './standard.ts'

function rulesOf(document: unknown, known?: Record<string, unknown>): CompiledRules {
  const compiled = compile(document, known)
  if (!compiled.ok) throw new Error(compiled.errors.join('\n'))
  return compiled.rules
}
function errorsOf(document: unknown, known?: Record<string, unknown>): string[] {
  const compiled = compile(document, known)
  return compiled.ok ? [] : compiled.errors
}
const rule = (rules: CompiledRules, id: string) => rules.rules.find((one) => one.id === id)

describe('the presets', () => {
  it.each([
    ['broad', 5, 300, { fit: false }],
    ['standard', 15, 900, { fit: false }],
    ['strict', 30, 1800, { fit: true }],
  ])('%s makes an MQL at %d, and takes it back below %d hundredths', (name, enter, leave, { fit }) => {
    const rules = rulesOf(PRESETS[name])
    expect([rules.thresholds.mql, rules.mql.leave, rules.mql.ticks]).toEqual([enter, leave, 7])
    expect(JSON.stringify(rules.document.stages.mql.enter).includes('{"fit":50}')).toBe(fit)
    expect(rules.document.name).toBe(name)
    expect([rules.thresholds.sql, rules.sql.leave]).toEqual([55, 3300])
  })
})

describe('a document that extends another', () => {
  it('is the other where it says nothing', () => {
    const rules = rulesOf({ extends: 'standard' })
    expect(rules.document).toEqual({ ...standard().document, name: 'standard, changed' })
  })

  it('overrides a rule by its id and keeps the rest of it', () => {
    const rules = rulesOf({ extends: 'standard', rules: [{ id: 'pricing', points: 12 }] })
    expect(rule(rules, 'pricing')).toMatchObject({ points: 1200, perDay: 800, label: 'Viewed pricing' })
    expect(rules.rules.map(({ id }) => id)).toEqual(standard().rules.map(({ id }) => id))
  })

  it('writes its rules by id as well, adds new ones last and takes one away with null', () => {
    const rules = rulesOf({
      extends: 'standard',
      rules: {
        careers: null,
        pricing: { perDay: null, points: 9 },
        event: { label: 'Met us at a fair', group: 'hand', signals: ['fair_visited'], points: 20 },
      },
    })
    expect(rule(rules, 'careers')).toBeUndefined()
    expect(rule(rules, 'pricing')).toMatchObject({ points: 900, perDay: 900 })
    expect(rules.rules.at(-1)).toMatchObject({ id: 'event', points: 2000 })
  })

  it('overrides groups, pages, fit and stages', () => {
    const rules = rulesOf({
      extends: 'strict',
      name: 'ours',
      groups: { intent: { halfLifeDays: null }, fair: { label: 'Fairs', cap: 10, halfLifeDays: 90 } },
      pages: { pricing: ['/kosten**'], careers: null },
      rules: { careers: null },
      fit: { fields: { country: { targets: ['DE'] }, timing: null }, badBelow: 30 },
      trend: { cooling: 0.5 },
      stages: { sql: { leave: { handRaiseDays: 90 }, segments: ['call', 'demo'] } },
    })
    const { document } = rules
    expect(document.groups.intent).toEqual({ label: 'Intent pages', cap: 30, halfLifeDays: null })
    expect(Object.keys(document.groups).at(-1)).toBe('fair')
    expect([rules.pageKind('/pricing'), rules.pageKind('/kosten'), rules.pageKind('/jobs')]).toEqual([
      null,
      'pricing',
      null,
    ])
    expect(rules.fit.fields.map(({ id }) => id)).not.toContain('timing')
    expect(document.fit.fields.find(({ id }) => id === 'country')).toMatchObject({
      weight: 10,
      targets: ['DE'],
    })
    expect([rules.fit.badBelow, rules.trend]).toEqual([30, { cooling: 0.5, rising: 1.3, leastVisits: 4 }])
    expect(document.stages.sql.leave).toEqual({ engagement: 33, ticks: 7, handRaiseDays: 90 })
    expect(document.stages.sql.enter).toEqual(standard().document.stages.sql.enter)
    expect(rules.thresholds.mql).toBe(30)
  })

  it('leaves what it extends as it was', () => {
    const before = JSON.stringify(PRESETS)
    rulesOf({ extends: 'broad', groups: { neg: { cap: -50 } }, stages: { mql: { leave: { ticks: 3 } } } })
    expect(JSON.stringify(PRESETS)).toBe(before)
  })

  it.each<[string, unknown, Record<string, unknown>?]>([
    ['extends: expected one of broad, standard, strict, got "standrad"', { extends: 'standrad' }],
    ['extends: expected one of broad, standard, strict, got "constructor"', { extends: 'constructor' }],
    ['extends: expected one of broad, standard, strict, got 7', { extends: 7 }],
    [
      'extends: a cycle: a extends b extends a',
      { extends: 'a' },
      { a: { extends: 'b' }, b: { extends: 'a' } },
    ],
    ['extends: a cycle: a extends a', { extends: 'a' }, { a: { extends: 'a' } }],
    [
      'rules.carers: null takes away what is extended, and there is no "carers"',
      { extends: 'standard', rules: { carers: null } },
    ],
    [
      'rules.pricing.id: expected "pricing", as its key says, got "cart"',
      { extends: 'standard', rules: { pricing: { id: 'cart' } } },
    ],
    [
      'rules.pricing.id: another entry has this id; give each its own',
      { extends: 'standard', rules: [{ id: 'pricing' }, { id: 'pricing' }] },
    ],
    ['rules: expected a list, got "none"', { extends: 'standard', rules: 'none' }],
    [
      'rules.pricing.points: expected a number from -100 to 100, got "ten"',
      { extends: 'standard', rules: { pricing: { points: 'ten' } } },
    ],
    [
      'rules.careers.signals: expected a list, got nothing',
      { extends: 'standard', rules: { careers: { signals: null } } },
    ],
    [
      'groups.neg.halfLifeDays: expected a number from 1 to 3650, got -5',
      { extends: 'standard', groups: { neg: { halfLifeDays: -5 } } },
    ],
    ['stages: expected an object, got "few"', { extends: 'standard', stages: 'few' }],
    ['stages.mql: expected an object, got nothing', { extends: 'standard', stages: { mql: null } }],
  ])('%s', (error, document, known) => {
    expect(errorsOf(document, known).map((one) => one.replace('got null', 'got nothing'))).toContain(error)
  })
})

describe('a file of rules', () => {
  const errors = (text: string): string[] => {
    const parsed = parseRules(text)
    return parsed.ok ? [] : parsed.errors
  }

  it('may have comments, a comma after the last entry and a schema for the editor', () => {
    const parsed = parseRules(`\uFEFF// Rules of the pump shop
{
  "$schema": "./rules.schema.json",
  /* as agreed
     in June */
  "extends": "strict",
  "rules": {
    "pricing": { "points": 10 }, // "was": 8
  },
}
`)
    if (!parsed.ok) throw new Error(parsed.errors.join('\n'))
    expect(rule(parsed.rules, 'pricing')!.points).toBe(1000)
  })

  it.each<[string, string]>([
    [
      'line 4: rules.pricing.points: expected a number from -100 to 100, got "ten"',
      '{\n "extends": "standard",\n "rules": { "pricing": {\n  "points": "ten" } } }',
    ],
    [
      'line 5: rules.pricing.points: expected a number from -100 to 100, got "ten"',
      '{ // a\n "extends": "standard",\n "rules": [\n {"id": "cart", "points": 1},\n {"points": "ten", "id": "pricing"}] }',
    ],
    [
      'line 3: stages.mql.enter.all[1].visits: expected a number from 0 to 1000, got "x"',
      '{"extends": "standard", "stages": {"mql": {"enter": {"all": [\n{"visits": 1},\n{"visits": "x"}]}}}}',
    ],
    ['line 2: colour: unknown key; expected one of name,', '{ "extends": "standard",\n "colour": 1}'],
    ['line 3, column 2: expected a value, got "}"', '{\n "extends":\n }'],
    ['line 1, column 2: expected a key in double quotes, got "extends: 1}"', '{extends: 1}'],
    ['line 2, column 5: the key "a" stands here a second time', '{"a": 1,\n "a": 2}'],
    ['line 1, column 7: expected a text that ends on its line, got ""x"', '{"a": "x\n"}'],
    ['line 1, column 8: expected "," or "}", got ""b": 2}"', '{"a":1 "b": 2}'],
    ['line 1, column 2: this comment does not end', ' /* and so'],
    ['line 1, column 1: expected a value, got the end', ''],
    ['line 1, column 4: expected the end of the file, got "x"', '{} x'],
    ['line 1, column 66: expected at most 64 levels, got "[[[', '['.repeat(100_000)],
    ['line 1, column 11: this text holds a character or an escape', '{"a": "\\x"}'],
  ])('%s', (error, text) => {
    expect(errors(text).join('\n')).toContain(error)
  })

  it('is read in time linear in its length, whatever it holds', () => {
    for (const text of [
      ' '.repeat(1_900_000),
      '/*'.repeat(900_000),
      `"${'\\\\'.repeat(900_000)}`,
      `{"rules": [${'{"id": "a", "points": 1},'.repeat(60_000)}]}`,
      `{${'"__proto__": 1,'.repeat(2)}}`,
    ])
      expect(errors(text).length).toBeGreaterThan(0)
    expect(errors('x'.repeat(2_000_001))).toEqual(['expected at most 2000000 characters, got 2000001'])
  })

  it('sets no prototype', () => {
    expect(errors('{"__proto__": {"name": "x"}, "extends": "standard"}')).toEqual([
      expect.stringContaining('line 1: __proto__: unknown key'),
    ])
  })
})
