import type { LeadAnswer } from '../../shared/api.ts'
import type { Reason } from '../../shared/lead.ts'
import type { Formats } from './format.ts'
import { useLocale } from './locale.ts'
import { Bar } from './parts.tsx'
import type { Strings } from './strings/en.ts'
import { type Column, Table } from './table.tsx'

/** Why a score is what it is: its lines by group, each with its points, and the sum. */

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

function groupReasons(reasons: Reason[], names: Strings['why']): Group[] {
  const byGroup = Map.groupBy(reasons, (reason) => reason.group ?? '')
  const known: Record<string, string> = names.groups
  return [...byGroup]
    .map(([id, own]) => ({
      name: id === '' ? names.bounds : Object.hasOwn(known, id) ? known[id]! : id,
      points: sum(own),
      reasons: own.toSorted((a, b) => bound(a) - bound(b) || Math.abs(b.points) - Math.abs(a.points)),
    }))
    .toSorted((a, b) => b.points - a.points)
}

/** The events of the day that a line is of; scores count days by UTC. Of a bound there are none. */
function dayUrl(lead: string, { at, rule }: Reason): string | undefined {
  const day = at.slice(0, 10)
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || /^(cap:.*|floor|cut)$/.test(rule)) return undefined
  return `/leads/${encodeURIComponent(lead)}?day=${day}#timeline`
}

const columnsOf = (lead: string, now: number, t: Strings, f: Formats): Column<Reason>[] => [
  {
    title: t.why.what,
    cell: (reason) => {
      const href = dayUrl(lead, reason)
      const label = <bdi>{reason.label}</bdi>
      return (
        <>
          {href ? <a href={href}>{label}</a> : label}
          {reason.count !== undefined && reason.count > 1 ? (
            <span class="quiet"> ×{f.count(reason.count)}</span>
          ) : null}
        </>
      )
    },
  },
  {
    title: t.why.when,
    class: 'quiet',
    nowrap: true,
    cell: ({ at }) => <time datetime={at}>{f.day(at, now)}</time>,
  },
  {
    title: t.why.onTheDay,
    number: true,
    nowrap: true,
    from: 'wide',
    class: 'quiet',
    cell: ({ points, pointsThen = points, pointsUncapped: uncapped }) =>
      [
        Math.abs(pointsThen - points) < 0.005 ? '' : t.why.before(f.points(pointsThen)),
        uncapped === undefined ? '' : t.why.capped(f.points(uncapped)),
      ]
        .filter(Boolean)
        .join(', '),
  },
  { title: t.why.today, number: true, nowrap: true, cell: ({ points }) => f.points(points) },
]

function GroupOfReasons(props: { group: Group; largest: number; lead: string; now: number }) {
  const { t, f } = useLocale()
  const { group, largest, lead, now } = props
  const columns = columnsOf(lead, now, t, f)
  const rest = group.reasons.slice(LINES_SHOWN)
  return (
    <section class="group">
      <h3>
        <bdi>{group.name}</bdi> <span class="number">{f.points(group.points)}</span>
      </h3>
      <Bar share={(100 * Math.abs(group.points)) / largest} kind={group.points < 0 ? 'bad' : 'good'} />
      <Table
        look="lines"
        label={group.name}
        quietHead
        rows={group.reasons.slice(0, LINES_SHOWN)}
        columns={columns}
      />
      {rest.length > 0 ? (
        <details>
          <summary>{t.why.more(f.count(rest.length), f.points(sum(rest)))}</summary>
          <Table look="lines" label={t.why.rest(group.name)} quietHead rows={rest} columns={columns} />
        </details>
      ) : null}
    </section>
  )
}

export function Why({ lead, now }: { lead: LeadAnswer; now: number }) {
  const { t, f } = useLocale()
  const groups = groupReasons(lead.reasons, t.why)
  const largest = Math.max(1, ...groups.map((group) => Math.abs(group.points)))
  return (
    <section class="card" aria-labelledby="why">
      <h2 id="why">{t.why.title(f.score(lead.engagement))}</h2>
      {groups.length === 0 ? (
        <p class="quiet">{t.why.none}</p>
      ) : (
        groups.map((group) => <GroupOfReasons {...{ group, largest, now }} lead={lead.id} />)
      )}
      <p class="sum">
        <span>{t.why.sum}</span> <strong class="number">{f.exact(sum(lead.reasons))}</strong>
      </p>
      <p class="quiet">
        {t.why.thresholds(
          f.score(lead.thresholds.mql),
          f.score(lead.thresholds.sql),
          String(lead.rulesVersion),
        )}
      </p>
    </section>
  )
}
