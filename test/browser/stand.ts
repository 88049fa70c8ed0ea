import { expect } from 'vitest'
import type { LeadAnswer, LeadListItem, Page, StatsAnswer, TimelineItem } from '../../shared/api.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { type Recorder, recordFor } from './recorder.ts'

/**
 * Tuesday 4 March 2025, 09:00 UTC: in the past, since the demo's form handler stamps with the machine's clock, and
 * the collector takes what lies ahead of its own as now.
 */
export const FIRST_DAY = Date.UTC(2025, 2, 4, 9)

/** The projection is a few ms behind the acknowledgement; what is not there by then will not come. */
export const SOON = { interval: 5, timeout: 5_000 }

export interface Stand {
  lw: TestCollector
  wire: Recorder
  /** Waits until the stored numbers are these. */
  stats(expected: Partial<StatsAnswer>): Promise<void>
  leads(): Promise<LeadListItem[]>
  /** The only lead. */
  lead(): Promise<LeadAnswer>
  /** What the only lead did. */
  timeline(): Promise<TimelineItem[]>
  stop(): Promise<void>
}

/** A collector with the demo site, behind a recorder. */
export async function stand(): Promise<Stand> {
  const lw = await testCollector({ demo: true, now: FIRST_DAY })
  const wire = await recordFor(lw.origin)
  const ask = async <T>(path: string): Promise<T> => (await lw.call('GET', path)).body
  const leads = async () => (await ask<Page<LeadListItem>>('/v1/leads?site=demo')).items
  const only = async () => {
    const found = await leads()
    expect(found).toHaveLength(1)
    return `/v1/leads/${found[0]!.id}`
  }
  return {
    lw,
    wire,
    async stats(expected) {
      await expect.poll(() => ask<StatsAnswer>('/v1/stats?site=demo'), SOON).toMatchObject(expected)
    },
    leads,
    lead: async () => ask(await only()),
    timeline: async () => (await ask<Page<TimelineItem>>(`${await only()}/timeline?limit=500`)).items,
    async stop() {
      await wire.stop()
      await lw.remove()
    },
  }
}
