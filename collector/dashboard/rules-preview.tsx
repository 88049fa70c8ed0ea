import { STAGES, type Stage } from '../../shared/lead.ts'
import type { Backtest, Moved } from '../lead/preview.ts'
import type { PreviewAnswer } from '../read/preview.ts'
import { useLocale } from './locale.ts'
import { StageBadge } from './parts.tsx'
import { type Column, Table } from './table.tsx'

/** Rules named of one lead that moves. */
const RULES_NAMED = 2

export interface Draft extends PreviewAnswer {
  /** Names of those who move, by id. */
  names: Record<string, string>
}

function Matrix({ matrix }: Draft) {
  const { t, f } = useLocale()
  const stages = STAGES.filter((stage) =>
    STAGES.some((other) => matrix[stage][other] > 0 || matrix[other][stage] > 0),
  )
  const columns: Column<Stage>[] = [
    { title: t.preview.now, names: true, cell: (stage) => <StageBadge stage={stage} /> },
    ...stages.map(
      (to): Column<Stage> => ({
        title: t.stages[to],
        number: true,
        cell: (from) => {
          const count = matrix[from][to]
          if (count === 0) return <span class="quiet">–</span>
          return from === to ? f.count(count) : <strong>{f.count(count)}</strong>
        },
      }),
    ),
  ]
  return (
    <section class="card" aria-labelledby="matrix">
      <h2 id="matrix">{t.preview.matrix}</h2>
      <div class="scroll">
        <Table look="ways" rows={stages} columns={columns} />
      </div>
    </section>
  )
}

function Weeks({ sqlsPerWeek, overCapacity }: Draft) {
  const { t, f } = useLocale()
  return (
    <section class="card" aria-labelledby="weeks">
      <h2 id="weeks">{t.preview.weeks}</h2>
      <Table
        look="ways"
        rows={sqlsPerWeek}
        columns={[
          { title: t.preview.week, names: true, cell: ({ monday }) => f.day(monday, Date.parse(monday)) },
          { title: t.preview.now, number: true, cell: ({ current }) => f.count(current) },
          { title: t.preview.draft, number: true, cell: ({ draft }) => f.count(draft) },
        ]}
      />
      {overCapacity ? (
        <p class="doubt">{t.preview.over(f.count(overCapacity.current), f.count(overCapacity.draft))}</p>
      ) : null}
    </section>
  )
}

function Movers({ movers, moved, names }: Draft) {
  const { t, f } = useLocale()
  if (movers.length === 0) return null
  const columns: Column<Moved>[] = [
    {
      title: t.list.who,
      names: true,
      cell: ({ id }) => (
        <a href={`/leads/${encodeURIComponent(id)}`}>
          <bdi>{names[id] ?? id}</bdi>
        </a>
      ),
    },
    {
      title: t.list.stage,
      nowrap: true,
      cell: ({ from, to }) => (
        <>
          <StageBadge stage={from} /> → <StageBadge stage={to} />
        </>
      ),
    },
    {
      title: t.list.engagement,
      number: true,
      nowrap: true,
      from: 'wide',
      cell: ({ engagement: [current, draft] }) => `${f.score(current)} → ${f.score(draft)}`,
    },
    {
      title: t.preview.why,
      from: 'wide',
      cell: ({ rules }) => (
        <bdi>
          {rules.length === 0
            ? t.preview.gates
            : rules
                .slice(0, RULES_NAMED)
                .map(({ label, current, draft }) => `${label} ${f.points(draft - current)}`)
                .join(', ')}
        </bdi>
      ),
    },
  ]
  return (
    <section class="card" aria-labelledby="movers">
      <h2 id="movers">{t.preview.movers}</h2>
      <Table look="ways" rows={movers} columns={columns} />
      {moved > movers.length ? <p class="quiet">{t.preview.more(f.count(moved - movers.length))}</p> : null}
    </section>
  )
}

function Against({ backtest }: Draft) {
  const { t, f } = useLocale()
  const share = (estimate: { value: number } | null) => (estimate === null ? '–' : f.percent(estimate.value))
  const measures: [name: string, show: (side: Backtest) => string][] = [
    [t.preview.sqls, ({ sqls }) => f.count(sqls)],
    [t.preview.precision, ({ precision }) => share(precision)],
    [t.preview.recall, ({ recall }) => share(recall)],
    [t.preview.auc, ({ auc }) => (auc === null ? '–' : f.exact(auc.value))],
    [t.preview.ahead, ({ daysAhead }) => (daysAhead === null ? '–' : f.count(daysAhead))],
  ]
  return (
    <section class="card" aria-labelledby="backtest">
      <h2 id="backtest">{t.preview.backtest}</h2>
      {backtest === null ? (
        <p class="quiet">{t.preview.noOutcome}</p>
      ) : (
        <>
          <p class="quiet">{t.preview.outcomes(f.count(backtest.outcomes), f.count(backtest.won))}</p>
          <Table
            look="ways"
            rows={measures}
            columns={[
              { title: t.preview.measure, names: true, cell: ([name]) => name },
              { title: t.preview.now, number: true, cell: ([, show]) => show(backtest.current) },
              { title: t.preview.draft, number: true, cell: ([, show]) => show(backtest.draft) },
            ]}
          />
        </>
      )}
    </section>
  )
}

/** What a draft would change, before anything does. */
export function RulesPreview({ draft }: { draft: Draft }) {
  const { t, f } = useLocale()
  return (
    <section id="preview" class="stack" aria-label={t.preview.title}>
      <p class="next">
        <strong>{t.preview.title}</strong> {t.preview.moved(f.count(draft.moved), f.count(draft.leads))}
      </p>
      <div class="columns halves">
        <Matrix {...draft} />
        <Weeks {...draft} />
      </div>
      <div class="columns halves">
        <Movers {...draft} />
        <Against {...draft} />
      </div>
    </section>
  )
}
