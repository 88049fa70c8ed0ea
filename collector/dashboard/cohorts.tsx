import type { CohortsReport } from '../../shared/reports.ts'
import { useLocale } from './locale.ts'
import { type Column, Table } from './table.tsx'

type Cohort = CohortsReport['cohorts'][number]

/** Leads by when they became known. A share that may grow yet is marked: a young cohort is no worse than an old one. */
export function Cohorts({ cohorts: { interval, cohorts }, now }: { cohorts: CohortsReport; now: number }) {
  const { t, f } = useLocale()
  const [first] = cohorts
  const known = cohorts.some(({ leads }) => leads > 0)
  const columns: Column<Cohort>[] = [
    {
      title: t.reports.cohort[interval],
      names: true,
      nowrap: true,
      cell: ({ at }) => (interval === 'month' ? f.month(at) : f.day(at, now)),
    },
    { title: t.reports.steps.lead, number: true, cell: ({ leads }) => f.count(leads) },
    ...(first?.reached ?? []).map(
      ({ step, days }, i): Column<Cohort> => ({
        title: t.reports.within(t.reports.steps[step], f.count(days)),
        number: true,
        // On a phone there is room for one of each step.
        ...(step === 'sql' && days < 90 && { from: 'wide' as const }),
        cell: ({ leads, reached }) => <Share leads={leads} reached={reached[i]!} />,
      }),
    ),
  ]
  return (
    <section class="card" aria-labelledby="cohorts">
      <h2 id="cohorts">{t.reports.cohorts}</h2>
      {known ? (
        <>
          <Table look="ways" rows={cohorts} columns={columns} />
          <p class="quiet">{t.reports.cohortsNote}</p>
        </>
      ) : (
        <p class="quiet">{t.reports.nobody}</p>
      )}
    </section>
  )
}

function Share({ leads, reached: { count, isOpen } }: { leads: number; reached: Cohort['reached'][number] }) {
  const { t, f } = useLocale()
  if (leads === 0) return <>{'\u2013'}</>
  if (!isOpen) return <>{f.share(count, leads)}</>
  return (
    <span class="so-far" title={t.reports.soFar}>
      {f.share(count, leads)}
      <span class="unseen"> {t.reports.soFar}</span>
    </span>
  )
}
