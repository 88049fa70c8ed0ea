/** What the API takes. The messages name the mend; nothing posted is echoed. */
import * as v from 'valibot'
import { RIGHTS, ROLES } from '../../shared/access.ts'
import { DECISIONS, LEAD_SORTS, NOTE_KINDS, REJECT_REASONS, STAGES } from '../../shared/lead.ts'
import { MAX_ID_LENGTH, MAX_TEXT_LENGTH, MAX_URL_LENGTH } from '../../shared/protocol.ts'
import { isPlaceholder } from '../address.ts'
import { verificationKey } from '../mail/sendgrid.ts'
import { COMPARISONS, INTERVALS, PERIODS } from '../read/intervals.ts'
import { TOPS } from '../read/numbers.ts'
import type { When } from '../read/stats.ts'
import { PIECE_NAMES } from '../script.ts'
import { HOST_NAME, LEAST_RETENTION, MOST_RETENTION, RETENTION } from '../site-settings.ts'

/** Bytes of a posted document. */
export const MAX_JSON_BYTES = 65_536
/** Bytes of a batch of events. */
export const MAX_BATCH_BYTES = 1_048_576
const MAX_EVENTS_A_CALL = 500
/** Devices that one call can name. */
const MAX_VISITORS = 20
const MAX_TRAITS = 100
const MAX_REASON_LENGTH = 300
const MAX_NOTE_LENGTH = 4000
const MAX_TRAIT_BYTES = 16_384

/** Values that broken form code sends for 'nobody'; merging all of them into one person would be a ghost. */
const PLACEHOLDERS = new Set([
  'null',
  'undefined',
  'none',
  'nan',
  'anonymous',
  'guest',
  'unknown',
  'n/a',
  'na',
  '0',
  'true',
  'false',
  'test',
  '[object object]',
  'id',
  'user',
  'email',
])

export const id = (what: string) =>
  v.pipe(
    v.string(`${what} must be text`),
    v.regex(/^[A-Za-z0-9_-]+$/, `${what} may hold A-Z a-z 0-9 _ - only`),
    v.maxLength(MAX_ID_LENGTH, `${what} may have at most ${MAX_ID_LENGTH} characters`),
  )

const email = v.pipe(
  v.string('email must be text'),
  v.trim(),
  v.toLowerCase(),
  v.maxLength(254, 'email may have at most 254 characters'),
  v.email('email must be an e-mail address, like ada@acme.org'),
  v.check((value) => !isPlaceholder(value), 'email is a placeholder; send the address of a person'),
)

const phone = v.pipe(
  v.string('phone must be text'),
  v.transform((value) => value.replace(/[\s().-]/g, '')),
  v.regex(/^\+[1-9]\d{6,14}$/, 'phone must be in international form, like +4930123456'),
)

const externalId = v.pipe(
  v.string('externalId must be text'),
  v.trim(),
  v.minLength(1, 'externalId must not be empty'),
  v.maxLength(256, 'externalId may have at most 256 characters'),
  v.check(
    (value) => !PLACEHOLDERS.has(value.toLowerCase()),
    'externalId is a placeholder; send the id of a person',
  ),
)

const time = (what: string) =>
  v.pipe(
    v.string(`${what} must be an ISO 8601 time, like 2026-11-03T09:30:00Z`),
    v.isoTimestamp(`${what} must be an ISO 8601 time with a zone, like 2026-11-03T09:30:00Z`),
    v.transform((value) => Date.parse(value)),
    v.check((value) => Number.isFinite(value) && value >= 0, `${what} must be a time since 1970`),
  )

const record = (what: string) =>
  v.pipe(
    v.record(v.string(), v.unknown(), `${what} must be an object`),
    v.check(
      (value) => Object.keys(value).length <= MAX_TRAITS,
      `${what} may have at most ${MAX_TRAITS} keys`,
    ),
    v.check(
      (value) => JSON.stringify(value).length <= MAX_TRAIT_BYTES,
      `${what} may have at most ${MAX_TRAIT_BYTES} bytes`,
    ),
  )

export const Props = record('properties')

const signal = v.strictObject({
  name: v.pipe(
    v.string('name must be text'),
    v.regex(/^[a-z][a-z0-9_]{0,63}$/, 'name must be lower case words with _, like demo_requested'),
  ),
  id: v.optional(
    v.pipe(
      v.string('id must be text'),
      v.minLength(1, 'id must not be empty'),
      v.maxLength(256, 'id may have at most 256 characters'),
    ),
  ),
  at: v.optional(time('at')),
  props: v.optional(record('props')),
})

