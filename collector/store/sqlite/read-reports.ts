/** What reports count: how far leads came, when, and by what. */
import type { Database } from 'better-sqlite3'
import type { Stage } from '../../../shared/lead.ts'
import type { Milestone } from '../../lead/state.ts'
import type { DaysTaken, LeadTimes, ReportReader, ValueSteps } from '../reader.ts'
import { mostFirst, stepsOf, WAYS } from '../steps.ts'
import { blockReader, CONTENT_STEPS, ENDS, STEPS as PACKED } from './milestone-blocks.ts'
import type { Texts } from './texts.ts'

const DAY_MS = 86_400_000
const STEPS = ['lead', 'mql', 'sql', 'accepted', 'rejected', 'opportunity', 'won', 'lost'] as const

export function reportReader(db: Database, texts: Texts): ReportReader {
  // In the loops over blocks a pair that is taken apart at once is garbage of 60 MB a question.
  const blocks = blockReader(db)
  const reached = db.prepare(
    `SELECT ${STEPS.map((step) => `count(*) FILTER (WHERE "${step}" BETWEEN @from AND @to) AS "${step}"`).join(', ')}
     FROM milestones WHERE site = @site`,
  )
  const minutes = db
    .prepare(
      `SELECT max(0, accepted - "sql") / 60000 FROM milestones
       WHERE site = ? AND lead BETWEEN ? AND ? AND accepted IS NOT NULL AND "sql" IS NOT NULL ORDER BY 1`,
    )
    .pluck()
  const breaches = db
    .prepare('SELECT count(*) FROM breaches WHERE site = ? AND due_at BETWEEN ? AND ?')
    .pluck()
  const rejections = db.prepare(
    `SELECT reason, count(*) AS count FROM decisions WHERE site = ? AND decision = 'reject' AND at BETWEEN ? AND ?
     GROUP BY reason ORDER BY 2 DESC, 1`,
  )
  const rejected = db
    .prepare(
      `SELECT decisions.contact, reason, standing, lead FROM decisions LEFT JOIN milestones USING (contact)
       WHERE decisions.site = ? AND decision = 'reject'`,
    )
    .raw()
  // Decisions stand under the record that was decided of; what became of its lead under the one that it is part of now.
  const survivor = db
    .prepare(
      `SELECT standing, lead FROM contacts JOIN milestones ON milestones.contact = merged_into WHERE no = ?`,
    )
    .raw()
  const stageDays = db.prepare(
    'SELECT day, stage, n FROM stage_days WHERE site = ? AND day <= ? ORDER BY day',
  )

  return {
    funnel: blocks.counts,
    reached: (site, from, to) => reached.get({ site, from, to }) as Record<Milestone | 'lead', number>,
    daysBetween(site, steps, { from, to, now }) {
      const waiting = steps.map(() => new Uint32Array(64))
      const arrived = steps.map(() => new Uint32Array(64))
      const places = steps.map(([first, then]) => [PACKED.indexOf(first), PACKED.indexOf(then)] as const)
      for (const { size, steps: at } of blocks.steps(site, from, to))
        for (const [k, [first, then]] of places.entries()) {
          for (let i = 0; i < size; i++) {
            if (!(at[i]! >= from && at[i]! <= to)) continue
            const since = at[first * size + i]!
            const until = at[then * size + i]!
            // Who came there before took the steps in another order.
            if (Number.isNaN(since) || until < since) continue
            const isThere = isKnown(until)
            const counts = isThere ? arrived : waiting
            const days = Math.floor(Math.max(0, (isThere ? until : now) - since) / DAY_MS)
            if (days >= counts[k]!.length) counts[k] = longer(counts[k]!, days)
            counts[k]![days]!++
          }
        }
      return steps.map((_, k) => {
        const taken: DaysTaken[] = []
        for (let days = 0; days < Math.max(waiting[k]!.length, arrived[k]!.length); days++) {
          const [left, came] = [waiting[k]![days] ?? 0, arrived[k]![days] ?? 0]
          if (left > 0) taken.push({ days, arrived: 0, n: left })
          if (came > 0) taken.push({ days, arrived: 1, n: came })
        }
        return taken
      })
    },
    minutesToAccept: (site, from, to) => minutes.all(site, from, to) as number[],
    breachCount: (site, from, to) => breaches.get(site, from, to) as number,
    rejections: (site, from, to) => rejections.all(site, from, to) as { reason: string; count: number }[],
    *leadTimes(site, from, to): Generator<LeadTimes> {
      const known = (at: number) => (isKnown(at) ? at : null)
      for (const { size, steps: at } of blocks.steps(site, from, to))
        for (let i = 0; i < size; i++)
          if (at[i]! >= from && at[i]! <= to)
            yield {
              lead: at[i]!,
              mql: known(at[MQL * size + i]!),
              sql: known(at[SQL * size + i]!),
              won: known(at[WON * size + i]!),
            }
    },
    stepsByTouch(site, from, to, limit) {
      const [source, entry, campaign] = [counter(WAYS), counter(WAYS), counter(WAYS)]
      for (const { size, lists, leads } of blocks.lists(site, from, to, 'touches')) {
        const sources = lists[0]!
        const entries = lists[1]!
        const campaigns = lists[2]!
        const ways = lists[3]!
        for (let i = 0; i < size; i++) {
          if (leads && !(leads[i]! >= from && leads[i]! <= to)) continue
          source!.add(sources[i]!, ways[i]!)
          entry!.add(entries[i]!, ways[i]!)
          campaign!.add(campaigns[i]!, ways[i]!)
        }
      }
      const most = ({ counts }: Counter) =>
        counts()
          .map(([no, ways]) => ({ no, ways, lead: ways.reduce((sum, n) => sum + n) }))
          .sort((a, b) => b.lead - a.lead || a.no - b.no)
          .slice(0, limit)
          .map(({ no, ways }) => ({ value: no === 0 ? null : texts.text(no), ...stepsOf(ways) }))
          .sort(mostFirst)
      return { source: most(source), entry: most(entry), campaign: most(campaign) }
    },
    stepsByContent(site, from, to, limit) {
      const found = counter(CONTENT_STEPS.length)
      for (const { size, lists, leads } of blocks.lists(site, from, to, 'content')) {
        const paths = lists[0]!
        const steps = lists[1]!
        const of = lists[2]!
        for (let i = 0; i < size; i++) {
          if (leads && !(leads[of[i]!]! >= from && leads[of[i]!]! <= to)) continue
          const path = paths[i]!
          for (let bits = steps[i]!, step = 0; bits > 0; bits >>= 1, step++)
            if (bits & 1) found.add(path, step)
        }
      }
      return found
        .counts()
        .sort(([a, [n]], [b, [m]]) => m! - n! || a - b)
        .slice(0, limit)
        .map(([no, counts]): ValueSteps => {
          const steps = Object.fromEntries(CONTENT_STEPS.map((step, i) => [step, counts[i]!]))
          return { value: texts.text(no), ...(steps as Omit<ValueSteps, 'value'>) }
        })
        .sort(mostFirst)
    },
    handOvers(site, from, to) {
      const found = counter(ENDS.length)
      for (const { size, lists, leads } of blocks.lists(site, from, to, 'ends')) {
        const standing = lists[0]!
        const ended = lists[1]!
        for (let i = 0; i < size; i++)
          if (standing[i]! > 0 && (!leads || (leads[i]! >= from && leads[i]! <= to)))
            found.add(standing[i]!, ended[i]!)
      }
      return found.counts().flatMap(([no, ended]) => {
        const rules = idsOf(texts.text(no))
        return ENDS.flatMap((isWon, i) => (ended[i]! > 0 ? [{ rules, isWon, count: ended[i]! }] : []))
      })
    },
    rejectionsByRules(site, from, to) {
      const found = new Map<string, Map<number, number>>()
      for (const [contact, reason, ...own] of rejected.all(site) as Rejected[]) {
        const [standing, lead] =
          own[1] === null ? ((survivor.get(contact) as typeof own | undefined) ?? own) : own
        if (standing === null || lead === null || lead < from || lead > to) continue
        const counts = found.get(reason) ?? new Map<number, number>()
        found.set(reason, counts.set(standing, (counts.get(standing) ?? 0) + 1))
      }
      // One set of rules was rejected for several reasons.
      const rules = new Map<number, string[]>()
      const rulesOf = (no: number): string[] => {
        const known = rules.get(no) ?? idsOf(texts.text(no))
        rules.set(no, known)
        return known
      }
      return [...found].flatMap(([reason, counts]) =>
        [...counts].map(([no, count]) => ({ rules: rulesOf(no), reason, count })),
      )
    },
    stageDays: (site, to) => stageDays.all(site, to) as { day: number; stage: Stage; n: number }[],
  }
}

