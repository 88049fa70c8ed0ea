import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { dashboard } from '../../collector/dashboard/dashboard.tsx'
import { SCRIPT_PATH } from '../../collector/dashboard/script.ts'
import type { CompanyAnswer, LeadAnswer, TimelineItem } from '../../shared/api.ts'
import {
  ADA,
  ENGAGEMENT,
  ENGINES,
  fakeApi,
  fakeAuth,
  fakeQueries,
  fakeSales,
  NO_OVERVIEW,
  NOW,
  OVERVIEW,
  REASONS,
  shown,
} from './fakes.ts'
import { COOKIE, open } from './support.ts'

describe('overview', () => {
  test('shows the numbers of the range', async () => {
    const html = await open().html('/')
    for (const shown of ['12,345', '18,002', '61,207', '342.9 h', '412', '238', '40%'])
      expect(html).toContain(shown)
  })

  test('shows the stages with their counts, linked to their lists', async () => {
    const html = await open().html('/')
    expect(html).toContain('href="/leads?site=shop&amp;stage=sql"')
    expect(html).toMatch(/<span class="count">17<\/span><span class="badge stage-sql">SQL/)
    expect(html).not.toContain('/leads?site=shop&amp;stage=visitor')
  })

  test('shows top pages with views and engaged time', async () => {
    const html = await open().html('/')
    expect(html).toContain('/services/condition-monitoring')
    expect(html).toContain('6,120')
    expect(html).toContain('4 d 15 h')
  })

  test('offers a switch when there are several sites, and opens the one asked for', async () => {
    const opened = open()
    expect(await opened.html('/?site=demo')).toContain('<h1><bdi>Demo</bdi></h1>')
    expect(await opened.html('/')).toContain('href="/?site=demo"')
    const single = open({ sites: async () => [{ id: 'shop', name: 'Shop', timeZone: 'UTC' }] })
    expect(await single.html('/')).not.toContain('class="switch"')
  })

  test('an unknown site is not found', async () => {
    expect((await open().get('/?site=nobody')).status).toBe(404)
  })

  test('with nothing recorded it teaches the tag and the call', async () => {
    const html = await open({ overview: async () => NO_OVERVIEW }, undefined, {
      origin: () => 'https://go.example.com',
      versioned: (site) => ({ hash: `HASH-of-${site}`, integrity: 'sha256-x' }),
    }).html('/')
    expect(html).toContain(
      '&lt;script defer src=&quot;https://go.example.com/l.js?s=shop&quot;&gt;&lt;/script&gt;',
    )
    expect(html).toContain(
      '&lt;script defer src=&quot;https://go.example.com/l.HASH-of-shop.js&quot; integrity=&quot;sha256-x&quot; crossorigin&gt;&lt;/script&gt;',
    )
    expect(html).toContain('https://go.example.com/v1/identify')
  })

  test('the same is there for a site that is measured already', async () => {
    const opened = open({}, undefined, {
      versioned: (site) => ({ hash: `HASH-of-${site}`, integrity: 'sha256-x' }),
    })
    expect(await opened.html('/')).toContain('href="/setup?site=shop"')
    const html = await opened.html('/setup?site=shop')
    expect(html).toContain('/l.js?s=shop&quot;')
    expect(html).toContain('/l.HASH-of-shop.js&quot;')
    expect((await opened.get('/setup?site=nobody')).status).toBe(404)
  })

  test('with nothing recorded it says what consent has to do with it, and shows the way to the demo', async () => {
    const html = await open({ overview: async () => NO_OVERVIEW }).html('/')
    expect(html).toContain('leadwake.consent(true)')
    expect(html).toContain('Leads come through forms alone')
    expect(html).toContain('href="/?site=demo"')
    const demo = await open({ overview: async () => NO_OVERVIEW }).html('/?site=demo')
    expect(demo).toContain('href="/demo/"')
    expect(demo).not.toContain('script defer')
  })

  test('shows sources, campaigns, devices and countries with their share of the visits', async () => {
    const html = await open().html('/')
    for (const shown of [
      'Google',
      'search',
      'ChatGPT',
      'autumn',
      'Germany',
      '>40%<',
      '7,204',
      'direct',
      'unknown',
    ])
      expect(html).toContain(shown)
    expect(html).not.toContain('±')
  })

  test('names the days of the site’s time zone', async () => {
    const berlin = {
      timeZone: 'Europe/Berlin',
      from: '2025-10-22T22:00:00.000Z',
      to: '2025-11-21T22:59:59.999Z',
    }
    const html = await open({ overview: async () => ({ ...OVERVIEW, ...berlin }) }).html('/?site=demo')
    expect(html).toContain('23 Oct \u2013 21 Nov')
  })

  test('says by how much an estimated number of visitors may be off', async () => {
    const html = await open({
      overview: async () => ({ ...OVERVIEW, sums: { ...OVERVIEW.sums, visitorsError: 0.01625 } }),
    }).html('/')
    expect(html).toContain('± 1.6%')
  })

  test('without a site it says how to make one', async () => {
    expect(await open({ sites: async () => [] }).html('/')).toContain('leadwake site new')
  })
})

