import { useLocale } from './locale.ts'

/** How the collector itself is. */
export interface System {
  /** Entries that are acknowledged and not projected. */
  lag: number
  /** Bytes of the files, and of their write-ahead logs. */
  state: number
  log: number
  wal: { state: number; log: number }
  /** What an operator has to look at, a sentence each. */
  alarms: string[]
}

export function SystemHealth({ system }: { system: System }) {
  const { f } = useLocale()
  const { lag, state, log, wal, alarms } = system
  const rows: [what: string, value: string][] = [
    ['Entries that wait to be projected', f.count(lag)],
    ['Database', `${f.megabytes(state)}, and ${f.megabytes(wal.state)} of write-ahead log`],
    ['Intake log', `${f.megabytes(log)}, and ${f.megabytes(wal.log)} of write-ahead log`],
  ]
  return (
    <section class="card" aria-labelledby="system">
      <h2 id="system">The collector</h2>
      {alarms.length === 0 ? (
        <p>Nothing to look at.</p>
      ) : (
        <ul role="alert">
          {alarms.map((alarm) => (
            <li>{alarm}</li>
          ))}
        </ul>
      )}
      <table>
        <tbody>
          {rows.map(([what, value]) => (
            <tr>
              <th scope="row">{what}</th>
              <td class="number">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
