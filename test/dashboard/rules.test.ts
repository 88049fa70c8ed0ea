import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withNumbers, withPage } from '../../collector/dashboard/rules-form.ts'
import { mistakeOf } from '../../collector/dashboard/rules-routes.tsx'
import { tidy } from '../../collector/dashboard/rules-text.ts'
import { standardDocument } from '../../collector/lead/presets/standard.ts'
import { compile, type RulesDocument } from '../../collector/lead/rules.ts'
import { fakeApi, SESSION } from './fakes.ts'
import { COOKIE, open } from './support.ts'

const STANDARD = standardDocument as RulesDocument
const changed = (fields: Record<string, string>) => withNumbers(STANDARD, new URLSearchParams(fields))
const errorsOf = (document: unknown) => {
  const result = compile(document)
  return result.ok ? [] : result.errors
}

describe('a document as people edit it', () => {
  test('reads as what it was made of, whatever that is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(tidy(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test('has what belongs together on one line', () => {
    const lines = tidy(STANDARD).split('\n')
    expect(lines).toContain('    "visits": { "label": "Visits", "cap": 10, "halfLifeDays": 30 },')
    expect(lines.length).toBeLessThan(JSON.stringify(STANDARD, null, 2).split('\n').length / 2)
  })
})

describe('the numbers of a form', () => {
  test('stand in the document where they belong, and nowhere else', () => {
    const document = changed({
      'rules.pricing.points': '12.5',
      'rules.pricing.perDay': '',
      'groups.intent.cap': '35',
      'groups.intent.halfLifeDays': '',
      'threshold.sql': '60',
      'leave.sql': '30',
      'rules.nobody.points': '3',
      '__proto__.x.points': '3',
    })
    expect(document.rules.find(({ id }) => id === 'pricing')).toMatchObject({ points: 12.5 })
    expect(document.rules.find(({ id }) => id === 'pricing')).not.toHaveProperty('perDay')
    expect(document.groups.intent).toMatchObject({ cap: 35, halfLifeDays: null })
    expect(JSON.stringify(document.stages.sql.enter)).toContain('{"engagement":60},{"visits":5}')
    expect(document.stages.sql.leave.engagement).toBe(30)
    expect(document.stages.mql).toEqual(STANDARD.stages.mql)
    expect(errorsOf(document)).toEqual([])
  })

  test('that are none are told by the check', () => {
    expect(errorsOf(changed({ 'rules.pricing.points': 'ten' })).join()).toMatch(
      /rules\.pricing\.points.*"ten"/,
    )
    expect(errorsOf(changed({ 'groups.intent.cap': '' })).join()).toMatch(/groups\.intent\.cap/)
  })

  test('sent as they are, they change nothing', async () => {
    const html = await open().html('/rules')
    const fields = [...html.matchAll(/<input type="number"[^>]* name="([^"]+)" value="([^"]*)"/g)]
    expect(fields.length).toBeGreaterThan(60)
    const document = changed(Object.fromEntries(fields.map(([, name, value]) => [name!, value!])))
    expect(document).toEqual(STANDARD)
  })
})

test('a page that nobody classified becomes one of a kind', () => {
  const document = withPage(STANDARD, 'pricing', '/rates')
  expect(document.pages.pricing!.at(-1)).toBe('/rates')
  expect(document.pages.service).toEqual(STANDARD.pages.service)
  expect(withPage(STANDARD, 'events', '/e').pages.events).toEqual(['/e'])
})

test.each([
  [
    'line 12: rules.pricing.points: expected a number',
    { line: 12, text: 'rules.pricing.points: expected a number' },
  ],
  ['line 3, column 9: expected a comma', { line: 3, text: 'expected a comma' }],
  ['something else', { line: null, text: 'something else' }],
])('%s', (error, mistake) => {
  expect(mistakeOf(error)).toEqual(mistake)
})