describe('one lead', () => {
  test('says the stage, the next step and every reason', async () => {
    const html = await open().html('/leads/ada')
    expect(html).toContain('Call within one working day')
    for (const { label } of REASONS) expect(html).toContain(label)
    expect(html).toContain('MQL from 15 points; SQL from 55')
    expect(html).toContain('known: 4 of 6 fields')
  })

  test('the sum shown is the sum of the lines, and the score', async () => {
    const html = await open().html('/leads/ada')
    const lines = [...html.matchAll(/<td class="number nowrap">([+\u2212]\d+\.\d\d)<\/td>/g)]
    const sum = lines.reduce(
      (total, [, points]) => total + Math.round(100 * Number(points!.replace('\u2212', '-'))),
      0,
    )
    expect(lines).toHaveLength(REASONS.length)
    expect(sum / 100).toBe(ENGAGEMENT)
    expect(html).toContain(`<strong class="number">${ENGAGEMENT.toFixed(2)}</strong>`)
  })

  test('steps of one moment stand in their order, the last one first', async () => {
    const at = ADA.transitions[0]!.effectiveAt
    const transitions = ADA.transitions.map((move) => ({ ...move, effectiveAt: at }))
    const html = await open({ lead: async () => ({ ...ADA, transitions }) }).html('/leads/ada')
    const list = html.slice(html.indexOf('Stages so far'))
    const whys = transitions.map(({ why }) => list.indexOf(why))
    expect(whys).toEqual(whys.toSorted((a, b) => b - a))
  })

  test('what a late event took back stands apart, with the day on which that became known', async () => {
    const [created, mql, sql] = ADA.transitions
    const again = { ...mql!, id: 4, recordedAt: sql!.recordedAt }
    const superseded = [
      { ...mql!, supersededBy: 4 },
      { ...sql!, supersededBy: 4 },
    ]
    const lead = { ...ADA, transitions: [created!, again], superseded }
    const html = await open({ lead: async () => lead }).html('/leads/ada')
    const [holding, rest] = html.slice(html.indexOf('Stages so far')).split('2 corrected')
    expect(holding).not.toContain(sql!.why)
    expect(rest).toContain(sql!.why)
    expect(rest!.match(/taken back/g)).toHaveLength(2)
  })

  test('a line that a cap a day cut says from how much', async () => {
    const [line, ...rest] = ADA.reasons
    const reasons = [{ ...line!, pointsThen: 8, pointsUncapped: 24 }, ...rest]
    const html = await open({ lead: async () => ({ ...ADA, reasons }) }).html('/leads/ada')
    expect(html).toContain('capped from +24.00 that day')
  })

  test('a page that was passed through says nothing of engaged time', async () => {
    const passed: TimelineItem = {
      at: ADA.createdAt,
      kind: 'page',
      title: 'Read Cart',
      engagedMs: 120,
      scroll: 0,
    }
    const html = await open({ timeline: async () => ({ items: [passed], next: null }) }).html('/leads/ada')
    expect(html).toContain('Read Cart')
    expect(html).not.toMatch(/0 s engaged|read to 0/)
  })

  test('shows transitions, timeline, facts and traits', async () => {
    const html = await open().html('/leads/ada')
    for (const shown of ['18 November 2025', '4 min 12 s engaged', 'read to 96 %', 'product: NL-200']) {
      expect(html).toContain(shown)
    }
    for (const shown of ['company.size', '250', 'crm-1815', 'duckduckgo.com', 'rules, version 1'])
      expect(html).toContain(shown)
  })

  test('links its company, which may be known by the e-mail alone', async () => {
    const link = 'href="/companies/engines.org?site=shop"'
    expect(await open().html('/leads/ada')).toContain(`<a ${link}><bdi>Analytical Engines</bdi></a>`)
    const unnamed = { ...ADA, company: null }
    expect(await open({ lead: async () => unnamed }).html('/leads/ada')).toContain(
      `<a ${link}><bdi>engines.org</bdi></a>`,
    )
    const named = { ...ADA, companyKey: 'name:a/b' }
    expect(await open({ lead: async () => named }).html('/leads/ada')).toContain(
      '/companies/name%3Aa%2Fb?site',
    )
    const freelance = { ...ADA, company: 'Freelance', companyKey: null }
    const html = await open({ lead: async () => freelance }).html('/leads/ada')
    expect(html).toContain('<bdi>Freelance</bdi>')
    expect(html).not.toContain('href="/companies/')
  })

  test('says what is doubtful of it, and nothing where nothing is', async () => {
    const doubts = /not confirmed|More devices than one person|Merged records|claim in a browser/
    expect(await open().html('/leads/ada')).not.toMatch(doubts)
    const doubtful = { ...ADA, verified: false, flags: ['many-visitors'], mergedFrom: ['a', 'b'] }
    const html = await open({ lead: async () => doubtful }).html('/leads/ada')
    expect(html).toContain('Claimed in a browser, not confirmed.')
    expect(html).toContain('More devices than one person has.')
    expect(html).toMatch(/Merged records.*?<bdi>2<\/bdi>/)
    expect(html).toContain('a claim in a browser')
    expect(html).not.toContain('your form or CRM</bdi>')
  })

  test('is not found when unknown or erased', async () => {
    const answer = await open().get('/leads/nobody')
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('may have been erased')
  })
})

