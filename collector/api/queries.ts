/** What calls ask by their query and name in their path. */
import * as v from 'valibot'
import { LEAD_SORTS, STAGES } from '../../shared/lead.ts'
import { MAX_TEXT_LENGTH, MAX_URL_LENGTH } from '../../shared/protocol.ts'
import { COMPARISONS, INTERVALS, PERIODS } from '../read/intervals.ts'
import { TOPS } from '../read/numbers.ts'
import type { When } from '../read/stats.ts'
import { email, externalId, id, isNamed, MAX_NAME_LENGTH, phone } from './schema.ts'

/** Length of '2026-11-03'. */
const DAY_LENGTH = 10
const DAY_MS = 86_400_000

const day = (what: string, words: string) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{4}-\d{2}-\d{2}(T.*)?$/, `${what} must be a day or a time, like 2026-11-03`),
    v.check(
      (value) => Number.isFinite(Date.parse(value)),
      `${what} must be a day or a time, like 2026-11-03`,
    ),
    v.description(words),
  )

const WHICH_END = {
  from: 'First day that is counted, such as 2026-11-03; of a time its day.',
  to: 'Last day that is counted; today unless said.',
  seenFrom: 'Seen last on this day or later, such as 2026-11-03, or since a time.',
  seenTo: 'Seen last on this day or earlier, or until a time.',
} as const

/** A day begins at its midnight in UTC. */
const instant = (what: 'from' | 'to') =>
  v.pipe(
    day(what, `${WHICH_END[what]} Days are UTC's.`),
    v.transform((value) => Date.parse(value)),
  )

/** A day is the site's, a time the world's. */
const zoned = (what: keyof typeof WHICH_END) =>
  v.pipe(
    day(what, `${WHICH_END[what]} Days are those of the site's time zone.`),
    v.transform((value): When => {
      const at = Date.parse(value)
      return value.length === DAY_LENGTH ? { day: at / DAY_MS } : at
    }),
  )

/** A path or a source of `/v1/stats`. */
const sliced = (what: string, words: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.maxLength(MAX_URL_LENGTH, `${what} may have at most ${MAX_URL_LENGTH} characters`),
      v.description(words),
    ),
  )

/** Of a query: which site the call is about. */
const siteAsked = v.optional(
  v.pipe(id('site'), v.description('Site id; the only site of the key, or else the first, unless said.')),
)

export const RefusalsQuery = v.strictObject({
  site: siteAsked,
  from: v.optional(instant('from')),
  to: v.optional(instant('to')),
})

export const MailQuery = v.strictObject({
  site: id('site'),
  token: v.optional(
    v.pipe(v.string(), v.description("Postmark's secret, where it does not come by Basic authentication.")),
  ),
})

export const SiteQuery = v.strictObject({ site: siteAsked })

export const REPORTS = ['funnel', 'stages', 'velocity', 'sales', 'channels', 'content', 'rules'] as const

export const ReportQuery = v.strictObject({
  site: siteAsked,
  from: v.optional(instant('from')),
  to: v.optional(instant('to')),
})

/** How a query's whole number is shown: it comes as text. */
const asWhole = (minimum: number, maximum: number, description: string) =>
  v.metadata<string, Record<string, unknown>>({ type: 'integer', minimum, maximum, description })

export const limit = v.optional(
  v.pipe(
    v.string(),
    v.check((value) => /^\d{1,4}$/.test(value), 'limit must be a whole number from 1 to 500'),
    asWhole(1, 500, 'Items of a page.'),
    v.transform(Number),
    v.minValue(1, 'limit must be at least 1'),
    v.maxValue(500, 'limit may be at most 500'),
  ),
  '50',
)

/** Opaque: what a page's `next` said. */
export const cursor = v.optional(
  v.pipe(
    v.string(),
    v.maxLength(MAX_TEXT_LENGTH, 'cursor is not one that a list gave'),
    v.description(
      'Where the page begins: the `next` of the one before it. One that nobody gave starts over.',
    ),
  ),
)

/** Several values of a list, with commas. */
const several = <T extends string>(what: string, known: readonly T[], words: string) =>
  v.pipe(
    v.string(),
    v.check(
      (value) => value.split(',').every((one) => (known as readonly string[]).includes(one)),
      `${what} must be one of ${known.join(', ')}, or several with commas`,
    ),
    v.description(words),
    v.transform((value) => value.split(',') as T[]),
  )

/** Points from 0 to 100 of a query. */
const points = (what: string, description: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.check((value) => /^\d{1,3}(\.\d{1,2})?$/.test(value), `${what} must be points from 0 to 100`),
      v.metadata<string, Record<string, unknown>>({ type: 'number', minimum: 0, maximum: 100, description }),
      v.transform(Number),
      v.maxValue(100, `${what} may be at most 100`),
    ),
  )

const MAX_SEARCH_LENGTH = 100
const SORTED = LEAD_SORTS.flatMap((sort) => [sort, `-${sort}` as const])

