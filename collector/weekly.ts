import { ENTRY_VERSION } from './entry.ts'
import type { IntakeLog } from './log/log.ts'
import type { Memory } from './memory.ts'
import { reportedSetting } from './project/webhooks.ts'
import { mondayOf } from './read/week.ts'
import type { Reader } from './reader.ts'
import type { WebhookRow } from './store/store.ts'
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
    for (const { id, timeZone } of memory.sites()) {
      const wanting = memory.webhooks().filter((webhook) => wantsReport(webhook, id))
      if (wanting.length === 0) continue
      const zone = zones(timeZone)
      const monday = mondayOf(zone.dayOf(now()))
      const from = new Date((monday - 7) * DAY_MS).toISOString().slice(0, 10)
      if ((memory.setting(reportedSetting(id)) ?? '') >= from) continue
      if (!wanting.some(({ createdAt }) => createdAt < zone.startOf(monday))) continue
      const report = await ask.week(id, monday - 7)
      if (report) await log.append({ kind: 'report', v: ENTRY_VERSION, site: id, report })
    }
  }
}

const wantsReport = ({ enabled, site, events }: WebhookRow, id: string): boolean =>
  enabled && (site === null || site === id) && (events.includes('*') || events.includes('report.weekly'))
