import { describe, expect, it } from 'vitest'
import { PRESETS } from '../../collector/lead/presets/presets.ts'
import schema from '../../collector/lead/rules.schema.json' with { type: 'json' }
import { compile } from '../../collector/lead/rules.ts'
import { edited, MISTAKES } from './mistakes.ts'
import { violations } from './schema-check.ts'
import { standard } from './standard.ts'

/** What no schema can see: ids that name one another, the meaning of a glob, sums of keys. */
const BEYOND =
  /group: expected one of|another rule has this id|as the cap of group|only server-sent|"\*\*" may only|is a signal already|sales.zone|17:00-09:00/

const rule = { label: 'x', group: 'content', signals: ['page_view'], points: 1 }
const withWhere = (where: unknown) => ({ extends: 'standard', rules: { t: { ...rule, where } } })

describe('the JSON schema of the rules', () => {
  it.each(Object.entries(PRESETS))('takes the preset %s', (_, document) => {
    expect(violations(schema, document)).toEqual([])
  })

  it('takes each preset as the whole that it stands for', () => {
    for (const preset of Object.values(PRESETS)) {
      const compiled = compile(preset)
      expect(compiled.ok && violations(schema, compiled.rules.document)).toEqual([])
    }
    expect(violations(schema, standard().document)).toEqual([])
  })

  it.each<[string, unknown]>([
    [
      'changes by id',
      { $schema: './x.json', extends: 'strict', rules: { careers: null, cart: { points: 1, perDay: null } } },
    ],
    [
      'changes in a list',
      { extends: 'strict', rules: [{ id: 'cart', points: 1 }], groups: { neg: { halfLifeDays: null } } },
    ],
    [
      'a changed stage',
      { extends: 'broad', stages: { sql: { enter: { not: { any: [{ consent: false }] } } } } },
    ],
    ['a page', withWhere({ path: '/x**' })],
    [
      'conditions',
      withWhere({ all: [{ not: { trait: { a: ['x*', { min: 1 }], b: true } } }, { emailDomain: 'x.y' }] }),
    ],
  ])('takes %s, as compile does', (_, document) => {
    expect(violations(schema, document)).toEqual([])
    expect(compile(document)).toMatchObject({ ok: true })
  })

  it.each(MISTAKES.filter(([error]) => !BEYOND.test(error)))('refuses %s', (_, edit) => {
    expect(violations(schema, edited(edit))).not.toEqual([])
  })

  it.each<[string, unknown]>([
    ['an unknown key beside extends', { extends: 'standard', colour: 1 }],
    ['a mistyped change', { extends: 'standard', rules: { cart: { pionts: 1 } } }],
    ['points out of range', { extends: 'standard', rules: [{ id: 'cart', points: 101 }] }],
    ['two conditions', withWhere({ path: '/x', workEmail: true })],
    ['a path without its slash', withWhere({ path: 'x' })],
    ['a star within a text', withWhere({ trait: { a: 'x*y' } })],
    ['an empty any', withWhere({ any: [] })],
    ['a gate of two', { extends: 'standard', stages: { mql: { enter: { fit: 1, visits: 1 } } } }],
    ['a cap of null', { extends: 'standard', groups: { neg: { cap: null } } }],
  ])('refuses %s, as compile does', (_, document) => {
    expect(violations(schema, document)).not.toEqual([])
    expect(compile(document)).toMatchObject({ ok: false })
  })

  it('describes each key for whoever writes in an editor', () => {
    const silent: string[] = []
    const look = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return
      for (const [key, part] of Object.entries((node as { properties?: object }).properties ?? {})) {
        const said = JSON.stringify(part)
        if (typeof part === 'object' && !/description|\$ref/.test(said) && !/^\.\$defs\.target/.test(path))
          silent.push(`${path}.${key}`)
      }
      for (const [key, part] of Object.entries(node)) look(part, `${path}.${key}`)
    }
    look(schema, '')
    expect(silent.filter((path) => !/\.(min|max|workEmail|emailDomain)$/.test(path))).toEqual([])
  })
})
