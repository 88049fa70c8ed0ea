/** What the API takes. The messages name the mend; nothing posted is echoed. */
import * as v from 'valibot'
import { DECISIONS, NOTE_KINDS, REJECT_REASONS, STAGES } from '../../shared/lead.ts'
import { MAX_ID_LENGTH, MAX_TEXT_LENGTH } from '../../shared/protocol.ts'
import { isPlaceholder } from '../address.ts'
import { verificationKey } from '../mail/sendgrid.ts'
import { PIECE_NAMES } from '../script.ts'
import { HOST_NAME, LEAST_RETENTION, MOST_RETENTION, RETENTION } from '../site-settings.ts'
import { isZone } from '../zone.ts'
import { isTooDeep, TOO_DEEP } from './depth.ts'

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

export const email = v.pipe(
  v.string('email must be text'),
  v.trim(),
  v.toLowerCase(),
  v.maxLength(254, 'email may have at most 254 characters'),
  v.email('email must be an e-mail address, like ada@acme.org'),
  v.check((value) => !isPlaceholder(value), 'email is a placeholder; send the address of a person'),
)

export const phone = v.pipe(
  v.string('phone must be text'),
  v.transform((value) => value.replace(/[\s().-]/g, '')),
  v.regex(/^\+[1-9]\d{6,14}$/, 'phone must be in international form, like +4930123456'),
)

export const externalId = v.pipe(
  v.string('externalId must be text'),
  v.trim(),
  v.minLength(1, 'externalId must not be empty'),
  v.maxLength(256, 'externalId may have at most 256 characters'),
  v.check(
    (value) => !PLACEHOLDERS.has(value.toLowerCase()),
    'externalId is a placeholder; send the id of a person',
  ),
)

export const time = (what: string) =>
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
    v.check((value) => !isTooDeep(value), `${what} may not hold ${TOO_DEEP}`),
    v.check(
      (value) => isTooDeep(value) || JSON.stringify(value).length <= MAX_TRAIT_BYTES,
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

export const isNamed = (body: { email?: unknown; phone?: unknown; externalId?: unknown }) =>
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

export const MAX_NAME_LENGTH = 100

export const label = (what: string) =>
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

/** Dead letters of one call: what one transaction replays. */
const MAX_SEQS = 200
const SEQS = 'seqs must be a list of numbers of dead letters'

export const SeqsBody = v.strictObject({
  seqs: v.pipe(
    v.array(v.pipe(v.number(SEQS), v.safeInteger(SEQS), v.minValue(1, SEQS)), SEQS),
    v.minLength(1, 'seqs must name at least one'),
    v.maxLength(MAX_SEQS, `seqs may name at most ${MAX_SEQS}`),
  ),
})

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

const SITE_NAME = 'name must be 1 to 200 characters'
const HOST = 'hosts must be host names such as shop.example.com, without https:// or /'

const SENDGRID_KEY = 'sendgrid must be the verification key that SendGrid shows, or null'
const POSTMARK_SECRET = 'postmark must be a secret of 24 to 256 characters, or null'

/** What may be changed of a site; what is not named stays. */
const siteName = v.pipe(v.string(SITE_NAME), v.minLength(1, SITE_NAME), v.maxLength(200, SITE_NAME))
const siteConsent = v.picklist(['required', 'given'], "consent must be 'required' or 'given'")
const siteHosts = v.pipe(
  v.array(v.pipe(v.string(HOST), v.toLowerCase(), v.regex(HOST_NAME, HOST)), 'hosts must be a list'),
  v.maxLength(1_000, 'hosts may have at most 1000 names'),
)
const sitePieces = v.pipe(
  v.array(v.picklist(PIECE_NAMES, `with may hold ${PIECE_NAMES.join(', ')}`), 'with must be a list'),
  v.transform((names) => [...new Set(names)]),
)
const timeZone = v.pipe(
  v.string('timeZone must be text'),
  v.check(isZone, 'timeZone must be one of the IANA database, like Europe/Berlin, or UTC'),
)

/** A new site; its rules are those of new sites. */
export const NewSiteBody = v.strictObject({
  id: id('id'),
  name: siteName,
  consent: v.optional(siteConsent, 'required'),
  hosts: v.optional(siteHosts, []),
  with: v.optional(sitePieces, []),
  timeZone: v.optional(timeZone, 'UTC'),
})

export const RebuildBody = v.strictObject({
  timeZone: v.optional(timeZone),
  withoutErased: v.optional(
    v.pipe(
      v.boolean('withoutErased must be true or false'),
      v.description('Also where people were erased: the numbers are lower then by what they did.'),
    ),
    false,
  ),
})

export const SiteBody = v.strictObject({
  name: v.optional(siteName),
  consent: v.optional(siteConsent),
  hosts: v.optional(siteHosts),
  with: v.optional(sitePieces),
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