describe('the page of the rules', () => {
  const send = (fields: Record<string, string>, api = fakeApi(), headers = COOKIE) =>
    open({}, undefined, { api }).post('/rules?site=shop', fields, headers)

  test('is a form, or an editor of the document, with its history', async () => {
    expect(await open().html('/rules')).toContain('name="rules.pricing.points" value="8"')
    const html = await open().html('/rules?view=text')
    expect(html).toContain('&quot;name&quot;: &quot;standard&quot;')
    expect(html).not.toContain('$schema')
    expect(html).toMatch(/2 · in force.*Mary/s)
    expect(html).toContain('href="/rules?site=shop&amp;view=text&amp;version=1"')
  })

  test('shows an older version, which is one way back', async () => {
    const html = await open().html('/rules?view=text&version=1')
    expect(html).toContain('This is version 1, which is no longer in force.')
    expect(html).toContain('&quot;extends&quot;: &quot;strict&quot;')
  })

  test('tells what does not hold with its line, and applies nothing', async () => {
    const api = fakeApi()
    const answer = await send(
      { text: '{\n  "extends": "standard",\n  "windowDays": "x"\n}', do: 'apply' },
      api,
    )
    expect(answer.status).toBe(422)
    const html = await answer.text()
    expect(html).toMatch(/<a href="#text" data-line="3">Line 3<\/a>: <bdi>windowDays: expected/)
    expect(html).toContain('&quot;windowDays&quot;: &quot;x&quot;')
    const broken = await send({ text: '{ "a": 1,, }', do: 'preview' }, api)
    expect(await broken.text()).toMatch(/data-line="1">Line 1/)
    expect(JSON.stringify(api.called)).not.toContain('POST')
  })

  test('shows what a draft would change, and applies nothing', async () => {
    const api = fakeApi()
    const html = await (
      await send({ text: '{ "extends": "strict" }', do: 'preview', capacity: '5' }, api)
    ).text()
    for (const told of [
      '3 of 251 leads would stand elsewhere.',
      'Ada Lovelace',
      'Viewed pricing +12.80',
      '48.2 → 61',
    ])
      expect(html).toContain(told)
    expect(html).toContain('in 2 under the draft')
    expect(html).toContain('{ &quot;extends&quot;: &quot;strict&quot; }')
    expect(api.called).toContainEqual([
      'POST',
      '/v1/rules/preview',
      { site: 'shop', document: { extends: 'strict' }, movers: 20, capacity: 5 },
    ])
    expect(JSON.stringify(api.called)).not.toContain('"/v1/rules",')
  })

  test('applies what was written, or what the form says', async () => {
    const api = fakeApi()
    const answer = await send({ text: '{ "extends": "strict" }', do: 'apply', notify: 'silent' }, api)
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      '/rules?site=shop&view=text&applied',
    ])
    expect(api.called).toContainEqual([
      'POST',
      '/v1/rules',
      { site: 'shop', document: { extends: 'strict' }, notify: 'silent' },
    ])
    const form = fakeApi()
    await send(
      { base: '{ "extends": "standard" }', 'rules.pricing.points': '9', do: 'apply', notify: 'sql' },
      form,
    )
    const [, , body] = form.called.find((call) => (call as string[])[0] === 'POST') as [string, string, never]
    expect(body).toMatchObject({ site: 'shop', notify: 'sql', document: { name: 'standard, changed' } })
    expect(JSON.stringify(body)).toContain('"signals":["pricing_view"],"points":9')
  })

  test('is for marketers and admins', async () => {
    const as = (name: string) => ({ cookie: `leadwake_session=${SESSION}-${name}` })
    const api = fakeApi()
    const { ask } = open({}, undefined, { api })
    expect((await ask('/rules', { headers: as('sal') })).status).toBe(403)
    expect((await send({ text: '{}', do: 'apply' }, api, as('sal'))).status).toBe(403)
    expect(await (await ask('/leads', { headers: as('sal') })).text()).not.toContain('href="/rules')
    expect(api.called).toEqual([])
  })
})
