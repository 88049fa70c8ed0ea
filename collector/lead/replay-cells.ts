import type { Stage } from '../../shared/lead.ts'
import { dayOf, endOfDay } from './day.ts'
import { decay } from './decay.ts'
import { verdict } from './decide.ts'
import { fit } from './fit.ts'
import { passes, type Standing } from './gate.ts'
import type { CompiledRules, Rule } from './rules.ts'
import type { Cell, ContactFacts, Decision, StageChange } from './state.ts'
import { addVisits, NO_VISITS, trendWord } from './trend.ts'

/** What a lead's cells come to under some rules. */
export interface CellReplay {
  stage: Stage
  /** Since when, ms. */
  since: number
  /** Hundredths, on the day of `now`; exactly what `engagement` says. */
  engagement: number
  changes: CellChange[]
}

export type CellChange = Omit<StageChange, 'why'>

/** Replays one lead; to be used for many, one after the other. */
export type CellReplayer = (
  cells: readonly Cell[],
  facts: ContactFacts,
  now: number,
  throughDay: number,
  /** What people decided, the oldest first. */
  decisions?: readonly Decision[],
) => CellReplay

/** What a signal means to the rules, looked up once for a cell. */
interface SignalKind {
  /** The rules that count it, by their place. */
  places: readonly number[]
  visit: boolean
  minutes: boolean
  intent: boolean
  lowering: boolean
  /** Any of the four below. */
  marks: boolean
  unsubscribe: boolean
  suppress: boolean
  optIn: boolean
  handRaise: boolean
}

const NOTHING: SignalKind = {
  places: [],
  visit: false,
  minutes: false,
  intent: false,
  lowering: false,
  marks: false,
  unsubscribe: false,
  suppress: false,
  optIn: false,
  handRaise: false,
}

function signalKind(signal: string, rules: CompiledRules): SignalKind {
  const places = rules.rules.flatMap((rule, place) => (rule.signals.includes(signal) ? [place] : []))
  const visit = signal === 'visit'
  const minutes = signal === 'engaged_minutes'
  const unsubscribe = rules.unsubscribe.has(signal)
  const suppress = rules.suppress.has(signal)
  const optIn = rules.optIn.has(signal)
  const handRaise = rules.handRaise.has(signal)
  return {
    places,
    visit,
    minutes,
    intent: rules.intent.has(signal),
    lowering: rules.lowering.has(signal),
    marks: unsubscribe || suppress || optIn || handRaise,
    unsubscribe,
    suppress,
    optIn,
    handRaise,
  }
}

/** Days for which decay is worked out in advance: ten years. */
const TABLE_DAYS = 3651

/**
 * A lead from its cells instead of its events: the way to try other points, caps, half-lives and thresholds on all of
 * history. Points, decay and ticks are exact. Of the order within a day a cell only tells its last occurrence, so gates
 * are asked once a day, and before whatever lowers a score: a stage that the order of one day's events decides can
 * differ from `replayLead`. `throughDay` is the last day whose tick is over.
 */
export function replayCells(
  cells: readonly Cell[],
  facts: ContactFacts,
  rules: CompiledRules,
  now: number,
  throughDay: number,
  decisions: readonly Decision[] = [],
): CellReplay {
  return cellReplayer(rules)(cells, facts, now, throughDay, decisions)
}