describe('list of companies', () => {
  test('shows each with its people, stage and figures', async () => {
    const html = await open().html('/companies')
    expect(html).toContain('href="/companies/engines.org?site=shop"')
    expect(html).toContain('href="/companies/name%3Azurich-sohne?site=shop"')
    for (const shown of ['Analytical Engines', 'engines.org', '1,061', '2 h 15 min', '42 minutes ago'])
      expect(html).toContain(shown)
    expect(html).not.toContain('>name:zurich-sohne<')
  })

  test('is in the navigation, and keeps the site', async () => {
    expect(await open().html('/leads')).toContain('href="/companies?site=shop"')
    const html = await open().html('/companies?site=shop')
    expect(html).toContain('<a href="/companies?site=shop" aria-current="page">')
    expect(html).toContain('href="/companies?site=demo"')
  })

  test('pages on with the cursor it was given', async () => {
    const asked: unknown[] = []
    const opened = open({
      companies: async (...args) => {
        asked.push(args)
        return { items: [ENGINES], next: args[2] ? null : '5.1.a/b&c' }
      },
    })
    const next = '/companies?site=shop&amp;cursor=5.1.a%2Fb%26c'
    expect(await opened.html('/companies')).toContain(`href="${next}"`)
    expect(await opened.html(next.replace('&amp;', '&'))).toContain('Back to the first')
    expect(asked).toEqual([
      ['shop', 50, undefined],
      ['shop', 50, '5.1.a/b&c'],
    ])
  })

  test('an empty one teaches', async () => {
    const html = await open().html('/companies?site=demo')
    expect(html).toContain('No companies yet')
    expect(html).toContain('/v1/identify')
  })
})