type Rejected = [contact: number, reason: string, standing: number | null, lead: number | null]

const isKnown = (value: number): boolean => !Number.isNaN(value)

const [MQL, SQL, WON] = (['mql', 'sql', 'won'] as const).map((step) => PACKED.indexOf(step)) as [
  number,
  number,
  number,
]

interface Counter {
  /** One more of a kind of a text; 0 is no text. */
  add(no: number, kind: number): void
  /** By number of the text, 0 for none. */
  counts(): [no: number, byKind: Uint32Array][]
}

/** Counts by text: its number is small, so that a list finds its counts sooner than a map. */
function counter(kinds: number): Counter {
  let places = new Int32Array(1_024)
  const numbers: number[] = []
  let counts = new Uint32Array(64 * kinds)
  return {
    add(no, kind) {
      if (no >= places.length) {
        const wider = new Int32Array(2 * no)
        wider.set(places)
        places = wider
      }
      let place = places[no]! - 1
      if (place < 0) {
        place = numbers.length
        numbers.push(no)
        places[no] = place + 1
        if (counts.length < numbers.length * kinds) counts = longer(counts, numbers.length * kinds)
      }
      counts[place * kinds + kind]!++
    },
    counts: () => numbers.map((no, place) => [no, counts.subarray(place * kinds, (place + 1) * kinds)]),
  }
}

/** With room for a place, and for as much behind it. */
function longer(counts: Uint32Array, place: number): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(2 * place + 64)
  wider.set(counts)
  return wider
}

/** Rules as `milestones.standing` names them. */
const idsOf = (text: string): string[] => (text === '' ? [] : text.split(' '))
