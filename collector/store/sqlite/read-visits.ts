import type { Database } from 'better-sqlite3'
import type { Stage } from '../../../shared/lead.ts'
import type { SeenVisit, VisitReader } from '../reader.ts'
import type { Profile } from '../store.ts'
import { EVENT_KINDS } from './event-row.ts'
import type { Texts } from './texts.ts'
import { fromText } from './visitor-row.ts'

const [PAGE, DOWNLOAD, CART] = [
  EVENT_KINDS.indexOf('page'),
  EVENT_KINDS.indexOf('download'),
  EVENT_KINDS.indexOf('cart'),
]
/** Parts of the visitors that the index `visits_by_bucket` keeps apart: the last digits of their numbers. */
const BUCKETS = 128
/** An event's id may be so much older than its time: what waited in a browser that was offline. */
const MOST_LAG_MS = 86_400_000

type Head = [visitor: number, startAt: number, profile: number | null, stage: Stage | null]
export function visitReader(db: Database, texts: Texts): VisitReader {
  const VISIT =
    'visits.span, visits.views, visits.engaged_ms, visits.actions, visits.entry, visits.exit, visits.referrer, visits.query'
  // Where somebody stands is looked up only where it is asked for: it takes a fifth of all that a visit takes.
  const find = (columns: string, withVisits: boolean, withStage: boolean) =>
    db
      .prepare(
        `SELECT found.visitor, found.start_at, visitors.profile, ${withStage ? 'leads.stage' : 'NULL'}${columns}
         FROM visits AS found INDEXED BY visits_by_bucket CROSS JOIN visitors ON visitors.no = found.visitor
         ${withVisits ? 'CROSS JOIN visits ON visits.visitor = found.visitor AND visits.start_at = found.start_at' : ''}
         ${withStage ? 'LEFT JOIN leads ON leads.contact = visitors.contact' : ''}
         WHERE found.site = ? AND found.visitor & ${BUCKETS - 1} IN (SELECT value FROM json_each(?))
           AND found.start_at >= ? AND found.start_at < ? AND found.visitor % ? = 0`,
      )
      .raw()
  const whole = [find(`, ${VISIT}`, true, false), find(`, ${VISIT}`, true, true)] as const
  const heads = [find('', false, false), find('', false, true)] as const
  const one = db.prepare(`SELECT ${VISIT} FROM visits WHERE visitor = ? AND start_at = ?`).raw()
  const WITHIN = 'visitor = ? AND id_ms BETWEEN ? AND ? AND id_ms + lag BETWEEN ? AND ?'
  const read = db
    .prepare(`SELECT EXISTS (SELECT 1 FROM events WHERE ${WITHIN} AND kind = ${PAGE} AND a = ?)`)
    .pluck()
  const done = db
    .prepare(`SELECT kind, a FROM events WHERE ${WITHIN} AND kind IN (${PAGE}, ${DOWNLOAD}, ${CART})`)
    .raw()
  const within = ({ visitor, startAt, endAt }: SeenVisit) =>
    [visitor, startAt - MOST_LAG_MS, endAt + MOST_LAG_MS, startAt, endAt] as const

  return {
    *visits(site, from, to, every, { isProfile, withStage } = { withStage: true }) {
      const profiles = new Map<number, Profile>()
      const ways = new Map<number | null, Map<number | null, SeenVisit['came']>>()
      const text = (no: number | null) => (no === null ? null : texts.text(no))
      const profileOf = (no: number): Profile => {
        const profile = profiles.get(no) ?? fromText(texts.text(no))
        profiles.set(no, profile)
        return profile
      }
      const cameOf = (referrer: number | null, query: number | null): SeenVisit['came'] => {
        let queries = ways.get(referrer)
        if (!queries) {
          queries = new Map()
          ways.set(referrer, queries)
        }
        let came = queries.get(query)
        if (!came) {
          came = { referrer: text(referrer), query: query === null ? null : JSON.parse(texts.text(query)) }
          queries.set(query, came)
        }
        return came
      }
      const asked = [site, bucketsOf(every), from, to, every] as const
      /** `from` is where the visit's own values begin in their row. */
      const seen = (head: Head, values: readonly (number | Stage | null)[], from: number): SeenVisit => {
        const value = (place: number) => values[from + place] as number
        const profile = head[2]
        return {
          visitor: head[0],
          startAt: head[1],
          endAt: head[1] + value(0),
          views: value(1),
          engagedMs: value(2),
          actions: value(3),
          entryPath: text(value(4)),
          exitPath: text(value(5)),
          came: cameOf(value(6), value(7)),
          profile: profile === null ? null : profileOf(profile),
          stage: head[3],
        }
      }
      if (!isProfile) {
        for (const row of whole[Number(withStage)]!.iterate(...asked) as Iterable<Head>)
          yield seen(row, row, 4)
        return
      }
      const wanted = new Map<number | null, boolean>()
      for (const head of heads[Number(withStage)]!.iterate(...asked) as Iterable<Head>) {
        const no = head[2]
        let isWanted = wanted.get(no)
        if (isWanted === undefined) {
          isWanted = isProfile(no === null ? null : profileOf(no))
          wanted.set(no, isWanted)
        }
        if (isWanted) yield seen(head, one.get(head[0], head[1]) as (number | null)[], 0)
      }
    },
    hasRead(visit, path) {
      const no = texts.find(path)
      return no !== undefined && read.get(...within(visit), no) === 1
    },
    things: (visit) =>
      (done.all(...within(visit)) as [number, number][]).map(([kind, value]) => ({
        kind: EVENT_KINDS[kind] as 'page' | 'download' | 'cart',
        value: texts.text(value),
      })),
  }
}

/** Those that hold every so manieth visitor, as JSON. */
function bucketsOf(every: number): string {
  const step = Math.min(every, BUCKETS)
  return JSON.stringify(Array.from({ length: BUCKETS / step }, (_, i) => i * step))
}