/** A replayer for many leads: what depends on the rules alone is worked out once, and arrays are used again. */
export function cellReplayer(rules: CompiledRules): CellReplayer {
  const { groups } = rules
  const tables = groups.map(({ halfLife }) =>
    Float64Array.from({ length: TABLE_DAYS }, (_, days) => decay(days, halfLife)),
  )
  const kinds = new Map<string, SignalKind>()
  const kindOf = (signal: string): SignalKind => {
    const made = kinds.get(signal)
    if (made) return made
    // Signals are named by strangers: those that mean nothing are not kept.
    const known =
      signal === 'visit' ||
      signal === 'engaged_minutes' ||
      rules.bySignal.has(signal) ||
      rules.intent.has(signal)
    if (!known) return NOTHING
    const kind = signalKind(signal, rules)
    kinds.set(signal, kind)
    return kind
  }
  const lowers = (cell: Cell): number => (rules.lowering.has(cell.signal) ? 1 : 0)
  const inOrder = (a: Cell, b: Cell): number => a.day - b.day || a.lastAt - b.lastAt || lowers(a) - lowers(b)
  /** Most cells come in order, so that it pays to look first; and few rules lower anything. */
  function isSorted(cells: readonly Cell[]): boolean {
    for (let i = 1; i < cells.length; i++) {
      const [a, b] = [cells[i - 1]!, cells[i]!]
      if (a.day < b.day) continue
      if (a.day > b.day || a.lastAt > b.lastAt) return false
      if (a.lastAt === b.lastAt && inOrder(a, b) > 0) return false
    }
    return true
  }

  // Of one lead, made anew in `reset`.
  const closed = new Float64Array(groups.length)
  const base = new Float64Array(groups.length)
  const points = new Float64Array(rules.rules.length)
  const counts = new Float64Array(rules.rules.length)
  const times = new Float64Array(rules.rules.length)
  let touched: number[] = []
  let keys = new Map<number, Set<string>>()
  let ever = new Map<number, Set<string>>()
  let facts!: ContactFacts
  let fitting: ReturnType<typeof fit> | null = null
  let day = 0
  let dirty = false
  let ticked = 0
  let active: { day: number; visits: number; ms: number; intent: number }[] = []
  let trend = NO_VISITS
  let stage: Stage = 'visitor'
  let since = 0
  let changes: CellChange[] = []
  let raisedAt = 0
  let spentAt = 0
  let lastVisitAt = 0
  let unsubscribedAt = 0
  let suppressed = false
  let lowTicks = 0
  let coolingTicks = 0
  let accepted = false
  let coolUntil = 0
  /** The day that gates are asked about. */
  let asked = 0

  function reset(known: ContactFacts): void {
    closed.fill(0)
    base.fill(0)
    for (const place of touched) counts[place] = times[place] = 0
    touched = []
    if (keys.size > 0) keys = new Map()
    if (ever.size > 0) ever = new Map()
    facts = known
    fitting = null
    dirty = false
    active = []
    trend = NO_VISITS
    stage = 'visitor'
    changes = []
    day = since = ticked = raisedAt = spentAt = lastVisitAt = unsubscribedAt = lowTicks = coolingTicks = 0
    suppressed = accepted = false
    coolUntil = 0
  }

  function pointsOf(place: number): number {
    const rule = rules.rules[place]!
    const most = Math.min(rule.perDay, Math.abs(magnitude(rule, place)))
    return rule.points < 0 ? -most : most
  }
  function magnitude(rule: Rule, place: number): number {
    if (rule.perMinute) return (rule.points * times[place]!) / 60_000
    if (counts[place] === 0 || (!rule.distinct && !rule.onceEver)) return rule.points * counts[place]!
    const spent = rule.onceEver ? ever.get(place) : undefined
    if (spent && spent.size >= MAX_KEYS_EVER) return 0
    const found = keys.get(place) ?? NO_KEYS
    if (!spent) return rule.points * found.size
    let fresh = 0
    for (const key of found) if (!spent.has(key)) fresh++
    return rule.points * fresh
  }
  /** The groups' amounts with the open day's, in the order of the rules, so that sums are the same to the bit. */
  function refresh(): void {
    if (!dirty) return
    dirty = false
    base.fill(0)
    for (const place of touched) {
      points[place] = pointsOf(place)
      base[rules.rules[place]!.groupIndex]! += points[place]!
    }
    for (let i = 0; i < groups.length; i++) base[i] = closed[i]! + base[i]!
  }
  const left = (i: number, days: number): number =>
    days < TABLE_DAYS ? tables[i]![days]! : decay(days, groups[i]!.halfLife)

  function open(next: number): void {
    refresh()
    for (let i = 0; i < groups.length; i++)
      closed[i] = base[i] = base[i] === 0 ? 0 : base[i]! * left(i, next - day)
    for (const place of touched) {
      if (rules.rules[place]!.onceEver && counts[place]! > 0) {
        const spent = ever.get(place) ?? new Set<string>()
        for (const key of keys.get(place) ?? NO_KEYS) spent.add(key)
        ever.set(place, spent)
      }
      counts[place] = times[place] = 0
    }
    touched = []
    if (keys.size > 0) keys = new Map()
    day = next
  }

  function engagementOn(today: number): number {
    refresh()
    let sum = 0
    const days = Math.max(0, today - day)
    for (let i = 0; i < groups.length; i++) {
      if (base[i] === 0) continue
      const amount = Math.round(base[i]! * left(i, days))
      const cap = groups[i]!.cap
      sum += cap === 0 ? 0 : cap < 0 ? Math.max(amount, cap) : Math.min(amount, cap)
    }
    return Math.min(CUT, Math.max(0, sum)) + 0
  }

  /** Keeps the places in order, in which points are added. */
  function touch(place: number): void {
    if (touched.includes(place)) return
    let i = touched.length
    touched.push(place)
    for (; i > 0 && touched[i - 1]! > place; i--) touched[i] = touched[i - 1]!
    touched[i] = place
  }

  function add(cell: Cell, kind: SignalKind): void {
    for (const place of kind.places) {
      if (counts[place] === 0 && times[place] === 0) touch(place)
      counts[place]! += cell.count
      times[place]! += cell.ms
      if (rules.rules[place]!.distinct && cell.keys.length > 0) {
        const found = keys.get(place)
        if (found) for (const key of cell.keys) found.add(key)
        else keys.set(place, new Set(cell.keys))
      }
      dirty = true
    }
    const visits = kind.visit ? cell.count : 0
    const ms = kind.minutes ? cell.ms : 0
    const intent = kind.intent ? cell.count : 0
    if (visits > 0) trend = addVisits(trend, cell.day, visits)
    if (visits > 0 || ms > 0 || intent > 0) {
      const last = active.at(-1)
      if (last?.day === cell.day) {
        last.visits += visits
        last.ms += ms
        last.intent += intent
      } else active.push({ day: cell.day, visits, ms, intent })
    }
    if (kind.visit) lastVisitAt = Math.max(lastVisitAt, cell.lastAt)
    if (kind.marks) mark(kind, cell.lastAt)
    if (coolUntil > 0 && cell.lastAt >= coolUntil && (kind.intent || kind.handRaise)) coolUntil = 0
  }
  function mark(kind: SignalKind, lastAt: number): void {
    if (kind.unsubscribe) unsubscribedAt = lastAt
    if (kind.suppress) suppressed = true
    if (kind.optIn) {
      unsubscribedAt = 0
      suppressed = false
    }
    if (kind.handRaise) {
      raisedAt = lastAt
      suppressed = false
    }
  }

  const hasLeft = (): boolean => unsubscribedAt > lastVisitAt
  const fits = (): ReturnType<typeof fit> => (fitting ??= fit(facts, rules))
  function sumActive(of: 'visits' | 'ms' | 'intent'): number {
    let sum = 0
    for (let i = active.length - 1; i >= 0 && active[i]!.day > asked - rules.windowDays; i--)
      sum += active[i]![of]
    return sum
  }
  const standing: Standing = {
    amount(of) {
      switch (of) {
        case 'engagement':
          return engagementOn(asked) / 100
        case 'fit':
          return fits().score
        case 'visits':
          return sumActive('visits')
        case 'engagedMinutes':
          return sumActive('ms') / 60_000
        case 'intentViews':
          return sumActive('intent')
        default:
          return of satisfies never
      }
    },
    is(of) {
      switch (of) {
        case 'fitBad':
          return fits().bad
        case 'handRaise':
          return raisedAt > spentAt && dayOf(raisedAt) > asked - rules.windowDays
        case 'cooling':
        case 'rising':
          return trendWord(trend, asked, rules) === of
        case 'unsubscribed':
          return hasLeft()
        case 'suppressed':
          return suppressed
        case 'consent':
          return facts.consent === true
        case 'verified':
          return facts.verified
        default:
          return of satisfies never
      }
    },
  }

  function move(to: Stage, effectiveAt: number, by: StageChange['by']): void {
    if (to === 'sql' || stage === 'sql') spentAt = raisedAt > 0 ? raisedAt : spentAt
    changes.push({ from: stage, to, effectiveAt, by })
    stage = to
    since = effectiveAt
    lowTicks = coolingTicks = 0
    accepted = false
  }
  function decide(one: Decision): void {
    if (stage === 'visitor') identify()
    const at = Math.max(one.at, facts.identifiedAt)
    settle(dayOf(at) - 1)
    asked = dayOf(at)
    const found = verdict({ stage, coolUntil, accepted }, { ...one, at }, () =>
      passes(rules.mql.enter, standing) ? 'mql' : 'lead',
    )
    if (found.to !== stage) move(found.to, at, 'person')
    accepted = found.accepted
    coolUntil = found.coolUntil
  }
  function rise(at: number): void {
    if ((stage !== 'lead' && stage !== 'mql') || coolUntil > 0) return
    asked = dayOf(at)
    if (facts.verified && !suppressed && !hasLeft() && passes(rules.sql.enter, standing))
      move('sql', at, 'rules')
    else if (stage === 'lead' && passes(rules.mql.enter, standing)) move('mql', at, 'rules')
  }
  function identify(): void {
    const at = facts.identifiedAt
    move('lead', at, 'identify')
    ticked = dayOf(at) - 1
    rise(at)
  }

  /** The ticks of all days up to this one, during which nothing happened. */
  function settle(through: number): void {
    while (ticked < through && (stage === 'mql' || (stage === 'sql' && !accepted))) {
      if (stage === 'sql') settleSql(through)
      else settleMql(through)
    }
    ticked = Math.max(ticked, through)
  }
  function settleMql(through: number): void {
    const { ticks, leave } = rules.mql
    if (onlyFalls()) {
      const first = firstLow(through, leave)
      if (first > ticked + 1) lowTicks = 0
      const end = first + ticks - lowTicks - 1
      if (end <= through) {
        ticked = end
        move('lead', endOfDay(end), 'tick')
      } else {
        lowTicks += through - first + 1
        ticked = through
      }
      return
    }
    while (ticked < through && stage === 'mql') {
      ticked++
      lowTicks = engagementOn(ticked) < leave ? lowTicks + 1 : 0
      if (lowTicks >= ticks) move('lead', endOfDay(ticked), 'tick')
    }
  }
  /** Without penalties engagement only falls while nothing happens. */
  function onlyFalls(): boolean {
    refresh()
    for (let i = 0; i < groups.length; i++) if (base[i]! < 0) return false
    return true
  }
  const isCooling = (today: number): boolean => trendWord(trend, today, rules) === 'cooling'
  /** The first day after the last tick that is low; the one after `through` where none is. */
  const firstLow = (through: number, leave: number): number =>
    firstDay(through, (today) => engagementOn(today) < leave)
  /** The first day after the last tick on which something holds that stays so once it does; the one after `through` where none is. */
  function firstDay(through: number, holds: (today: number) => boolean): number {
    if (!holds(through)) return through + 1
    let low = ticked + 1
    let high = through
    while (low < high) {
      const middle = (low + high) >> 1
      if (holds(middle)) high = middle
      else low = middle + 1
    }
    return low
  }
  function settleSql(through: number): void {
    const { ticks, leave, handRaiseDays } = rules.sql
    const blocked = suppressed || hasLeft()
    if (!blocked && onlyFalls()) {
      // Low and cooling only come with silence, and stay: the days on which their streaks are full need no search.
      const low = firstLow(through, leave)
      const cooling = firstDay(through, isCooling)
      if (low > ticked + 1) lowTicks = 0
      if (cooling > ticked + 1) coolingTicks = 0
      const full = Math.min(low + ticks - lowTicks - 1, cooling + ticks - coolingTicks - 1)
      const raised = raisedAt > 0 ? dayOf(raisedAt) + handRaiseDays : 0
      const end = Math.max(full, raised + 1, ticked + 1)
      if (end <= through) {
        ticked = end
        move('mql', endOfDay(end), 'tick')
        return
      }
      lowTicks = Math.min(lowTicks + through - low + 1, ticks)
      coolingTicks = Math.min(coolingTicks + through - cooling + 1, ticks)
      ticked = through
      return
    }
    while (ticked < through && stage === 'sql') {
      ticked++
      coolingTicks = isCooling(ticked) ? Math.min(coolingTicks + 1, ticks) : 0
      lowTicks = engagementOn(ticked) < leave ? Math.min(lowTicks + 1, ticks) : 0
      const raised = raisedAt > 0 && ticked - dayOf(raisedAt) <= handRaiseDays
      const engaged = lowTicks < ticks && coolingTicks < ticks
      if (blocked || !(raised || engaged)) move('mql', endOfDay(ticked), 'tick')
    }
  }

  return (cells, known, now, throughDay, decisions = []) => {
    reset(known)
    let due = 0
    const dueBefore = (moment: number): boolean =>
      due < decisions.length && Math.max(decisions[due]!.at, known.identifiedAt) < moment
    const sorted = isSorted(cells) ? cells : cells.toSorted(inOrder)
    const identifiedDay = dayOf(known.identifiedAt)
    for (let i = 0; i < sorted.length; ) {
      const today = sorted[i]!.day
      if (stage === 'visitor' && today > identifiedDay) identify()
      while (dueBefore(endOfDay(today - 1))) decide(decisions[due++]!)
      if (stage !== 'visitor') settle(today - 1)
      open(today)
      let at = 0
      const end = endOfDay(today) - 1
      for (; i < sorted.length && sorted[i]!.day === today; i++) {
        const cell = sorted[i]!
        const kind = kindOf(cell.signal)
        if (stage === 'visitor' && today === identifiedDay && cell.lastAt >= known.identifiedAt) identify()
        else if (at > 0 && (kind.lowering || dueBefore(cell.lastAt))) rise(at)
        while (dueBefore(cell.lastAt)) decide(decisions[due++]!)
        add(cell, kind)
        // A cell of yesterday's reading may have grown today.
        at = Math.max(since, Math.min(cell.lastAt, end))
      }
      rise(at)
    }
    if (stage === 'visitor') identify()
    while (dueBefore(now + 1)) decide(decisions[due++]!)
    settle(Math.min(throughDay, dayOf(now) - 1))
    return { stage, since, engagement: engagementOn(dayOf(now)), changes }
  }
}

/** Bounds of the ledger and of the score, as `ledger.ts` and `score.ts` have them. */
const MAX_KEYS_EVER = 1000
const CUT = 10_000
/** What a once-ever rule notes for what has no key. */
const NO_KEYS: ReadonlySet<string> = new Set([''])
