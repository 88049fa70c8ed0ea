import type { DashboardDeps } from '../../collector/dashboard/dashboard.tsx'
import type { Queries } from '../../collector/dashboard/queries.ts'
import type { Reports } from '../../collector/dashboard/reports.tsx'
import { standardDocument } from '../../collector/lead/presets/standard.ts'
import { REACHED } from '../../collector/read/cohorts.ts'
import type { ShownLead } from '../../collector/read/curves.ts'
import type { OverviewAnswer } from '../../collector/read/overview.ts'
import { OPERATOR, type Person } from '../../collector/staff.ts'
import type {
  CompanyAnswer,
  DossierAnswer,
  LeadAnswer,
  LeadListItem,
  TimelineItem,
  TopItem,
} from '../../shared/api.ts'
import { type Reason, STAGES, type Stage } from '../../shared/lead.ts'
import type { StepCounts } from '../../shared/reports.ts'

/** A Friday at noon. */
export const NOW = Date.parse('2025-11-21T12:00:00Z')
const MINUTE = 60_000
const DAY = 86_400_000
const ago = (days: number, minutes = 0) => new Date(NOW - days * DAY - minutes * MINUTE).toISOString()

const top = (value: string, visits: number, rest: Partial<TopItem> = {}): TopItem => ({
  value,
  visits,
  bounces: 0,
  pageViews: 0,
  engagedMs: 0,
  downloads: 0,
  cartAdds: 0,
  ...rest,
})
const read = (path: string, pageViews: number, engagedMs: number) => top(path, 0, { pageViews, engagedMs })

const SUMS: OverviewAnswer['sums'] = {
  visitors: 12_345,
  visitorsError: 0,
  visits: 18_002,
  pageViews: 61_207,
  engagedMs: 1_234_567_000,
  bounces: 7_201,
  downloads: 412,
  cartAdds: 238,
}
const daysOf = (count: number, before: number) =>
  Array.from({ length: count }, (_, i) => ({
    at: new Date(Math.floor(NOW / DAY) * DAY - (count - 1 - i + before) * DAY).toISOString(),
    visitors: 400 + ((i * 37) % 90) - before,
    visits: 500 + ((i * 37) % 90),
    pageViews: 2_000 + i,
    engagedMs: 40_000_000 + i * 1_000,
    bounces: 200,
    downloads: 10 + (i % 7),
    cartAdds: i % 3,
  }))

export const OVERVIEW: OverviewAnswer = {
  site: 'shop',
  from: '2025-10-25T00:00:00.000Z',
  to: '2025-11-21T23:59:59.999Z',
  interval: 'day',
  sample: 1,
  sums: SUMS,
  series: daysOf(28, 0),
  compare: {
    from: '2025-09-27T00:00:00.000Z',
    to: '2025-10-24T23:59:59.999Z',
    sums: { ...SUMS, visitors: 11_000, bounces: 6_000, downloads: 0 },
    series: daysOf(28, 28),
  },
  stages: { visitor: 12_107, lead: 164, mql: 52, sql: 17, opportunity: 6, customer: 3, disqualified: 9 },
  tops: {
    source: [top('search Google', 7_204), top('direct', 5_120), top('ai ChatGPT', 640)],
    campaign: [top('autumn', 812)],
    page: [
      read('/', 14_200, 201_000_000),
      read('/services/condition-monitoring', 6_120, 402_000_000),
      read('/pricing', 4_890, 122_000_000),
      read('/blog/six-weeks-before-it-seized', 3_120, 301_000_000),
      read('/about', 720, 12_000_000),
    ],
    entry: [top('/', 9_100)],
    country: [top('DE', 8_000), top('', 120)],
    device: [top('desktop', 12_400)],
    browser: [top('Firefox', 8_002)],
    system: [top('Linux', 4_100)],
    download: [top('shop.example/guide.pdf', 0, { downloads: 220 })],
    product: [top('Pump', 0, { cartAdds: 140 })],
  },
}

const NO_TOPS = Object.fromEntries(Object.keys(OVERVIEW.tops).map((name) => [name, []])) as never

export const NO_OVERVIEW: OverviewAnswer = {
  ...OVERVIEW,
  sums: {
    visitors: 0,
    visitorsError: 0,
    visits: 0,
    pageViews: 0,
    engagedMs: 0,
    bounces: 0,
    downloads: 0,
    cartAdds: 0,
  },
  stages: { visitor: 0, lead: 0, mql: 0, sql: 0, opportunity: 0, customer: 0, disqualified: 0 },
  tops: NO_TOPS,
}

