import type { LeadAnswer } from '../../shared/api.ts'
import type { Reason } from '../../shared/lead.ts'
import { useLocale } from './locale.ts'
import { Bar } from './parts.tsx'
import { type Column, Table } from './table.tsx'

/** Why a score is what it is: its lines by group, each with its points, and the sum. */

const GROUP_NAMES: Record<string, string> = {
  visits: 'Visits',
  depth: 'Time and depth',
  intent: 'Intent pages and cart',
  content: 'Content',
  email: 'E-mail',
  hand: 'Raised a hand',
  sticky: 'Recommendation and timing',
  neg: 'Against',
}
const BOUNDS = 'Bounds of the score'
/** Lines of a group before the rest is folded away. */
const LINES_SHOWN = 6

interface Group {
  name: string
  points: number
  reasons: Reason[]
}

/** Points add up in hundredths: as floats, 0.1 + 0.2 would print a sum that is not the score. */
const sum = (reasons: Reason[]): number =>
  reasons.reduce((total, reason) => total + Math.round(reason.points * 100), 0) / 100

/** What a bound takes away stands below the lines that it is taken from. */
const bound = ({ rule }: Reason): number => Number(rule.startsWith('cap:'))

function groupReasons(reasons: Reason[]): Group[] {
  const byGroup = Map.groupBy(reasons, (reason) => reason.group ?? '')
  return [...byGroup]
    .map(([id, own]) => ({
      name: id === '' ? BOUNDS : (GROUP_NAMES[id] ?? id),
      points: sum(own),
      reasons: own.toSorted((a, b) => bound(a) - bound(b) || Math.abs(b.points) - Math.abs(a.points)),
    }))
    .toSorted((a, b) => b.points - a.points)
}

function Lines({ reasons, now, label }: { reasons: Reason[]; now: number; label: string }) {
  const { f } = useLocale()
  const columns: Column<Reason>[] = [
    {
      title: 'What',
      cell: ({ label, count }) => (
        <>
          <bdi>{label}</bdi>
          {count !== undefined && count > 1 ? <span class="quiet"> ×{count}</span> : null}
        </>
      ),
    },
    {
      title: 'When',
      class: 'quiet',
      nowrap: true,
      cell: ({ at }) => <time datetime={at}>{f.day(at, now)}</time>,
    },
    {
      title: 'Points on the day',
      number: true,
      nowrap: true,
      from: 'wide',
      class: 'quiet',
      cell: ({ points, pointsThen = points, pointsUncapped: uncapped }) =>
        [
          Math.abs(pointsThen - points) < 0.005 ? '' : `${f.points(pointsThen)} then`,
          uncapped === undefined ? '' : `capped from ${f.points(uncapped)} that day`,
        ]
          .filter(Boolean)
          .join(', '),
    },
    { title: 'Points today', number: true, nowrap: true, cell: ({ points }) => f.points(points) },
  ]
  return <Table look="lines" label={label} quietHead rows={reasons} columns={columns} />
}

function GroupOfReasons({ group, largest, now }: { group: Group; largest: number; now: number }) {
  const { f } = useLocale()
  const rest = group.reasons.slice(LINES_SHOWN)
  return (
    <section class="group">
      <h3>
        <bdi>{group.name}</bdi> <span class="number">{f.points(group.points)}</span>
      </h3>
      <Bar share={(100 * Math.abs(group.points)) / largest} kind={group.points < 0 ? 'bad' : 'good'} />
      <Lines reasons={group.reasons.slice(0, LINES_SHOWN)} now={now} label={group.name} />
      {rest.length > 0 ? (
        <details>
          <summary>
            {rest.length} more, {f.points(sum(rest))}
          </summary>
          <Lines reasons={rest} now={now} label={`${group.name}, the rest`} />
        </details>
      ) : null}
    </section>
  )
}

export function Why({ lead, now }: { lead: LeadAnswer; now: number }) {
  const { f } = useLocale()
  const groups = groupReasons(lead.reasons)
  const largest = Math.max(1, ...groups.map((group) => Math.abs(group.points)))
  return (
    <section class="card" aria-labelledby="why">
      <h2 id="why">Why {f.score(lead.engagement)} points</h2>
      {groups.length === 0 ? (
        <p class="quiet">
          Nothing that counts has happened yet, or it is so long ago that its points are gone.
        </p>
      ) : (
        groups.map((group) => <GroupOfReasons group={group} largest={largest} now={now} />)
      )}
      <p class="sum">
        <span>Sum of all lines</span> <strong class="number">{sum(lead.reasons).toFixed(2)}</strong>
      </p>
      <p class="quiet">
        Points fade with time. MQL from {f.score(lead.thresholds.mql)} points; SQL from{' '}
        {f.score(lead.thresholds.sql)} with frequent visits and intent, or at once by raising a hand. Rules
        version {lead.rulesVersion}.
      </p>
    </section>
  )
}
