import { formatCount } from './format.ts'

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

const megabytes = (bytes: number): string => `${formatCount(Math.ceil(bytes / 1e6))} MB`

export function SystemHealth({ system }: { system: System }) {
  const { lag, state, log, wal, alarms } = system
  const rows: [what: string, value: string][] = [
    ['Entries that wait to be projected', formatCount(lag)],
    ['Database', `${megabytes(state)}, and ${megabytes(wal.state)} of write-ahead log`],
    ['Intake log', `${megabytes(log)}, and ${megabytes(wal.log)} of write-ahead log`],
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