describe('one company', () => {
  test('shows its people with their roles, and what they read', async () => {
    const html = await open().html('/companies/engines.org?site=shop')
    expect(html).toContain('<h1><bdi>Analytical Engines</bdi></h1>')
    for (const { id } of ENGINES.people) expect(html).toContain(`href="/leads/${id}"`)
    for (const shown of ['Head of Maintenance · ada@example.com', 'Charles Babbage', 'Buyer', '24.5'])
      expect(html).toContain(shown)
    for (const { path } of ENGINES.topPages) expect(html).toContain(path)
    expect(html).not.toMatch(/more, all weaker/)
  })

  test('tells how its people moved, by name', async () => {
    const html = await open().html('/companies/engines.org?site=shop')
    const moves = html.slice(html.indexOf('<h2 id="moves"')).split('</section>')[0]!
    expect(moves).toContain('<bdi>Ada Lovelace</bdi>')
    expect(moves).toContain('SQL because: demo requested on 18 Nov')
    const still = { company: async () => ({ ...ENGINES, moves: [] }) }
    expect(await open(still).html('/companies/engines.org')).toContain('None has changed yet.')
  })

  test('says how many of its people are not shown', async () => {
    const large = { company: async () => ({ ...ENGINES, peopleCount: 1_203 }) }
    expect(await open(large).html('/companies/engines.org')).toContain('And 1,200 more')
  })

  test('is asked for by its whole key', async () => {
    const keys: string[] = []
    const opened = open({
      company: async (_site, key) => {
        keys.push(key)
        return undefined
      },
    })
    await opened.get('/companies/name%3Az%C3%BCrich-s%C3%B6hne')
    await opened.get('/companies/name%3Aa%2Fb')
    expect(keys).toEqual(['name:zürich-söhne', 'name:a/b'])
  })

  test('is not found when nobody is of it, on another site or on none', async () => {
    for (const path of ['/companies/nobody.org', '/companies/engines.org?site=demo', '/companies/x?site=no'])
      expect((await open().get(path)).status).toBe(404)
  })
})

