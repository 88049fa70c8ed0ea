import type { BackupNote } from '../backup-note.ts'
import { DAY } from './format.ts'
import type { Frame } from './layout.tsx'
import { siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { Ago, wordOf } from './parts.tsx'
import { type Said, SetUpFrame } from './setup-frame.tsx'
import type { Strings } from './strings/en.ts'
import { Table } from './table.tsx'

/** How the collector itself is. */
export interface System {
  /** Entries that are acknowledged and not projected. */
  lag: number
  /** Bytes. */
  state: number
  log: number
  /** What files have and a database does not: bytes of their write-ahead logs, and the last backup, null before the first. */
  files: { wal: { state: number; log: number }; backup: BackupNote | null } | undefined
  /** What an operator has to look at, a sentence each. */
  alarms: string[]
}

export interface DeadLetterRow {
  seq: number
  at: string
  kind: string
  site: string | null
  reason: string
}

export interface SystemProps {
  frame: Frame & { site: string }
  said: Said
  system: System | undefined
  /** Events by what became of them. */
  counts: Record<string, number>
  deadLetters: DeadLetterRow[]
  now: number
}

function Health({ system }: { system: System }) {
  const { t, f } = useLocale()
  const { lag, state, log, files, alarms } = system
  const size = (bytes: number, wal: number | undefined) =>
    wal === undefined ? f.megabytes(bytes) : t.system.size(f.megabytes(bytes), f.megabytes(wal))
  const rows: [what: string, value: string][] = [
    [t.system.lag, f.count(lag)],
    [t.system.database, size(state, files?.wal.state)],
    [t.system.log, size(log, files?.wal.log)],
  ]
  return (
    <section class="card" aria-labelledby="system">
      <h2 id="system">{t.system.title}</h2>
      {alarms.length === 0 ? (
        <p>{t.system.calm}</p>
      ) : (
        <div role="alert" class="error">
          <ul>
            {alarms.map((alarm) => (
              <li>{t.sentence(alarm)}</li>
            ))}
          </ul>
        </div>
      )}
      <Table
        look="rows"
        quietHead
        rows={rows}
        columns={[
          { title: t.list.name, names: true, cell: ([what]) => what },
          { title: t.system.value, number: true, nowrap: true, cell: ([, value]) => value },
        ]}
      />
    </section>
  )
}

/** What became of events, by the name under which it is counted: `dropped:bot` is a drop and its reason. */
function outcomeOf(name: string, t: Strings): string {
  const [outcome = '', reason] = name.split(':')
  const word = wordOf(t.system.outcomes, outcome)
  return reason === undefined ? word : `${word}: ${reason}`
}

const BACKUP = 'leadwake backup /var/backups/leadwake/$(date +%F)'
/** As docs/operating.md says it. */
const DUMP = 'pg_dump --format=custom --exclude-table-data=salts "$DATABASE_URL" > leadwake.dump'
/** Days after which a backup is called old. */
const OLD_DAYS = 7

function LastBackup({ backup, now }: { backup: BackupNote | null; now: number }) {
  const { t, f } = useLocale()
  if (backup === null) return <p class="doubt">{t.system.noBackup}</p>
  const isOld = now - Date.parse(backup.at) > OLD_DAYS * DAY
  return (
    <p class={isOld ? 'doubt' : undefined}>
      {t.system.lastBackup} <Ago at={backup.at} now={now} />, {f.megabytes(backup.bytes)},{' '}
      <bdi>{backup.folder}</bdi>
    </p>
  )
}

/** How the collector is: its files, what it was sent and what became of it, what failed. */
export function SetUpSystem({ frame, said, system, counts, deadLetters, now }: SystemProps) {
  const { t, f } = useLocale()
  const rows = Object.entries(counts).sort((a, b) => b[1] - a[1])
  return (
    <SetUpFrame frame={frame} part="system" said={said}>
      {system ? <Health system={system} /> : null}
      <section class="card" aria-labelledby="counts">
        <h2 id="counts">{t.system.counts}</h2>
        {rows.length === 0 ? (
          <p>{t.system.noCounts}</p>
        ) : (
          <>
            <p class="quiet">{t.system.countsWhat}</p>
            <Table
              look="rows"
              rows={rows}
              columns={[
                { title: t.system.outcome, names: true, cell: ([name]) => outcomeOf(name, t) },
                { title: t.system.events, number: true, cell: ([, events]) => f.count(events) },
              ]}
            />
          </>
        )}
      </section>
      <section class="card" aria-labelledby="dead">
        <h2 id="dead">{t.system.dead}</h2>
        {deadLetters.length === 0 ? (
          <p>{t.system.noDead}</p>
        ) : (
          <>
            <Table
              look="rows"
              rows={deadLetters}
              columns={[
                { title: t.refused.reason, names: true, cell: ({ reason }) => <bdi>{reason}</bdi> },
                { title: t.system.kind, cell: ({ kind }) => kind },
                { title: t.webhooks.when, nowrap: true, cell: ({ at }) => f.ago(at, now) },
              ]}
            />
            <form method="post" action={siteUrl('/setup/system/replay', frame.site)}>
              {deadLetters.map(({ seq }) => (
                <input type="hidden" name="seq" value={String(seq)} />
              ))}
              <button type="submit" class="button second">
                {t.system.replay}
              </button>
            </form>
          </>
        )}
      </section>
      <section class="card" aria-labelledby="backups">
        <h2 id="backups">{t.system.backups}</h2>
        {system?.files ? <LastBackup backup={system.files.backup} now={now} /> : null}
        <p class="quiet">{system && !system.files ? t.system.dumpHow : t.system.backupsHow}</p>
        <pre data-copy={t.setup.copy} data-copied={t.setup.copied}>
          <code>{system && !system.files ? DUMP : BACKUP}</code>
        </pre>
      </section>
    </SetUpFrame>
  )
}
