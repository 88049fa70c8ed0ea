import { expect, it } from 'vitest'
import { sortNameOf } from '../../collector/store/sort-name.ts'

const nobody = { traits: {}, email: null, phone: null, externalId: null }

it.each([
  [{ traits: { name: 'Ada Lovelace' } }, 'ada lovelace'],
  [{ traits: { firstName: 'Ada', lastName: 'Lovelace' } }, 'ada lovelace'],
  [{ traits: { name: '', lastName: 'Lovelace' }, email: 'a@acme.org' }, 'lovelace'],
  [{ traits: { name: ' Ärmel Øst Ñandú' } }, 'armel øst nandu'],
  [{ traits: { name: 42 }, email: 'Ada@acme.org' }, 'ada@acme.org'],
  [{ phone: '+4915112345' }, '+4915112345'],
  [{ externalId: 'CRM-1' }, 'crm-1'],
  [{}, ''],
  [{ traits: { name: '😀'.repeat(90) } }, '😀'.repeat(40)],
])('%j stands under %s', (who, name) => {
  expect(sortNameOf({ ...nobody, ...who })).toBe(name)
})
