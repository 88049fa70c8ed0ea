import { ENTRY_VERSION } from './entry.ts'
import type { IntakeLog } from './log/log.ts'
import type { Memory } from './memory.ts'
import { reportedSetting } from './project/webhooks.ts'
import { mondayOf } from './read/week.ts'
import type { Reader } from './reader.ts'
import type { Site, WebhookRow } from './store/store.ts'
import { zonesByName } from './zone.ts'

const DAY_MS = 86_400_000

export interface WeeklyDeps {
  memory: Pick<Memory, 'sites' | 'setting' | 'webhooks'>
  ask: Pick<Reader, 'week'>
  log: Pick<IntakeLog, 'append'>
  now: () => number
}

/**
 * Puts the report of the week that is over into the log, once Monday has begun by the site's clock: where a webhook wants
 * it that was there by then. Asked again before it is projected it puts it there again, which is harmless.
 */
export function weeklyReports({ memory, ask, log, now }: WeeklyDeps): () => Promise<void> {
  const zones = zonesByName()
  return async () => {
    const failed: unknown[] = []
    for (const site of memory.sites()) {
      // One whose numbers cannot be read keeps no other from its report.
      try {
        await reportOf(site)
      } catch (error) {
        failed.push(error)
      }
    }
    if (failed.length > 0)
      throw failed.length === 1 ? failed[0] : new AggregateError(failed, 'weekly reports')
  }

  async function reportOf({ id, timeZone }: Pick<Site, 'id' | 'timeZone'>): Promise<void> {
    const wanting = memory.webhooks().filter((webhook) => wantsReport(webhook, id))
    if (wanting.length === 0) return
    const zone = zones(timeZone)
    const monday = mondayOf(zone.dayOf(now()))
    const from = new Date((monday - 7) * DAY_MS).toISOString().slice(0, 10)
    if ((memory.setting(reportedSetting(id)) ?? '') >= from) return
    if (!wanting.some(({ createdAt }) => createdAt < zone.startOf(monday))) return
    const report = await ask.week(id, monday - 7)
    if (report) await log.append({ kind: 'report', v: ENTRY_VERSION, site: id, report })
  }
}

const wantsReport = ({ enabled, site, events }: WebhookRow, id: string): boolean =>
  enabled && (site === null || site === id) && (events.includes('*') || events.includes('report.weekly'))