describe('hostile strings', () => {
  const EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
  const EVIL_MOVE = {
    from: 'lead',
    to: 'mql',
    effectiveAt: EVIL,
    recordedAt: EVIL,
    by: EVIL,
    why: EVIL,
  } as const
  const evilLead: LeadAnswer = {
    ...ADA,
    id: EVIL,
    site: 'shop',
    name: EVIL,
    email: EVIL,
    company: EVIL,
    companyKey: EVIL,
    flags: [EVIL],
    phone: EVIL,
    externalId: EVIL,
    source: EVIL,
    nextStep: EVIL,
    segments: [EVIL],
    traits: { [EVIL]: EVIL, deep: { [EVIL]: [EVIL] }, long: EVIL.repeat(20) },
    reasons: [{ rule: EVIL, label: EVIL, group: EVIL, points: 1, at: EVIL }],
    transitions: [{ ...EVIL_MOVE, id: 2 }],
    superseded: [{ ...EVIL_MOVE, id: 1, supersededBy: 2 }],
  }
  const evilItem: TimelineItem = {
    at: EVIL,
    kind: 'page',
    title: EVIL,
    path: `/${EVIL}`,
    device: EVIL,
    source: EVIL,
    props: { [EVIL]: EVIL },
  }
  const evilCompany: CompanyAnswer = {
    ...ENGINES,
    key: EVIL,
    name: EVIL,
    people: [{ ...evilLead, role: EVIL }],
    topPages: [{ path: EVIL, views: 1, engagedMs: 1 }],
    moves: [{ ...ENGINES.moves[0]!, lead: EVIL, why: EVIL, by: EVIL, effectiveAt: EVIL }],
  }
  const evilTop = { ...OVERVIEW.tops.page[0]!, value: EVIL, visits: 1, downloads: 1, cartAdds: 1 }
  const evilOverview = {
    ...OVERVIEW,
    tops: Object.fromEntries(Object.keys(OVERVIEW.tops).map((name) => [name, [evilTop]])) as never,
  }
  const opened = open({
    sites: async () => [
      { id: 'shop', name: EVIL, timeZone: 'UTC' },
      { id: EVIL, name: EVIL, timeZone: 'UTC' },
    ],
    overview: async () => evilOverview,
    leads: async () => ({ items: [evilLead], next: EVIL }),
    shownLeads: async () => ({ items: [shown(evilLead), { ...shown(evilLead), source: EVIL }], next: EVIL }),
    lead: async () => evilLead,
    timeline: async () => ({ items: [evilItem], next: EVIL }),
    companies: async () => ({ items: [evilCompany], next: EVIL }),
    company: async () => evilCompany,
  })

  test.each([
    '/',
    `/?page=${encodeURIComponent(EVIL)}&source=${encodeURIComponent(EVIL)}&from=${encodeURIComponent(EVIL)}`,
    `/?site=${encodeURIComponent(EVIL)}`,
    '/leads',
    ...['q', 'source', 'page', 'owner', 'segment', 'sort', 'stage', 'cursor', 'done', 'minFit'].map(
      (name) => `/leads?${name}=${encodeURIComponent(EVIL)}`,
    ),
    '/leads/evil',
    '/companies',
    '/companies/evil',
    `/setup?site=${encodeURIComponent(EVIL)}`,
    `/setup/privacy?q=${encodeURIComponent(EVIL)}`,
    '/account',
  ])('%s shows them as text', async (path) => {
    const html = await opened.html(path)
    expect(html.match(/<script[^>]*>/g)).toEqual([`<script src="${SCRIPT_PATH}" defer="">`])
    expect(html).not.toContain('<img')
    expect(html).not.toContain('style="')
  })

  test('the login page shows no part of where it leads to unescaped', async () => {
    const html = await (await opened.ask(`/login?next=/${encodeURIComponent(EVIL)}`)).text()
    expect(html).not.toContain('<script')
    expect(html).not.toContain('<img')
  })
})

describe('every page', () => {
  test.each([
    '/',
    '/leads',
    '/leads/ada',
    '/leads/nobody',
    '/companies',
    '/companies/engines.org',
    '/account',
    '/nowhere',
    '/login/spent',
  ])('%s holds the strict policy', async (path) => {
    const { headers } = await open().get(path)
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
  })

  test('asks to choose a password while there is none', async () => {
    const hint = 'Choose a password</a>'
    expect(await open({}, null).html('/leads')).toContain(hint)
    expect(await open().html('/leads')).not.toContain(hint)
  })

  test('the stylesheet is sent once', async () => {
    const { ask } = open()
    const page = await (await ask('/login')).text()
    const path = /href="(\/assets\/style\.css[^"]*)"/.exec(page)![1]!
    const first = await ask(path)
    expect(first.headers.get('content-type')).toBe('text/css; charset=utf-8')
    expect(first.headers.get('cache-control')).toContain('immutable')
    const again = await ask(path, { headers: { 'if-none-match': first.headers.get('etag')! } })
    expect(again.status).toBe(304)
  })

  test('mounted last, it takes no path from others, and tells of what nobody answers', async () => {
    const pages = dashboard({
      queries: fakeQueries(),
      auth: fakeAuth().auth,
      api: fakeApi(),
      sales: fakeSales(),
      now: () => NOW,
      version: '0',
    })
    const app = new Hono().get('/v1/stats', (c) => c.text('stats')).route('/', pages)
    expect(await (await app.request('/v1/stats')).text()).toBe('stats')
    expect((await app.request('/leads', { headers: COOKIE })).status).toBe(200)
    const missing = await app.request('/nowhere')
    expect(missing.status).toBe(404)
    expect(await missing.text()).toContain('There is no such page')
  })
})
