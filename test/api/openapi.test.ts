import { readFileSync } from 'node:fs'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import type * as leads from '../../collector/api/answers/leads.ts'
import type * as people from '../../collector/api/answers/people.ts'
import type * as reports from '../../collector/api/answers/reports.ts'
import type * as sites from '../../collector/api/answers/sites.ts'
import type * as stats from '../../collector/api/answers/stats.ts'
import type * as webhooks from '../../collector/api/answers/webhooks.ts'
import { type Call, EXAMPLE_LEAD, EXAMPLE_WEBHOOK } from '../../collector/api/endpoint.ts'
import { EXAMPLE_KEY } from '../../collector/api/keys.ts'
import { EXAMPLE_STAFF } from '../../collector/api/staff.ts'
import type * as api from '../../shared/api.ts'
import type * as lead from '../../shared/lead.ts'
import type * as shown from '../../shared/reports.ts'
import { CALLS } from '../calls.ts'
import { callsText, DOCUMENT, document, routes, textOf } from '../openapi.ts'
import { beaconOf, eventId, type TestCollector, testCollector } from '../support/collector.ts'

const kept = readFileSync(DOCUMENT, 'utf8')

describe('the OpenAPI document', () => {
  it('is what the routes say; `npm run openapi` makes it anew', async () => {
    expect(textOf(await document()) === kept, 'docs/openapi.json is not up to date').toBe(true)
  })

  it('is what the client is typed by', () => {
    expect(callsText(JSON.parse(kept)) === readFileSync(CALLS, 'utf8'), 'shared/calls.ts').toBe(true)
  })

  it('passes a linter', async () => {
    const config = await createConfig({
      extends: ['recommended-strict'],
      rules: { 'security-defined': 'error', 'no-unused-components': 'off' },
    })
    const problems = await lintFromString({ source: kept, absoluteRef: DOCUMENT.pathname, config })
    expect(
      problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`),
    ).toEqual([])
  })

  it('has every route under /v1', () => {
    const bare = routes().filter(
      ({ path, call, method }) => path.startsWith('/v1/') && !call && !['ALL', 'OPTIONS'].includes(method),
    )
    expect(bare.map(({ method, path }) => `${method} ${path}`)).toEqual([])
  })

  it('describes the types that it names', () => {
    /** Without how it is put together. */
    type Flat<T> = T extends (infer I)[] ? Flat<I>[] : T extends object ? { [K in keyof T]: Flat<T[K]> } : T
    type Of<S extends v.GenericSchema> = Flat<v.InferOutput<S>>
    expectTypeOf<Of<typeof stats.StatsAnswer>>().toEqualTypeOf<Flat<api.StatsAnswer>>()
    expectTypeOf<Of<typeof stats.TopValue>>().toEqualTypeOf<Flat<api.TopValue>>()
    expectTypeOf<Of<typeof stats.SliceAnswer>>().toEqualTypeOf<Flat<api.SliceAnswer>>()
    expectTypeOf<Of<typeof stats.RefusalsAnswer>>().toEqualTypeOf<Flat<api.RefusalsAnswer>>()
    expectTypeOf<Of<typeof leads.LeadListItem>>().toEqualTypeOf<Flat<api.LeadListItem>>()
    expectTypeOf<Of<typeof leads.LeadAnswer>>().toEqualTypeOf<Flat<api.LeadAnswer>>()
    expectTypeOf<Of<typeof leads.DossierAnswer>>().toEqualTypeOf<Flat<api.DossierAnswer>>()
    expectTypeOf<Of<typeof leads.TimelineItem>>().toEqualTypeOf<Flat<api.TimelineItem>>()
    expectTypeOf<Of<typeof leads.CompanyListItem>>().toEqualTypeOf<Flat<api.CompanyListItem>>()
    expectTypeOf<Of<typeof leads.CompanyAnswer>>().toEqualTypeOf<Flat<api.CompanyAnswer>>()
    expectTypeOf<Of<typeof leads.Transition>>().toEqualTypeOf<Flat<lead.Transition>>()
    expectTypeOf<Of<typeof leads.Reason>>().toEqualTypeOf<Flat<lead.Reason>>()
    expectTypeOf<Of<typeof leads.Fit>>().toEqualTypeOf<Flat<lead.Fit>>()
    expectTypeOf<Of<typeof people.IdentifyAnswer>>().toEqualTypeOf<Flat<api.IdentifyAnswer>>()
    expectTypeOf<Of<typeof webhooks.WebhookAnswer>>().toEqualTypeOf<Flat<api.WebhookAnswer>>()
    expectTypeOf<Of<typeof webhooks.DeliveryItem>>().toEqualTypeOf<Flat<api.DeliveryItem>>()
    expectTypeOf<Of<typeof people.AuditItem>>().toEqualTypeOf<Flat<api.AuditItem>>()
    expectTypeOf<Of<typeof reports.FunnelReport>>().toEqualTypeOf<Flat<shown.FunnelReport>>()
    expectTypeOf<Of<typeof reports.StagesReport>>().toEqualTypeOf<Flat<shown.StagesReport>>()
    expectTypeOf<Of<typeof reports.VelocityReport>>().toEqualTypeOf<Flat<shown.VelocityReport>>()
    expectTypeOf<Of<typeof reports.SalesReport>>().toEqualTypeOf<Flat<shown.SalesReport>>()
    expectTypeOf<Of<typeof reports.ChannelsReport>>().toEqualTypeOf<Flat<shown.ChannelsReport>>()
    expectTypeOf<Of<typeof reports.ContentReport>>().toEqualTypeOf<Flat<shown.ContentReport>>()
    expectTypeOf<Of<typeof reports.RulesReport>>().toEqualTypeOf<Flat<shown.RulesReport>>()
    expectTypeOf<Of<typeof sites.Problem>>().toEqualTypeOf<Flat<api.Problem>>()
  })

  describe('its examples', () => {
    let lw: TestCollector
    /** Of what is there, by those of the examples. */
    let ids: Record<string, string>
    beforeAll(async () => {
      lw = await testCollector()
      const at = lw.clock.now - 60_000
      const page = eventId(at, 1)
      await lw.beacon(
        beaconOf(lw.clock.now, [
          ['p', page, at, '/pricing', 'Pricing'],
          ['d', eventId(at + 9, 2), at + 9, page, '/files/guide.pdf'],
        ]),
      )
      const { body } = await lw.call('POST', '/v1/identify', {
        site: 'main',
        email: 'ada@acme.org',
        visitor: 'visitor-1',
        traits: { name: 'Ada' },
      })
      const key = await lw.call('POST', '/v1/keys', { name: 'k', rights: ['read'] })
      const staff = await lw.call('POST', '/v1/staff', {
        name: 'Ada',
        role: 'viewer',
        password: 'of ten letters',
      })
      const webhook = await lw.call('POST', '/v1/webhooks', {
        url: 'https://hooks.example.org/',
        events: ['report.weekly'],
      })
      ids = {
        [EXAMPLE_LEAD]: body.id,
        [EXAMPLE_KEY]: key.body.id,
        [EXAMPLE_STAFF]: staff.body.id,
        [EXAMPLE_WEBHOOK]: webhook.body.id,
      }
    })
    afterAll(() => lw.remove())

    /** What takes something away comes last. */
    const ORDER = ['GET', 'POST', 'PATCH', 'DELETE']
    const described = routes()
      .filter((one): one is typeof one & { call: Call } => one.call !== undefined)
      .sort((a, b) => ORDER.indexOf(a.method) - ORDER.indexOf(b.method))
    /** What a fresh collector can only refuse. */
    const REFUSED: Record<string, number> = {
      learnRules: 409,
      unmergeContact: 409,
      getOutcome: 404,
      takeSendgridEvents: 404,
      takePostmarkEvents: 404,
    }

    it.each(described.map((one) => [one.call.id, one] as const))(
      '%s',
      async (name, { method, path, call }) => {
        const {
          params = {},
          query,
          body,
        } = call.example as {
          params?: Record<string, string>
          query?: Record<string, string>
          body?: unknown
        }
        const filled = path.replace(/:(\w+)/g, (_, part) =>
          encodeURIComponent(ids[params[part]!] ?? params[part]!),
        )
        const search = query ? `?${new URLSearchParams(query)}` : ''
        if (typeof call.answers[200] === 'string') {
          const headers = { authorization: `Bearer ${lw.key}` }
          const answer = await lw.request(filled + search, { headers })
          expect(answer.headers.get('content-type')).toBe(call.answers[200])
          await answer.body?.cancel()
          return
        }
        const answer = await lw.call(method, filled + search, body)
        const expected = REFUSED[name]
        if (expected !== undefined) {
          expect(answer.status).toBe(expected)
          return
        }
        const schema = call.answers[answer.status as 200]
        expect(schema, `${answer.status} ${JSON.stringify(answer.body)}`).toBeDefined()
        // What the schema does not know, it leaves out.
        if (schema && typeof schema !== 'string') expect(v.parse(schema, answer.body)).toEqual(answer.body)
      },
    )
  })

  it('is served to whoever asks', async () => {
    const lw = await testCollector()
    try {
      const answer = await lw.request('/openapi.json')
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      expect(await answer.json()).toEqual(JSON.parse(kept))
      expect(await (await lw.request('/docs')).text()).toContain('id="listLeads"')
    } finally {
      await lw.remove()
    }
  })
})