export const IdentifyBody = v.pipe(
  v.strictObject({
    site: id('site'),
    visitor: v.optional(
      v.union(
        [
          id('visitor'),
          v.literal(''),
          v.pipe(
            v.array(id('visitor')),
            v.maxLength(MAX_VISITORS, `visitor may hold at most ${MAX_VISITORS} ids`),
          ),
        ],
        'visitor must be an id that the snippet made, or a list of them',
      ),
    ),
    page: v.optional(v.union([id('page'), v.literal('')], 'page must be an id that the snippet made')),
    email: v.optional(email),
    phone: v.optional(phone),
    externalId: v.optional(externalId),
    traits: v.optional(record('traits'), {}),
    at: v.optional(time('at')),
    signal: v.optional(signal),
    form: v.optional(
      v.pipe(
        v.string('form must be text'),
        v.minLength(1, 'form must not be empty'),
        v.maxLength(MAX_TEXT_LENGTH, `form may have at most ${MAX_TEXT_LENGTH} characters`),
      ),
    ),
    consent: v.optional(v.unknown()),
    dryRun: v.optional(v.boolean('dryRun must be true or false'), false),
  }),
  v.check(
    (body) => body.email !== undefined || body.phone !== undefined || body.externalId !== undefined,
    'give at least one of email, phone and externalId',
  ),
)

/** People whom one call can bring. */
export const MAX_PEOPLE = 500

const isNamed = (body: { email?: unknown; phone?: unknown; externalId?: unknown }) =>
  body.email !== undefined || body.phone !== undefined || body.externalId !== undefined

/** A person as another system knows it: an identify call without a visitor. */
export const PersonBody = v.pipe(
  v.strictObject({
    email: v.optional(email),
    phone: v.optional(phone),
    externalId: v.optional(externalId),
    traits: v.optional(record('traits'), {}),
    consent: v.optional(v.boolean('consent must be true or false')),
    at: v.optional(time('at')),
  }),
  v.check((body) => isNamed(body), 'give at least one of email, phone and externalId'),
)

export type PersonBody = v.InferOutput<typeof PersonBody>

/** Each of the people is checked by itself: a wrong one does not cost the others. */
export const ContactsBody = v.strictObject({
  site: id('site'),
  contacts: v.pipe(
    v.array(v.unknown(), 'contacts must be a list'),
    v.minLength(1, 'contacts must hold at least one person'),
    v.maxLength(MAX_PEOPLE, `contacts may hold at most ${MAX_PEOPLE} people`),
  ),
})

/** What `ContactsBody` takes, for who reads about it. */
export const ContactsShown = v.strictObject({ site: id('site'), contacts: v.array(PersonBody) })

const MAX_NAME_LENGTH = 100

const label = (what: string) =>
  v.pipe(
    v.string(`${what} must be text`),
    v.trim(),
    v.minLength(1, `${what} must not be empty`),
    v.maxLength(MAX_NAME_LENGTH, `${what} may have at most ${MAX_NAME_LENGTH} characters`),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    v.check((value) => !/[\u0000-\u001f\u007f]/.test(value), `${what} may not hold control characters`),
  )
/** What is true of a person: null forgets. */
export const CorrectionBody = v.pipe(
  v.strictObject({
    email: v.optional(v.nullable(email)),
    phone: v.optional(v.nullable(phone)),
    externalId: v.optional(v.nullable(externalId)),
    traits: v.optional(record('traits'), {}),
    owner: v.optional(v.nullable(label('owner'))),
  }),
  v.check(
    (body) => isNamed(body) || body.owner !== undefined || Object.keys(body.traits).length > 0,
    'say what is to be corrected',
  ),
)

export const ObjectionBody = v.strictObject({
  objects: v.boolean('objects must be true, or false to take the objection back'),
})

const eventFields = {
  contact: v.optional(
    v.pipe(
      v.string('contact must be text'),
      v.minLength(1, 'contact must not be empty'),
      v.maxLength(256, 'contact may have at most 256 characters'),
    ),
  ),
  visitor: v.optional(id('visitor')),
  ...signal.entries,
}

const isOfOne = (body: { contact?: string | undefined; visitor?: string | undefined }) =>
  (body.contact === undefined) !== (body.visitor === undefined)
const OF_ONE = 'give either contact or visitor'

export const EventBody = v.pipe(
  v.strictObject({ site: id('site'), ...eventFields }),
  v.check((body) => isOfOne(body), OF_ONE),
)

export const EventsBody = v.strictObject({
  site: id('site'),
  events: v.pipe(
    v.array(
      v.pipe(
        v.strictObject(eventFields),
        v.check((body) => isOfOne(body), OF_ONE),
      ),
      'events must be a list',
    ),
    v.minLength(1, 'events must hold at least one event'),
    v.maxLength(MAX_EVENTS_A_CALL, `events may hold at most ${MAX_EVENTS_A_CALL}`),
  ),
})