const item = (
  id: string,
  stage: Stage,
  engagement: number,
  rest: Partial<LeadListItem> = {},
): LeadListItem => ({
  id,
  site: 'shop',
  stage,
  engagement,
  fit: 50,
  fitKnown: 4,
  fitFields: 6,
  name: null,
  nextStep: `What to do with ${stage}`,
  segments: [],
  email: `${id}@example.com`,
  company: null,
  stageSince: ago(3),
  lastSeenAt: ago(0, 42),
  visits: 7,
  trend: 'steady',
  owner: null,
  dueAt: null,
  ...rest,
})

export const LEADS: LeadListItem[] = [
  item('ada', 'sql', 71.84, {
    name: 'Ada Lovelace',
    company: 'Analytical Engines',
    fit: 84,
    fitKnown: 4,
    fitFields: 6,
    trend: 'rising',
    visits: 14,
  }),
  item('grace', 'sql', 45, {
    name: 'Grace Hopper',
    company: 'Eckert & Mauchly Computer Corporation',
    stageSince: ago(0, 300),
  }),
  item('noether', 'mql', 36.3, {
    name: 'Emmy Noether',
    trend: 'cooling',
    stageSince: ago(12),
    lastSeenAt: ago(4),
  }),
  item('hypatia', 'mql', 24.5, { stageSince: ago(1), visits: 2 }),
  item('turing', 'lead', 6, { name: 'Alan Turing', company: 'Bletchley', visits: 1, lastSeenAt: ago(45) }),
]

/** As the list shows a lead. */
export const shown = (lead: LeadListItem, i = 0): ShownLead => ({
  ...lead,
  source: i % 3 === 2 ? null : 'search DuckDuckGo',
  stageStep: lead.nextStep,
  curve: Array.from({ length: 30 }, (_, day) => (day < 12 ? 0 : lead.engagement * (day / 29) ** (i + 1))),
})

const reason = (
  rule: string,
  label: string,
  group: string,
  points: number,
  days: number,
  rest: Partial<Reason> = {},
): Reason => ({
  rule,
  label,
  group,
  points,
  at: ago(days),
  ...rest,
})

export const REASONS: Reason[] = [
  reason('demo', 'Demo requested', 'hand', 39.54, 1, { pointsThen: 40 }),
  reason('pricing', 'Pricing viewed', 'intent', 7.74, 1, { pointsThen: 8 }),
  reason('service', 'Service page viewed', 'intent', 5.8, 1, { pointsThen: 6, count: 4 }),
  reason('service', 'Service page viewed', 'intent', 1.51, 9, { pointsThen: 2 }),
  ...[2, 4, 6, 8, 11, 13, 16].map((days) =>
    reason('minute', 'Engaged minutes', 'depth', 1.75, days, { pointsThen: 2 }),
  ),
  reason('guide', 'Downloaded guide.pdf', 'content', 6.99, 9, { pointsThen: 8 }),
  reason('opt-in', 'Subscribed to the newsletter', 'email', 4.35, 6, { pointsThen: 5 }),
  reason('careers', 'Careers page viewed', 'neg', -9.89, 3, { pointsThen: -10 }),
  reason('visit', 'Visit', 'visits', 3.55, 1, { pointsThen: 4, count: 4 }),
]

/** The score that the reasons above add up to. */
export const ENGAGEMENT = 71.84

