import type { Database } from 'better-sqlite3'
import { type Changes, DIMENSIONS, type RollUpsSpan, type Totals } from '../store.ts'
import { VisitorSet } from '../visitor-set.ts'
import { WEEKLY, weekOf, weeksOf } from '../weeks.ts'
import type { Texts } from './texts.ts'

/** Bytes of visitor sets kept decoded: those of the quarter hours and days at work. */
const REMEMBERED_BYTES = 16_000_000

const SUMS = 'visits, bounces, views, engaged_ms, downloads, cart_adds, cart_value'
const ADDED = SUMS.split(', ')
  .map((sum) => `${sum} = ${sum} + excluded.${sum}`)
  .join(', ')
const NONE = `${SUMS.split(', ').join(' = 0 AND ')} = 0`

/** Writes the sums of quarter hours and of days by dimension. */
export function sqliteRollUps(db: Database, texts: Texts) {
  const addQuarter = db.prepare(
    `INSERT INTO quarters (site, quarter, ${SUMS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (site, quarter) DO UPDATE SET ${ADDED}`,
  )
  const addSlice = db.prepare(
    `INSERT INTO slices (site, dimension, day, value, ${SUMS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (site, dimension, day, value) DO UPDATE SET ${ADDED}`,
  )
  const addWeek = db.prepare(
    `INSERT INTO week_slices (site, dimension, week, value, ${SUMS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (site, dimension, week, value) DO UPDATE SET ${ADDED}`,
  )
  const noteChange = db.prepare(
    'INSERT INTO week_changes (site, week, n) VALUES (?, ?, 1) ON CONFLICT (site, week) DO UPDATE SET n = n + 1',
  )
  const noteDrop = db.prepare('UPDATE week_changes SET n = n + 1 WHERE site = ? AND week >= ?')
  const dropEmptyWeek = db.prepare(
    `DELETE FROM week_slices WHERE site = ? AND dimension = ? AND week = ? AND value = ? AND ${NONE}`,
  )
  const dropEmptySlice = db.prepare(
    `DELETE FROM slices WHERE site = ? AND dimension = ? AND day = ? AND value = ? AND ${NONE}`,
  )
  const quarterSet = db.prepare('SELECT visitors FROM quarters WHERE site = ? AND quarter = ?').pluck()
  const putQuarterSet = db.prepare('UPDATE quarters SET visitors = ? WHERE site = ? AND quarter = ?')
  const KEY = 'site = ? AND dimension = ? AND day = ? AND value = ?'
  const sliceSet = db.prepare(`SELECT visitors FROM slice_visitors WHERE ${KEY}`).pluck()
  const putSliceSet = db.prepare('INSERT OR REPLACE INTO slice_visitors VALUES (?, ?, ?, ?, ?)')
  const dropSliceSet = db.prepare(`DELETE FROM slice_visitors WHERE ${KEY}`)
  const SPANS = [
    ['quarters', 'quarter', 'quarter'],
    ['slices', 'day', 'dimension, day, value'],
    ['slice_visitors', 'day', 'dimension, day, value'],
    ['week_slices', 'week', 'dimension, week, value'],
  ].map(([table, unit, key]) => ({ table, key, where: `site = @site AND ${unit} >= @${unit}` }))
  const has = db
    .prepare(
      `SELECT ${SPANS.map(({ table, where }) => `EXISTS (SELECT 1 FROM ${table} WHERE ${where})`).join(' OR ')}`,
    )
    .pluck()
  const drops = SPANS.map(({ table, key, where }) =>
    db.prepare(
      `DELETE FROM ${table} WHERE site = @site AND (${key}) IN (SELECT ${key} FROM ${table} WHERE ${where} LIMIT @limit)`,
    ),
  )

  const sets = new Map<string, VisitorSet>()
  let bytes = 0

  /** A set by its name, remembered; the one that was touched longest ago is forgotten first. */
  function remembered(name: string, load: () => unknown): VisitorSet {
    let set = sets.get(name)
    if (set) {
      bytes -= set.weight
      sets.delete(name)
    } else set = VisitorSet.decode((load() as Uint8Array | null | undefined) ?? undefined)
    sets.set(name, set)
    return set
  }

  /** Changes a set; returns it if that made a difference. */
  function changed(
    name: string,
    load: () => unknown,
    cameIn: Iterable<number>,
    wentOut: Iterable<number>,
  ): VisitorSet | undefined {
    const set = remembered(name, load)
    let different = false
    for (const no of wentOut) if (set.delete(no)) different = true
    for (const no of cameIn) if (set.add(no)) different = true
    bytes += set.weight
    for (const [oldest, { weight }] of sets) {
      if (bytes <= REMEMBERED_BYTES || oldest === name) break
      bytes -= weight
      sets.delete(oldest)
    }
    return different ? set : undefined
  }

  function clear(): void {
    sets.clear()
    bytes = 0
  }

  return {
    write({ rollUpsDropped, quarters, slices }: Changes): void {
      if (rollUpsDropped) {
        const week = weekOf(rollUpsDropped.day)
        for (const drop of drops) drop.run({ ...rollUpsDropped, week })
        noteDrop.run(rollUpsDropped.site, week)
        clear()
      }
      for (const { site, quarter, totals: t, cameIn, wentOut } of quarters) {
        addQuarter.run(site, quarter, ...numbers(t))
        const set = changed(`${site} ${quarter}`, () => quarterSet.get(site, quarter), cameIn, wentOut)
        if (set) putQuarterSet.run(set.encode(), site, quarter)
      }
      for (const { site, week } of weeksOf(slices)) noteChange.run(site, week)
      for (const { site, dimension, day, value, totals, cameIn, wentOut } of slices) {
        const key = [site, DIMENSIONS.indexOf(dimension), day, texts.no(value)] as const
        const sums = numbers(totals)
        if (sums.some((sum) => sum !== 0)) {
          const taken = sums.some((sum) => sum < 0)
          addSlice.run(...key, ...sums)
          if (taken) dropEmptySlice.run(...key)
          if (WEEKLY.has(dimension)) {
            const [, place, , no] = key
            addWeek.run(site, place, weekOf(day), no, ...sums)
            if (taken) dropEmptyWeek.run(site, place, weekOf(day), no)
          }
        }
        if (isEmpty(cameIn) && isEmpty(wentOut)) continue
        const set = changed(key.join(' '), () => sliceSet.get(...key), cameIn, wentOut)
        if (!set) continue
        if (set.isEmpty) dropSliceSet.run(...key)
        else putSliceSet.run(...key, set.encode())
      }
    },
    has: (span: RollUpsSpan): boolean => has.get({ ...span, week: weekOf(span.day) }) === 1,
    /** Forgets what it remembers: it was rolled back. */
    clear,
  }
}

const numbers = (t: Totals): number[] => [
  t.visits,
  t.bounces,
  t.views,
  t.engagedMs,
  t.downloads,
  t.cartAdds,
  t.cartValue,
]

function isEmpty(some: Iterable<number>): boolean {
  return some[Symbol.iterator]().next().done === true
}