/** What Segment's libraries send; each message is checked by itself. */
export const BatchBody = v.looseObject({
  batch: v.pipe(
    v.array(v.unknown(), 'batch must be a list of messages'),
    v.minLength(1, 'batch must hold at least one message'),
  ),
  sentAt: v.optional(
    v.pipe(
      v.nullable(v.string('sentAt must be an ISO 8601 time')),
      v.transform((value) => (value === null ? undefined : Date.parse(value))),
      v.check(
        (value) => value === undefined || value >= 0,
        'sentAt must be an ISO 8601 time, like 2026-11-03T09:30:00Z',
      ),
    ),
  ),
  writeKey: v.optional(v.string('writeKey must be text')),
})

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

const statsFilters = {
  page: sliced('page', 'Visits in which this path was read.'),
  source: sliced('source', 'Visits that came by this source: `search Google`, `direct`.'),
  campaign: sliced('campaign', 'Visits of this `utm_campaign`.'),
  device: sliced('device', '`desktop`, `mobile`, `tablet`.'),
  country: sliced('country', 'Two letters: `DE`.'),
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

/** Dead letters of one call: what one transaction replays. */
const MAX_SEQS = 200
const SEQS = 'seqs must be a list of numbers of dead letters'

export const SeqsBody = v.strictObject({
  seqs: v.pipe(
    v.array(v.pipe(v.number(SEQS), v.integer(SEQS), v.minValue(1, SEQS)), SEQS),
    v.minLength(1, 'seqs must name at least one'),
    v.maxLength(MAX_SEQS, `seqs may name at most ${MAX_SEQS}`),
  ),
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

const words = (what: string) =>
  v.pipe(
    v.string(`${what} must be text`),
    v.trim(),
    v.minLength(1, `${what} must not be empty`),
    v.maxLength(MAX_REASON_LENGTH, `${what} may have at most ${MAX_REASON_LENGTH} characters`),
  )

const isRejectReason = (reason: string | undefined) => REJECT_REASONS.some((one) => one === reason)

export const DecisionBody = v.pipe(
  v.strictObject({
    decision: v.picklist(DECISIONS, `decision must be one of ${DECISIONS.join(', ')}`),
    reason: v.optional(words('reason')),
    until: v.optional(time('until')),
    value: v.optional(
      v.pipe(
        v.number('value must be a number'),
        v.minValue(0, 'value must not be negative'),
        v.maxValue(1e12, 'value may be at most 1000000000000'),
      ),
    ),
    at: v.optional(time('at')),
    expectedStage: v.optional(v.picklist(STAGES, `expectedStage must be one of ${STAGES.join(', ')}`)),
    expectedVersion: v.optional(
      v.pipe(
        v.number('expectedVersion must be a number'),
        v.integer('expectedVersion must be a whole number'),
        v.minValue(0, 'expectedVersion must not be negative'),
      ),
    ),
  }),
  v.check(
    ({ decision, reason }) => decision !== 'reject' || isRejectReason(reason),
    `reason of a rejection must be one of ${REJECT_REASONS.join(', ')}`,
  ),
  v.check(
    ({ reason, until }) => until === undefined || reason === 'bad_timing',
    'until goes with a rejection for bad_timing only; leave it out',
  ),
  v.check(
    ({ decision, value }) => value === undefined || decision === 'won',
    'value goes with won only; leave it out',
  ),
)

export const NoteBody = v.strictObject({
  kind: v.picklist(NOTE_KINDS, `kind must be one of ${NOTE_KINDS.join(', ')}`),
  text: v.pipe(
    v.string('text must be text'),
    v.trim(),
    v.minLength(1, 'text must not be empty'),
    v.maxLength(MAX_NOTE_LENGTH, `text may have at most ${MAX_NOTE_LENGTH} characters`),
  ),
})

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

/** Bytes of a posted rules document. */
export const MAX_RULES_BYTES = 1_048_576

const document = v.record(v.string(), v.unknown(), 'document must be an object')

export const RulesCheckBody = v.strictObject({ document })

export const RulesPreviewBody = v.strictObject({
  site: id('site'),
  document,
  capacity: v.optional(
    v.pipe(v.number('capacity must be a number'), v.minValue(0, 'capacity must not be negative')),
  ),
  movers: v.optional(
    v.pipe(
      v.number('movers must be a number'),
      v.integer('movers must be a whole number'),
      v.minValue(0, 'movers must not be negative'),
      v.maxValue(10_000, 'movers may be at most 10000'),
    ),
    100,
  ),
})

export const RulesLearnBody = v.strictObject({ site: id('site') })

export const RulesBody = v.strictObject({
  site: id('site'),
  document,
  notify: v.optional(v.picklist(['silent', 'sql', 'all'], 'notify must be silent, sql or all'), 'sql'),
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

const SITE_NAME = 'name must be 1 to 200 characters'
const HOST = 'hosts must be host names such as shop.example.com, without https:// or /'

const SENDGRID_KEY = 'sendgrid must be the verification key that SendGrid shows, or null'
const POSTMARK_SECRET = 'postmark must be a secret of 24 to 256 characters, or null'

/** What may be changed of a site; what is not named stays. */
export const SiteBody = v.strictObject({
  name: v.optional(v.pipe(v.string(SITE_NAME), v.minLength(1, SITE_NAME), v.maxLength(200, SITE_NAME))),
  consent: v.optional(v.picklist(['required', 'given'], "consent must be 'required' or 'given'")),
  hosts: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(HOST), v.toLowerCase(), v.regex(HOST_NAME, HOST)), 'hosts must be a list'),
      v.maxLength(1_000, 'hosts may have at most 1000 names'),
    ),
  ),
  with: v.optional(
    v.pipe(
      v.array(v.picklist(PIECE_NAMES, `with may hold ${PIECE_NAMES.join(', ')}`), 'with must be a list'),
      v.transform((names) => [...new Set(names)]),
    ),
  ),
  retention: v.optional(
    v.nullable(
      v.pipe(
        v.number(RETENTION),
        v.integer(RETENTION),
        v.minValue(LEAST_RETENTION, RETENTION),
        v.maxValue(MOST_RETENTION, RETENTION),
      ),
    ),
  ),
  mail: v.optional(
    v.strictObject({
      sendgrid: v.optional(
        v.nullable(
          v.pipe(
            v.string(SENDGRID_KEY),
            v.check((key) => verificationKey(key) !== undefined, SENDGRID_KEY),
            v.description("The verification key of SendGrid's signed event webhook."),
          ),
        ),
      ),
      postmark: v.optional(
        v.nullable(
          v.pipe(
            v.string(POSTMARK_SECRET),
            v.minLength(24, POSTMARK_SECRET),
            v.maxLength(256, POSTMARK_SECRET),
            v.description("A secret of your own making, by which Postmark's webhooks are known."),
          ),
        ),
      ),
    }),
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

export const KeyParams = v.strictObject({
  id: named('Key id, as `/v1/keys` lists it.', 'there is no such key'),
})
export const StaffParams = v.strictObject({
  id: named('Id, as `/v1/staff` lists it.', 'there is nobody of that id'),
})

/** Hours for which a key that is replaced goes on to open: a week. */
const MAX_OVERLAP_HOURS = 168

const RIGHTS_WORDS = `rights must be a list of ${RIGHTS.join(', ')}`

export const KeyBody = v.strictObject({
  name: label('name'),
  rights: v.pipe(
    v.array(v.picklist(RIGHTS, RIGHTS_WORDS), RIGHTS_WORDS),
    v.minLength(1, 'rights must name at least one'),
    v.transform((rights) => [...new Set(rights)]),
  ),
  site: v.optional(v.nullable(id('site'))),
  expiresAt: v.optional(v.nullable(time('expiresAt'))),
})

export const RotateBody = v.strictObject({
  overlapHours: v.optional(
    v.pipe(
      v.number('overlapHours must be a number'),
      v.minValue(0, 'overlapHours must not be negative'),
      v.maxValue(MAX_OVERLAP_HOURS, `overlapHours may be at most ${MAX_OVERLAP_HOURS}`),
    ),
    24,
  ),
  expiresAt: v.optional(v.nullable(time('expiresAt'))),
})

/** Shortest password that may be chosen; NIST SP 800-63B asks for 8 and prefers length over rules. */
export const MIN_PASSWORD = 10
/** Longest: scrypt reads it whole. */
export const MAX_PASSWORD = 200

const password = v.pipe(
  v.string('password must be text'),
  v.check(
    (value) => [...value].length >= MIN_PASSWORD,
    `password must have at least ${MIN_PASSWORD} characters`,
  ),
  v.maxLength(MAX_PASSWORD, `password may have at most ${MAX_PASSWORD} characters`),
)
const role = v.picklist(ROLES, `role must be one of ${ROLES.join(', ')}`)

export const StaffBody = v.strictObject({ name: label('name'), role, password })

export const StaffChangeBody = v.pipe(
  v.strictObject({
    name: v.optional(label('name')),
    role: v.optional(role),
    password: v.optional(password),
  }),
  v.check((body) => Object.keys(body).length > 0, 'say what is to be changed: name, role or password'),
)
