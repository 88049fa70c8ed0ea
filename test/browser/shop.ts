import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StatsAnswer } from '../../shared/api.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { addSite } from '../support/keys.ts'
import { type Recorder, recordFor } from './recorder.ts'
import { siteWith } from './site.ts'
import { storedViews } from './stored-views.ts'

/**
 * `beganAt`: when the scripts in the head have run. `changedAt`: when the browser told of a change of visibility or
 * focus. `restored`: whether the page came out of the bfcache.
 */
const PAGE = `
<script>
  restored = false
  changedAt = []
  for (const name of ['visibilitychange', 'blur', 'focus'])
    addEventListener(name, () => { changedAt.push(Date.now()) })
  addEventListener('DOMContentLoaded', () => { beganAt = Date.now() })
  addEventListener('pageshow', (event) => { restored ||= event.persisted })
</script>
<p><a id="next" href="/next">Next</a></p>
<p><a id="pdf" href="/guide.pdf">Guide</a> <a id="zip" href="/DRAWINGS.ZIP">Drawings</a>
<a id="marked" href="/report.csv" download>Report</a></p>
<p><button id="cart" data-leadwake-cart="Pump" data-leadwake-quantity="2">Add to cart</button></p>`

/** A customer's shop on one origin, its collector on another with a recorder in front. */
export interface Shop {
  wire: Recorder
  url(path: string): string
  stats(): Promise<StatsAnswer>
  /** Page views in the state file, by path. */
  views(): Record<string, number>
  remove(): Promise<void>
}

/**
 * The first is held back until the tag's script is there, so that nothing but that one runs between the first two
 * marks. What the same place costs an empty script is the time between the next two, and a script that only sends
 * something that between the last two.
 */
const MARKS = {
  '/before.js': () => sleep(100, "performance.mark('before')"),
  '/after.js': async () => "performance.mark('after')",
  '/nothing.js': async () => '',
  '/end.js': async () => "performance.mark('end')",
  '/send.js': async () =>
    "fetch('/nowhere', { method: 'POST', body: '{}', keepalive: true, credentials: 'omit' }).catch(() => {})",
  '/sent.js': async () => "performance.mark('sent')",
}

/** A collector for many shops, with a clock that goes, which counts the browsers that the tests drive. */
export async function collectorForShops(): Promise<TestCollector> {
  const lw = await testCollector({ config: { webdriver: 'count' } })
  // Real browsers bring their own clocks, so that the collector's has to go as theirs do.
  Object.defineProperty(lw.clock, 'now', { get: () => Date.now() })
  return lw
}

export interface ShopOptions {
  lw: TestCollector
  /** Given: the browser keeps an id and what it could not send. Required: it keeps nothing. */
  consent?: 'given' | 'required'
  /** Pages have marks around the tag's script. */
  timed?: boolean
}

export async function shop({ lw, consent = 'given', timed = false }: ShopOptions): Promise<Shop> {
  // As long as people's ids are: it travels in each body.
  const id = randomUUID().slice(0, 8)
  await addSite(lw, id, consent)
  const wire = await recordFor(lw.origin)
  const tag = `<script defer src="${wire.origin}/l.js?s=${id}"></script>`
  const script = (name: string) => `<script defer src="/${name}.js"></script>`
  const timedTag =
    script('before') +
    tag +
    script('after') +
    script('nothing') +
    script('end') +
    script('send') +
    script('sent')
  const site = await (timed ? siteWith(timedTag, PAGE, MARKS) : siteWith(tag, PAGE))
  return {
    wire,
    url: (path) => site.origin + path,
    stats: async () => (await lw.call('GET', `/v1/stats?site=${id}`)).body,
    views: () => storedViews(lw.db, id),
    async remove() {
      await site.stop()
      await wire.stop()
    },
  }
}