export const ADA: LeadAnswer = {
  ...LEADS[0]!,
  companyKey: 'engines.org',
  phone: '+44 20 7946 0000',
  externalId: 'crm-1815',
  traits: {
    name: 'Ada Lovelace',
    title: 'Head of Maintenance',
    company: { name: 'Analytical Engines', size: 250, industry: 'Machinery' },
    interests: ['pumps', 'gearboxes'],
  },
  createdAt: ago(9),
  accepted: false,
  coolUntil: null,
  decisions: [],
  consents: [],
  breaches: [],
  notes: [{ kind: 'pain', text: 'Bearings seize every winter', at: ago(2), by: 'Ann' }],
  groups: { hand: 39.54, intent: 15.05, depth: 12.25, content: 6.99, email: 4.35, visits: 3.55, neg: -9.89 },
  fitDetail: { score: 84, known: 4, fields: 6, bad: false },
  reasons: REASONS,
  transitions: [
    {
      id: 1,
      from: 'visitor',
      to: 'lead',
      effectiveAt: ago(9),
      recordedAt: ago(9),
      by: 'identify',
      why: 'Identified by a form',
    },
    {
      id: 2,
      from: 'lead',
      to: 'mql',
      effectiveAt: ago(6),
      recordedAt: ago(6),
      by: 'rules:1',
      why: 'MQL because: 15.20 points on 15 Nov',
    },
    {
      id: 3,
      from: 'mql',
      to: 'sql',
      effectiveAt: ago(3),
      recordedAt: ago(3),
      by: 'rules:1',
      why: 'SQL because: demo requested on 18 Nov',
    },
  ],
  superseded: [],
  nextStep: 'Call within one working day and offer a demo.',
  segments: ['call'],
  rulesVersion: 1,
  thresholds: { mql: 15, sql: 55 },
  visitors: 2,
  source: 'DuckDuckGo',
  lastSource: 'newsletter',
  verified: true,
  mergedFrom: [],
  flags: [],
}

export const ENGINES: CompanyAnswer = {
  key: 'engines.org',
  site: 'shop',
  name: 'Analytical Engines',
  peopleCount: 3,
  stage: 'sql',
  visits: 23,
  pageViews: 1_061,
  engagedMs: 8_100_000,
  lastSeenAt: ago(0, 42),
  people: [
    { ...LEADS[0]!, role: 'Head of Maintenance' },
    { ...item('babbage', 'mql', 24.5, { name: 'Charles Babbage', trend: 'cooling' }), role: null },
    { ...item('menabrea', 'lead', 3.2), role: 'Buyer' },
  ],
  topPages: [
    { path: '/pricing', views: 41, engagedMs: 2_400_000 },
    { path: '/services/condition-monitoring', views: 17, engagedMs: 3_900_000 },
  ],
  moves: [
    {
      lead: 'ada',
      id: 9,
      from: 'mql',
      to: 'sql',
      effectiveAt: ago(3, 1),
      recordedAt: ago(3, 1),
      by: 'rules:1',
      why: 'SQL because: demo requested on 18 Nov; fit unknown',
    },
  ],
}

export const TIMELINE: TimelineItem[] = [
  { at: ago(3, 1), kind: 'transition', title: 'SQL because: demo requested on 18 Nov' },
  { at: ago(3, 1), kind: 'signal', title: 'Demo requested', props: { product: 'NL-200' } },
  { at: ago(3, 2), kind: 'form', title: 'Sent the form demo-request' },
  { at: ago(3, 6), kind: 'page', title: 'Read Pricing', path: '/pricing', engagedMs: 252_000, scroll: 96 },
  {
    at: ago(3, 9),
    kind: 'cart',
    title: 'Added NL-200 vibration sensor to the cart',
    props: { quantity: 2, price: 189 },
  },
  {
    at: ago(3, 14),
    kind: 'page',
    title: 'Read Condition monitoring',
    path: '/services/condition-monitoring',
    engagedMs: 305_000,
    scroll: 100,
  },
  {
    at: ago(3, 14),
    kind: 'visit',
    title: 'Visit of 3 pages, 9 min 17 s engaged',
    device: 'desktop, Firefox, Linux',
    source: 'newsletter',
  },
  { at: ago(9, 3), kind: 'download', title: 'Downloaded guide.pdf', path: '/files/guide.pdf' },
  {
    at: ago(9, 20),
    kind: 'page',
    title: 'Read Six weeks before it seized',
    path: '/blog/six-weeks-before-it-seized',
    engagedMs: 421_000,
    scroll: 88,
  },
  {
    at: ago(9, 20),
    kind: 'visit',
    title: 'Visit of 1 page',
    device: 'mobile, Safari, iOS',
    source: 'duckduckgo.com',
  },
]

export const DOSSIER: DossierAnswer = {
  lead: ADA,
  path: TIMELINE.toReversed(),
  pages: [
    { path: '/pricing', title: 'Pricing', views: 3, engagedMs: 190_000 },
    { path: '/services/a', title: 'Condition monitoring', views: 1, engagedMs: 42_000 },
  ],
  content: [{ title: 'guide.pdf', path: '/files/guide.pdf', at: ago(9) }],
  company: ENGINES,
}

