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

type Row = [
  visitor: number,
  startAt: number,
  span: number,
  views: number,
  engagedMs: number,
  actions: number,
  entry: number | null,
  exit: number | null,
  referrer: number | null,
  query: number | null,
  profile: number | null,
  stage: Stage | null,
]

export function visitReader(db: Database, texts: Texts): VisitReader {
  const between = db
    .prepare(
      `SELECT visits.visitor, visits.start_at, visits.span, visits.views, visits.engaged_ms, visits.actions, visits.entry,
         visits.exit, visits.referrer, visits.query, visitors.profile, leads.stage
       FROM visits AS found INDEXED BY visits_by_bucket
       CROSS JOIN visits ON visits.visitor = found.visitor AND visits.start_at = found.start_at
       CROSS JOIN visitors ON visitors.no = found.visitor
       LEFT JOIN leads ON leads.contact = visitors.contact
       WHERE found.site = ? AND found.visitor & ${BUCKETS - 1} IN (SELECT value FROM json_each(?))
         AND found.start_at >= ? AND found.start_at < ? AND found.visitor % ? = 0`,
    )
    .raw()
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
    *visits(site, from, to, every) {
      const profiles = new Map<number, Profile>()
      const ways = new Map<string, SeenVisit['came']>()
      const text = (no: number | null) => (no === null ? null : texts.text(no))
      const profileOf = (no: number): Profile => {
        const profile = profiles.get(no) ?? fromText(texts.text(no))
        profiles.set(no, profile)
        return profile
      }
      const cameOf = (referrer: number | null, query: number | null): SeenVisit['came'] => {
        const name = `${referrer} ${query}`
        let came = ways.get(name)
        if (!came) {
          came = { referrer: text(referrer), query: query === null ? null : JSON.parse(texts.text(query)) }
          ways.set(name, came)
        }
        return came
      }
      for (const row of between.iterate(site, bucketsOf(every), from, to, every) as Iterable<Row>) {
        const [visitor, startAt, span, views, engagedMs, actions, entry, exit, referrer, query, profile] = row
        yield {
          visitor,
          startAt,
          endAt: startAt + span,
          views,
          engagedMs,
          actions,
          entryPath: text(entry),
          exitPath: text(exit),
          came: cameOf(referrer, query),
          profile: profile === null ? null : profileOf(profile),
          stage: row[11],
        }
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
