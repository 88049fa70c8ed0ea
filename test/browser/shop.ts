import { openForReading } from '../../collector/store/sqlite/open.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { addSite } from '../support/keys.ts'
import { type Recorder, recordFor } from './recorder.ts'
import { type Site, siteWith } from './site.ts'

/** `beganAt`: when the scripts in the head have run. `restored`: whether the page came out of the bfcache. */
const PAGE = `
<script>
  restored = false
  addEventListener('DOMContentLoaded', () => { beganAt = Date.now() })
  addEventListener('pageshow', (event) => { restored ||= event.persisted })
</script>
<p><a id="next" href="/next">Next</a></p>
<p><a id="pdf" href="/guide.pdf">Guide</a> <a id="zip" href="/DRAWINGS.ZIP">Drawings</a>
<a id="marked" href="/report.csv" download>Report</a></p>
<p><button id="cart" data-leadwake-cart="Pump" data-leadwake-quantity="2">Add to cart</button></p>`

/** A customer's shop on one origin, its collector on another with a recorder in front. */
export interface Shop {
  lw: TestCollector
  wire: Recorder
  url(path: string): string
  /** Page views in the state file, by path. */
  views(): Record<string, number>
  remove(): Promise<void>
}

/** With consent given, the browser keeps an id and what it could not send; else it keeps nothing. */
export async function shop(consent: 'given' | 'required' = 'given'): Promise<Shop> {
  const lw = await testCollector()
  // Real browsers bring their own clocks, so that the collector's has to go as theirs do.
  Object.defineProperty(lw.clock, 'now', { get: () => Date.now() })
  await addSite(lw, 'shop', consent)
  const wire = await recordFor(lw.origin)
  const site: Site = await siteWith(`<script defer src="${wire.origin}/l.js?s=shop"></script>`, PAGE)
  return {
    lw,
    wire,
    url: (path) => site.origin + path,
    views() {
      const file = openForReading(lw.db)
      try {
        const rows = file
          .prepare(
            'select paths.path, count(*) as n from events join paths on paths.no = events.path where kind = 0 group by paths.path',
          )
          .all() as { path: string; n: number }[]
        return Object.fromEntries(rows.map(({ path, n }) => [path, n]))
      } finally {
        file.close()
      }
    },
    async remove() {
      await site.stop()
      await wire.stop()
      await lw.remove()
    },
  }
}