const ABOUT = { site: 'shop', from: ago(90), to: ago(0) }
const steps = (
  leads: number,
  mql: number,
  sql: number,
  accepted: number,
  won: number,
  mqlToSql: number | null = 0.25,
): StepCounts => ({
  leads,
  mql,
  sql,
  accepted,
  won,
  rates: { mqlToSql, sqlToAccepted: null, acceptedToWon: null },
})
const took = (p50: number | null, p90: number | null) => ({ p25: 1, p50, p75: p90, p90 })

/** The last ones may grow yet. */
const reached = (counts: number[], open: number): Reports['cohorts']['cohorts'][number]['reached'] =>
  REACHED.map((column, i) => ({ ...column, count: counts[i]!, isOpen: i >= REACHED.length - open }))

export const REPORTS: Reports = {
  funnel: {
    ...ABOUT,
    steps: [
      { step: 'visitor', count: 12_345, ofLeads: null },
      { step: 'lead', count: 640, ofLeads: 1 },
      { step: 'mql', count: 212, ofLeads: 0.331 },
      { step: 'sql', count: 61, ofLeads: 0.0953 },
      { step: 'accepted', count: 40, ofLeads: 0.0625 },
      { step: 'opportunity', count: 22, ofLeads: 0.0344 },
      { step: 'won', count: 9, ofLeads: 0.0141 },
    ],
  },
  velocity: {
    ...ABOUT,
    steps: [
      { from: 'lead', to: 'mql', people: 640, arrived: 212, days: took(23, null) },
      { from: 'mql', to: 'sql', people: 212, arrived: 53, days: took(41, 88) },
      { from: 'sql', to: 'accepted', people: 61, arrived: 40, days: took(0, 3) },
      { from: 'sql', to: 'won', people: 61, arrived: 9, days: took(null, null) },
    ],
  },
  cohorts: {
    ...ABOUT,
    interval: 'week',
    cohorts: [
      { at: ago(95), leads: 40, reached: reached([16, 4, 8, 10, 3], 0) },
      { at: ago(60), leads: 0, reached: reached([0, 0, 0, 0, 0], 3) },
      { at: ago(4), leads: 7, reached: reached([2, 1, 1, 1, 0], 5) },
    ],
  },
  sales: {
    ...ABOUT,
    sqls: 61,
    accepted: 40,
    rejected: 14,
    won: 9,
    lost: 12,
    breaches: 3,
    minutesToAccept: { p50: 95, p90: 2_890 },
    reasons: [
      { reason: 'no_budget', count: 8 },
      { reason: 'bad_timing', count: 6 },
    ],
  },
  channels: {
    ...ABOUT,
    channels: [
      { kind: 'search', name: 'Google', ...steps(301, 120, 33, 21, 5) },
      { kind: null, name: '', ...steps(120, 12, 4, 3, 1) },
      { kind: 'direct', name: '', ...steps(92, 40, 12, 8, 2) },
      {
        kind: 'referral',
        name: 'a-very-long-host-name-of-a-forum.example.net',
        ...steps(3, 0, 0, 0, 0, null),
      },
    ],
    entryPages: [
      { path: '/services/condition-monitoring', ...steps(210, 90, 30, 20, 6) },
      { path: null, ...steps(120, 12, 4, 3, 1) },
    ],
    campaigns: [{ name: 'spring-2025-retargeting', ...steps(44, 20, 6, 4, 1) }],
  },
  content: { ...ABOUT, files: [{ path: '/files/maintenance-guide.pdf', ...steps(80, 52, 21, 15, 6) }] },
  rules: {
    ...ABOUT,
    handedOver: 54,
    won: 9,
    lost: 24,
    rules: [
      {
        rule: 'pricing',
        label: 'Looked at prices',
        handedOver: 48,
        won: 9,
        lost: 18,
        winRate: 1 / 3,
        lift: 1.22,
        rejections: [{ reason: 'no_budget', count: 7 }],
      },
      {
        rule: 'blog',
        label: 'Read the blog',
        handedOver: 7,
        won: 0,
        lost: 6,
        winRate: 0,
        lift: 0,
        rejections: [],
      },
    ],
  },
}

/** Takes what is said, or refuses it with 409 where `refuse` says why. */
export function fakeSales(refuse?: string): DashboardDeps['sales'] & { said: unknown[] } {
  const said: unknown[] = []
  const take = async (id: string, body: unknown) => {
    said.push([id, body])
    return refuse === undefined ? undefined : ({ status: 409, detail: refuse } as const)
  }
  return { said, decide: take, note: take }
}

