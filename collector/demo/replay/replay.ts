/** Three months of the demo's shop: who came, what they did, who left a name, and what sales made of them. */
import type { DecisionEntry, EntryBody, NoteEntry, SentSignal, ToldItem } from '../../entry.ts'
import { DEMO_SITE } from '../../seed.ts'
import { arrival, profile } from './arrival.ts'
import { type Chance, chance } from './chance.ts'
import { type Someone, someone, student } from './people.ts'
import { PERSONAS, type Persona } from './persona.ts'
import { worked } from './sales.ts'
import { type Form, keyAt, visit } from './visit.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Thirteen whole weeks, today being one of the days. */
export const REPLAY_DAYS = 91
const ITEMS_AN_ENTRY = 500
/** Visits by the hour of the day, UTC: people look for such things at work. */
const HOURS = [1, 1, 1, 1, 2, 4, 10, 22, 34, 38, 36, 33, 26, 32, 34, 30, 24, 16, 12, 12, 12, 9, 5, 2]
/** By the day of the week, from Sunday. */
const WEEKDAYS = [4, 10, 11, 11, 10, 9, 4]
/** How many more come at the end than at the beginning. */
const GROWTH = 0.45

const NEWSLETTER = 'newsletter'
const DEMO: Form = { path: '/demo/request-demo', name: 'demo-request' }
const QUOTE: Form = { path: '/demo/checkout', name: 'quote-request' }

export interface ReplayOptions {
  /** ms. Nothing happens after it; the same UTC day gives the same. */
  now: number
  /** How many come in all. Fewer are the first of more. */
  visitors: number
}

/** Ids of all visitors and contacts of a replay begin with it, and so with `replay-`: of one day there is one. */
export const replayName = (now: number): string => `replay-${new Date(now).toISOString().slice(0, 10)}`

/** The entries, as imports make them: at past times, and nobody is told. */
export function* replay({ now, visitors }: ReplayOptions): Generator<EntryBody> {
  let items: ToldItem[] = []
  const said: (DecisionEntry | NoteEntry)[] = []
  const told = (line: number | null): EntryBody => ({
    kind: 'told',
    site: DEMO_SITE,
    items,
    file: { id: replayName(now), line },
  })
  for (let no = 1; no <= visitors; no++) {
    const life = lifeOf(no, now)
    for (const item of life.items) if (item.at <= now) items.push(item)
    said.push(...life.said.filter((entry) => timeOf(entry) <= now))
    if (items.length < ITEMS_AN_ENTRY) continue
    yield told(no)
    items = []
  }
  yield told(null)
  yield* said.sort((a, b) => timeOf(a) - timeOf(b))
}

const timeOf = (entry: DecisionEntry | NoteEntry): number =>
  entry.kind === 'decision' ? entry.decision.at : entry.at

interface Life {
  items: ToldItem[]
  said: (DecisionEntry | NoteEntry)[]
}

