/** What `leadwake doctor` looks at where collectors share a database. Changes nothing. */
import type { Config } from '../config.ts'
import { databaseSentence } from '../engine/database-error.ts'
import { lookAtDatabase } from '../engine/look-at-database.ts'
import { openSharedLog } from '../engine/shared-log.ts'
import { postgresReader } from '../store/postgres/read.ts'
import { threadModule } from '../thread-module.ts'
import { told, webhookFindings } from './doctor-state.ts'
import { type Finding, ok, warning, wrong } from './finding.ts'

/** Entries that wait for projection: more than some seconds' worth. */
const LONG_LAG = 50_000
/** Collectors go by the database's clock where their own is off; this machine's is to be set when it is off by more, ms. */
const CLOCK_SLACK_MS = 5_000

export async function databaseFindings(config: Config & { database: string }): Promise<Finding[]> {
  const { database: url, intakeLog: stream } = config
  const findings: Finding[] = []
  try {
    const seen = await lookAtDatabase(url)
    findings.push(ok('database', `PostgreSQL ${seen.version}`))
    const apart = Math.round(Math.abs(seen.now - Date.now()) / 1_000)
    findings.push(
      apart * 1_000 > CLOCK_SLACK_MS
        ? warning(
            'clock',
            `${apart} s apart from the database's, which collectors go by`,
            'set both clocks (NTP)',
          )
        : ok('clock', new Date().toISOString()),
    )
    if (seen.schema === 'none')
      return [...findings, wrong('schema', 'not made yet', 'start a collector once: leadwake serve')]
    if (seen.schema === 'newer')
      return [...findings, wrong('schema', 'of a newer Leadwake', 'start that version')]
    if (seen.schema === 'older')
      findings.push(warning('schema', 'of an older Leadwake', 'the next start brings it up to date'))
    else if (seen.schema === 'overtaken')
      findings.push(warning('schema', 'of a newer Leadwake, with which this one works', 'update this one'))
    else findings.push(ok('schema', 'up to date'))
    findings.push(await logFinding(url, stream, seen.projected))
    const { state, within, close } = postgresReader(url, { thread: threadModule('query-thread') })
    try {
      findings.push(...within(() => told(state, seen.deadLetters)))
      findings.push(
        ...(await webhookFindings(
          within(() => lastOf(state)),
          config,
        )),
      )
    } finally {
      close()
    }
  } catch (error) {
    findings.push(wrong('database', databaseSentence(error).message, 'mend that, then look again'))
  }
  return findings

  function lastOf({ deliveries }: ReturnType<typeof postgresReader>['state']) {
    return deliveries.webhooks().map((row) => ({ row, last: deliveries.last(row.id) }))
  }
}

async function logFinding(url: string, stream: string | undefined, projected: number): Promise<Finding> {
  const log = await openSharedLog({ url, stream })
  try {
    const lag = (await log.bounds()).last - projected
    const durability = log.durability?.()
    if (lag > LONG_LAG)
      return warning('projection', `${lag} entries behind`, 'look at /readyz: does the number go down?')
    if (durability && !durability.survivesPowerLoss)
      return warning('intake log', durability.why, 'see docs/operating.md, Past one process')
    return ok('projection', `${Math.max(0, lag)} entries behind${durability ? `; ${durability.why}` : ''}`)
  } finally {
    await log.close()
  }
}