/** What the API says of the shop. */
export const READ: Record<string, unknown> = {
  '/v1/rules?site=shop': {
    site: 'shop',
    version: 2,
    document: { $schema: 'x', ...(standardDocument as object) },
  },
  '/v1/rules?site=shop&version=1': { site: 'shop', version: 1, document: { extends: 'strict' } },
  '/v1/rules/history?site=shop': {
    items: [
      { version: 2, appliedAt: ago(2), by: 'Mary' },
      { version: 1, appliedAt: ago(30), by: 'api' },
    ],
  },
  '/v1/sites': {
    items: [
      {
        id: 'shop',
        name: 'Sensors shop',
        consent: 'given',
        hosts: ['shop.example'],
        retention: 400,
        with: ['ga4'],
        timeZone: 'UTC',
      },
    ],
  },
  '/v1/keys': {
    items: [
      key('key_1', 'contact form', { usedAt: ago(0, 12) }),
      key('key_2', 'old import', { revokedAt: ago(3) }),
      key('key_3', 'trial', { expiresAt: ago(1) }),
      key('key_4', 'CRM', { expiresAt: ago(-40), site: null, rights: ['leads', 'events'] }),
    ],
  },
  '/v1/staff': { items: [{ id: 'staff_1', name: 'Sal', role: 'sales', site: null, createdAt: ago(9) }] },
  '/v1/webhooks': {
    items: [
      {
        id: 'wh_1',
        site: 'shop',
        url: 'https://crm.example/hook',
        events: ['lead.sql'],
        format: 'standard',
        description: 'CRM',
        enabled: false,
        disabledBecause: 'it was gone for a day',
        createdAt: ago(9),
        oldSecretUntil: null,
      },
    ],
  },
  '/v1/webhooks/wh_1/deliveries?limit=20': {
    items: [
      {
        message: 'msg_1',
        type: 'lead.sql',
        createdAt: ago(0, 30),
        state: 'dead',
        tries: [{ at: ago(0, 29), status: 503, ms: 41, error: 'status' }],
        nextTryAt: null,
      },
    ],
  },
  '/v1/audit?limit=20': {
    items: [{ at: ago(1), by: 'key_1', what: 'export', site: 'shop', subject: 'x', detail: {} }],
    next: null,
  },
  '/v1/counts': { counts: { received: 1_000, stored: 990, 'dropped:bot': 10 }, watermark: 7 },
  '/v1/dead-letters?limit=20': {
    items: [{ seq: 12, at: ago(1), kind: 'beacon', site: 'shop', reason: 'UNIQUE constraint failed' }],
    next: null,
  },
  '/v1/rules/preview': {
    leads: 251,
    moved: 3,
    matrix: matrixOf([
      ['lead', 'lead', 160],
      ['lead', 'mql', 2],
      ['mql', 'mql', 52],
      ['mql', 'sql', 1],
      ['sql', 'sql', 17],
    ]),
    sqlsPerWeek: ['2025-11-03', '2025-11-10', '2025-11-17'].map((monday, i) => ({
      monday,
      current: 4 + i,
      draft: 6 + i,
    })),
    overCapacity: { current: 0, draft: 2 },
    backtest: null,
    movers: [
      {
        id: 'ada',
        from: 'mql',
        to: 'sql',
        engagement: [48.2, 61],
        fit: [84, 84],
        rules: [{ rule: 'pricing', label: 'Viewed pricing', current: 7.74, draft: 20.54 }],
      },
    ],
  },
}

function key(id: string, name: string, rest: object) {
  const none = { expiresAt: null, revokedAt: null, usedAt: null }
  return { id, name, rights: ['link'], site: 'shop', createdAt: ago(30), ...none, ...rest }
}

function matrixOf(cells: [from: Stage, to: Stage, n: number][]) {
  const row = () => Object.fromEntries(STAGES.map((stage) => [stage, 0]))
  const matrix = Object.fromEntries(STAGES.map((stage) => [stage, row()]))
  for (const [from, to, n] of cells) matrix[from]![to] = n
  return matrix
}