/** By which leads are filtered and sorted. */
export const leadFilters = {
  stage: v.optional(several('stage', STAGES, 'Those at these stages alone: `sql`, or `mql,sql`.')),
  segment: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(MAX_SEARCH_LENGTH, `segment may have at most ${MAX_SEARCH_LENGTH} characters`),
      v.description('Those at the stages that the rules put into this segment: `call`, `nurture`.'),
    ),
  ),
  minEngagement: points('minEngagement', 'Engagement of at least so many points.'),
  maxEngagement: points('maxEngagement', 'Engagement of at most so many points.'),
  minFit: points('minFit', 'Fit of at least so many points.'),
  maxFit: points('maxFit', 'Fit of at most so many points.'),
  source: sliced('source', 'Whose first visit came by this source: `search Google`, `direct`.'),
  page: sliced('page', 'Who have read this path. A page may then hold fewer items than `limit`.'),
  seenFrom: v.optional(zoned('seenFrom')),
  seenTo: v.optional(zoned('seenTo')),
  owner: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(MAX_NAME_LENGTH, `owner may have at most ${MAX_NAME_LENGTH} characters`),
      v.description('Whose they are; an empty one lists those that nobody works.'),
    ),
  ),
  q: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.minLength(1, 'q must not be empty'),
      v.maxLength(MAX_SEARCH_LENGTH, `q may have at most ${MAX_SEARCH_LENGTH} characters`),
      v.description('Text in name, title, e-mail, phone, external id or company.'),
    ),
  ),
  sort: v.optional(
    v.pipe(
      v.picklist(SORTED, `sort must be one of ${SORTED.join(', ')}`),
      v.description('By what the list is sorted; with `-` the greatest first.'),
    ),
    '-engagement',
  ),
}

export const statsFilters = {
  page: sliced('page', 'Visits in which this path was read.'),
  source: sliced('source', 'Visits that came by this source: `search Google`, `direct`.'),
  campaign: sliced('campaign', 'Visits of this `utm_campaign`.'),
  device: sliced('device', '`desktop`, `mobile`, `tablet`.'),
  browser: sliced('browser', 'Visits by this browser: `Chrome`.'),
  system: sliced('system', 'Visits by this operating system: `Windows`.'),
  country: sliced('country', 'Two letters: `DE`.'),
  entry: sliced('entry', 'Visits that began on this path.'),
  download: sliced('download', 'Visits in which this file was downloaded.'),
  product: sliced('product', 'Visits in which this product was put into the cart.'),
  stage: v.optional(
    several('stage', STAGES, 'Visits of people who stand there today; `visitor` are the anonymous ones.'),
  ),
}

const spanAsked = {
  site: siteAsked,
  from: v.optional(zoned('from')),
  to: v.optional(zoned('to')),
  period: v.optional(
    v.pipe(
      v.picklist(PERIODS, `period must be one of ${PERIODS.join(', ')}`),
      v.description("Days that end today, in the site's time zone, instead of `from` and `to`."),
    ),
  ),
}

const compare = v.optional(
  v.pipe(
    v.picklist(COMPARISONS, `compare must be one of ${COMPARISONS.join(', ')}`),
    v.description('With as many days before, or with the same dates a year before.'),
  ),
)

export const StatsQuery = v.strictObject({ ...spanAsked, compare, ...statsFilters })

export const SeriesQuery = v.strictObject({
  ...spanAsked,
  compare,
  interval: v.optional(
    v.pipe(
      v.picklist(INTERVALS, `interval must be one of ${INTERVALS.join(', ')}`),
      v.description('Weeks begin on Monday. Hours are of 31 days at most.'),
    ),
    'day',
  ),
  ...statsFilters,
})

export const TopQuery = v.strictObject({ ...spanAsked, ...statsFilters, limit, cursor })

export const TopParams = v.strictObject({
  dimension: v.pipe(
    v.picklist(TOPS, `there is no such list; there are ${TOPS.join(', ')}`),
    v.description('Of what the list is.'),
  ),
})

export const LeadsQuery = v.strictObject({ site: siteAsked, ...leadFilters, limit, cursor })

export const TransitionsQuery = v.strictObject({
  site: siteAsked,
  stage: v.optional(several('stage', STAGES, 'Moves to these stages alone: `sql`, or `mql,sql`.')),
  limit,
  cursor,
})

export const ContactsQuery = v.pipe(
  v.strictObject({
    site: siteAsked,
    email: v.optional(email),
    phone: v.optional(phone),
    externalId: v.optional(externalId),
  }),
  v.check((query) => isNamed(query), 'give at least one of email, phone and externalId'),
)

export const CompaniesQuery = v.strictObject({
  site: siteAsked,
  limit,
  cursor,
})

export const CompanyQuery = v.strictObject({ site: siteAsked })

export const TimelineQuery = v.strictObject({
  limit,
  cursor,
})

export const RulesQuery = v.strictObject({
  site: siteAsked,
  version: v.optional(
    v.pipe(
      v.string(),
      v.check((value) => /^[1-9]\d{0,8}$/.test(value), 'version must be a whole number from 1'),
      asWhole(1, 999_999_999, 'Version of the rules; the newest unless said.'),
      v.transform(Number),
    ),
  ),
})

/** Part of a path that names a record. */
export const named = (words: string, missing: string) =>
  v.pipe(v.string(), v.maxLength(MAX_URL_LENGTH, missing), v.description(words))

export const LeadParams = v.strictObject({ id: named('Lead id: the id of its contact.', 'no such lead') })
export const ContactParams = v.strictObject({ id: named('Contact id.', 'no such contact') })
export const CompanyParams = v.strictObject({
  key: named('Domain, or `name:` and the name in plain letters.', 'nobody who is known is of that company'),
})
export const SiteParams = v.strictObject({ id: named('Site id.', 'there is no such site for this key') })
export const OutcomeParams = v.strictObject({
  ref: named('As the `location` of the 202 said.', 'no outcome yet, or it was given more than a day ago'),
})
export const ReportParams = v.strictObject({
  name: v.pipe(
    v.picklist(REPORTS, `there is no such report; there are ${REPORTS.join(', ')}`),
    v.description('Which report.'),
  ),
})