function lifeOf(no: number, now: number): Life {
  // Each has a chance of its own, so that nobody's life depends on how many others there are.
  const luck = chance(no * 7_919)
  const persona = luck.weighted(PERSONAS)
  const visitor = `${replayName(now)}-${no}`
  const items: ToldItem[] = []
  const isKeen = luck.happens(0.4)
  const subscribesAt = luck.happens(persona.subscribes) ? luck.between(1, persona.visits[1]) : 0
  const asks = luck.happens(persona.asks)
  const contact = nameOf(luck, no, persona, asks)
  const device = profile(luck, persona.atDesk)
  const times = timesOf(luck, persona, now)
  const id = `${visitor}-contact`
  let hasMail = false
  let askedAt = 0

  const known = (at: number, who: Someone, signals: SentSignal[], key = visitor): ToldItem => ({
    visitor: key,
    person: { newContact: id, email: who.email, traits: who.traits, signals },
    at,
  })

  for (const [i, at] of times.entries()) {
    const isLast = i === times.length - 1
    const form = asks && isLast ? (luck.happens(0.7) ? DEMO : QUOTE) : undefined
    const daysAgo = Math.floor(now / DAY_MS) - Math.floor(at / DAY_MS)
    const { came, entry } = arrival(luck, { daysAgo, isBack: i > 0, hasMail })
    const events = visit(luck, persona.habits, { at, entry, came, form })
    for (const event of events) items.push({ visitor, profile: device, event, at: event.at })
    const end = events.reduce((last, event) => Math.max(last, event.at), at)
    if (form) {
      askedAt = end
      const name = form === DEMO ? 'demo_requested' : 'quote_requested'
      items.push(known(end, contact, [{ id: keyAt(luck, end), name, at: end }]))
    } else if (!hasMail && subscribesAt > 0 && (i + 1 === subscribesAt || isLast)) {
      hasMail = true
      items.push({
        visitor,
        event: { kind: 'form', id: keyAt(luck, end - 300), at: end - 300, form: NEWSLETTER },
        at: end - 300,
      })
      const who = { email: contact.email, traits: {} }
      items.push(known(end, who, [{ id: keyAt(luck, end), name: 'email_opt_in', at: end }]))
      for (const signal of mails(luck, end, now)) items.push(known(signal.at, who, [signal]))
    }
  }
  // Some have seen the shop on their phone, too.
  if (askedAt > 0 && luck.happens(0.25))
    items.push(...elsewhere(luck, visitor, askedAt, now, (at, key) => known(at, contact, [], key)))
  items.sort((a, b) => a.at - b.at)
  const { decisions, notes } = worked(luck, askedAt, isKeen)
  if (askedAt === 0 || contact.traits.title === 'Student') return { items, said: [] }
  return {
    items,
    said: [
      ...decisions.map(
        (decision): DecisionEntry => ({
          kind: 'decision',
          site: DEMO_SITE,
          contact: id,
          decision,
          expected: {},
          isPast: true,
        }),
      ),
      ...notes.map(
        ({ kind: about, ...note }, i): NoteEntry => ({
          kind: 'note',
          site: DEMO_SITE,
          contact: id,
          id: `${id}-note-${i}`,
          about,
          ...note,
        }),
      ),
    ],
  }
}

function nameOf(luck: Chance, no: number, { name }: Persona, asks: boolean): Someone {
  if (name === 'evaluator' && luck.happens(0.06)) return student(luck, no)
  return someone(luck, no, asks ? 'long' : 'short')
}

/** When somebody comes, ms, the first time first; all within the days of the replay. */
function timesOf(luck: Chance, { visits: [least, most], pause }: Persona, now: number): number[] {
  const today = Math.floor(now / DAY_MS)
  const first = today - REPLAY_DAYS + 1
  const times: number[] = []
  const days = Array.from({ length: REPLAY_DAYS }, (_, i) => {
    const day = first + i
    // 1 January 1970 was a Thursday.
    return [WEEKDAYS[(day + 4) % 7]! * (1 + (GROWTH * i) / REPLAY_DAYS), day] as const
  })
  let day = luck.weighted(days)
  for (let left = luck.between(least, most); left > 0 && day <= today; left--) {
    const hour = luck.weighted(HOURS.map((weight, of) => [weight, of] as const))
    times.push(day * DAY_MS + hour * HOUR_MS + luck.between(0, HOUR_MS - 1))
    day += 1 + Math.round(luck.around(pause, 0.6))
  }
  return times
}

/** What became of the mails that a subscriber gets, one in three weeks. */
function mails(luck: Chance, from: number, now: number): SentSignal[] {
  const signals: SentSignal[] = []
  for (let at = from + 9 * DAY_MS; at < now; at += 21 * DAY_MS) {
    const when = at + luck.between(0, DAY_MS)
    const [clicks, leaves] = [luck.happens(0.28), luck.happens(0.04)]
    if (clicks) signals.push({ id: keyAt(luck, when), name: 'email_click', at: when })
    if (!leaves) continue
    signals.push({ id: keyAt(luck, when + 1), name: 'email_unsubscribe', at: when + 1 })
    break
  }
  return signals
}

/** A visit on a phone some days before somebody asked, from a mail that tells whose it is. */
function elsewhere(
  luck: Chance,
  visitor: string,
  askedAt: number,
  now: number,
  known: (at: number, key: string) => ToldItem,
): ToldItem[] {
  const key = `${visitor}-phone`
  const at = Math.max(
    askedAt - luck.between(1, 9) * DAY_MS,
    (Math.floor(now / DAY_MS) - REPLAY_DAYS + 1) * DAY_MS,
  )
  const { habits } = PERSONAS.at(-1)![1]
  const device = profile(luck, 0)
  const events = visit(luck, habits, { at, entry: '/demo/', came: {} })
  return [
    ...events.map((event) => ({ visitor: key, profile: device, event, at: event.at })),
    known(askedAt + 1, key),
  ]
}