/** Answers as it is told, else that all went well. */
export function fakeApi(
  answers: Record<string, { status: number; detail?: string; body?: unknown }> = {},
): DashboardDeps['api'] & { called: unknown[] } {
  const called: unknown[] = []
  const api: DashboardDeps['api'] = async (_c, method, path, body) => {
    called.push([method, path, ...(body === undefined ? [] : [body])])
    return { status: 200, detail: '', body: READ[path] ?? {}, ...answers[`${method} ${path}`] }
  }
  return Object.assign(api, { called })
}

export function fakeQueries(overrides: Partial<Queries> = {}): Queries {
  return {
    sites: async () => [
      { id: 'shop', name: 'Sensors shop', timeZone: 'UTC' },
      { id: 'demo', name: 'Demo', timeZone: 'Europe/Berlin' },
    ],
    overview: async (site) => ({ ...OVERVIEW, site }),
    present: async () => 3,
    stageCounts: async () => OVERVIEW.stages,
    leads: async ({ stage, limit }) => ({
      items: LEADS.filter((lead) => stage === undefined || lead.stage === stage).slice(0, limit),
      next: null,
    }),
    shownLeads: async ({ stage, limit }) => ({
      items: LEADS.filter((lead) => stage === undefined || lead.stage === stage)
        .slice(0, limit)
        .map(shown),
      next: null,
    }),
    lead: async (id) => (id === 'ada' ? ADA : undefined),
    dossier: async (id) => (id === 'ada' ? DOSSIER : undefined),
    curve: async () => ({
      from: '2025-11-11',
      points: [0, 6, 14, 13.2, 15.4, 22, 21, 20, 58, 66, 71.84],
    }),
    timeline: async () => ({ items: TIMELINE, next: null }),
    companies: async (site) => {
      const { people: _people, topPages: _pages, ...listed } = ENGINES
      const nameless = { ...listed, key: 'name:zurich-sohne', name: 'Zürich & Söhne', peopleCount: 1 }
      return { items: site === 'shop' ? [listed, { ...nameless, stage: 'lead' }] : [], next: null }
    },
    reports: async (site) => ({ ...REPORTS, funnel: { ...REPORTS.funnel, site } }),
    paths: async () =>
      [
        ['/pricing', 4_890],
        ['/rates-and-terms', 720],
        ['/services/a', 610],
        ['/', 14_200],
      ].map(([value, pageViews]) => ({
        value: value as string,
        pageViews: pageViews as number,
        visits: 1,
        bounces: 0,
        engagedMs: 0,
        downloads: 0,
        cartAdds: 0,
      })),
    refusals: async (site) => ({
      site,
      from: ago(29),
      to: ago(0),
      reasons: { bot: 1_204, webdriver: 3 },
      days: [
        { day: ago(0).slice(0, 10), reason: 'bot', events: 17 },
        { day: ago(2).slice(0, 10), reason: 'webdriver', events: 3 },
      ],
    }),
    company: async (site, key) => (site === 'shop' && key === ENGINES.key ? ENGINES : undefined),
    ...overrides,
  }
}

export const PASSWORD = 'correct horse battery'
export const LINK = 'one-time-token'
export const SESSION = 'signed-by-fake'
export const STAFF: Person[] = [
  { id: 'vera', name: 'Vera', role: 'viewer', site: null },
  { id: 'sal', name: 'Sal', role: 'sales', site: null },
]
export const STAFF_PASSWORD = 'a password of theirs'

export interface FakeAuth {
  auth: DashboardDeps['auth']
  /** Every secret that was looked at. */
  guessed: string[]
  password: string | undefined
}

/** `null`: no password has been chosen yet. */
export function fakeAuth(password: string | null = PASSWORD): FakeAuth {
  const links = new Set([LINK])
  const fake: FakeAuth = {
    guessed: [],
    password: password ?? undefined,
    auth: {
      redeem: async (token) => (links.delete(token) ? OPERATOR : undefined),
      login: async (name, secret) => {
        fake.guessed.push(secret)
        const staff = STAFF.find((one) => one.name === name)
        if (name !== '') return staff && secret === STAFF_PASSWORD ? staff : undefined
        return secret === fake.password || secret === 'lw_admin' ? OPERATOR : undefined
      },
      hasPassword: () => fake.password !== undefined,
      setPassword: async (_person, chosen) => {
        fake.password = chosen
      },
      issue: ({ id }) => (id === null ? SESSION : `${SESSION}-${id}`),
      person: (cookie) =>
        cookie === SESSION ? OPERATOR : STAFF.find(({ id }) => cookie === `${SESSION}-${id}`),
    },
  }
  return fake
}
