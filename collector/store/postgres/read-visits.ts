import type { Stage } from '../../../shared/lead.ts'
import type { SeenVisit, VisitReader } from '../reader.ts'
import type { Profile } from '../store.ts'
import { type Asker, numberList } from './asker.ts'
import { EVENT_KINDS } from './event-row.ts'
import { monthOf, OTHER } from './months.ts'
import { profileOf } from './visit-row.ts'

/** What is asked of one visit is asked of so many that are read next. */
const AT_ONCE = 2_000
/** Parts of the visitors that an index keeps apart: the last digits of their numbers. */
const BUCKETS = 128
const [PAGE, DOWNLOAD, CART] = (['page', 'download', 'cart'] as const).map((kind) =>
  EVENT_KINDS.indexOf(kind),
)
/** An event's id may be so much older than its time: what waited in a browser that was offline. */
const MOST_LAG_MS = 86_400_000

type Thing = ReturnType<VisitReader['things']>[number]
type Row = Pick<
  SeenVisit,
  'visitor' | 'startAt' | 'endAt' | 'views' | 'engagedMs' | 'actions' | 'entryPath' | 'exitPath'
> & { referrer: string | null; query: string | null; profile: string | null; stage: Stage | null }

export function visitReader({ all, siteOf }: Asker): VisitReader {
  /** What was done within the visits that are being read. */
  let chunk = new Set<SeenVisit>()
  let chunkSite = 0
  let done: Map<SeenVisit, Thing[]> | undefined

  function thingsOf(site: number, visits: SeenVisit[]): Map<SeenVisit, Thing[]> {
    const found = new Map(visits.map((visit) => [visit, [] as Thing[]]))
    const rows = all<{ i: number; kind: number; value: string }>(
      `SELECT v.i, e.kind, e.value
       FROM json_to_recordset($1::text::json) AS v (i bigint, visitor bigint, begun bigint, ended bigint, m1 bigint, m2 bigint)
       JOIN LATERAL (SELECT id_ms, id_key, kind, value FROM events WHERE site = $3 AND visitor = v.visitor
         AND month IN (${OTHER}, v.m1, v.m2) AND id_ms >= v.begun - $2::bigint AND id_ms <= v.ended + $2::bigint
         AND at >= v.begun AND at <= v.ended AND kind IN (${PAGE}, ${DOWNLOAD}, ${CART}) OFFSET 0) AS e ON true
       ORDER BY v.i, e.id_ms, e.id_key`,
      JSON.stringify(
        visits.map(({ visitor, startAt, endAt }, i) => ({
          i,
          visitor,
          begun: startAt,
          ended: endAt,
          // A visit is shorter than a month.
          m1: monthOf(startAt - MOST_LAG_MS),
          m2: monthOf(endAt + MOST_LAG_MS),
        })),
      ),
      MOST_LAG_MS,
      site,
    )
    for (const { i, kind, value } of rows)
      found.get(visits[i]!)!.push({ kind: EVENT_KINDS[kind] as Thing['kind'], value })
    return found
  }

  function things(visit: SeenVisit): Thing[] {
    if (!chunk.has(visit)) return thingsOf(siteOf('visitors', visit.visitor), [visit]).get(visit)!
    done ??= thingsOf(chunkSite, [...chunk])
    return done.get(visit)!
  }

  return {
    *visits(site, from, to, every) {
      const ways = new Map<string, SeenVisit['came']>()
      const profiles = new Map<string, Profile>()
      const rows = all<Row>(
        `SELECT v.visitor, start_at AS "startAt", end_at AS "endAt", v.views, v.engaged_ms AS "engagedMs", actions,
           entry AS "entryPath", exit AS "exitPath", referrer, query, profile, leads.stage
         FROM visits AS v JOIN visitors ON visitors.site = v.site AND visitors.no = v.visitor
           LEFT JOIN leads ON leads.site = visitors.site AND leads.contact = visitors.contact
         WHERE v.site = $1 AND (v.visitor & ${BUCKETS - 1}) = ANY ($2::text::bigint[])
           AND start_at >= $3 AND start_at < $4 AND v.visitor % $5::bigint = 0`,
        site,
        bucketsOf(every),
        from,
        to,
        every,
      )
      for (let i = 0; i < rows.length; i += AT_ONCE) {
        const read = rows.slice(i, i + AT_ONCE).map(({ referrer, query, profile, ...row }) => ({
          ...row,
          came: known(ways, `${query} ${referrer}`, () => ({
            referrer,
            query: query === null ? null : JSON.parse(query),
          })),
          profile: profile === null ? null : known(profiles, profile, () => profileOf(profile)),
        }))
        chunk = new Set(read)
        chunkSite = site
        done = undefined
        yield* read
      }
    },
    hasRead: (visit, path) => things(visit).some(({ kind, value }) => kind === 'page' && value === path),
    things,
  }
}

/** Those that hold every so manieth visitor. */
function bucketsOf(every: number): string {
  const step = Math.min(every, BUCKETS)
  return numberList(Array.from({ length: BUCKETS / step }, (_, i) => i * step))
}

function known<T>(values: Map<string, T>, name: string, make: () => T): T {
  let value = values.get(name)
  if (value === undefined) {
    value = make()
    values.set(name, value)
  }
  return value
}
