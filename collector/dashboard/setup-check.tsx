import type { RefusalsAnswer } from '../../shared/api.ts'
import { useLocale } from './locale.ts'

export interface Check {
  /** Visitors who did something in the last half hour. */
  visitors: number
  refusals: RefusalsAnswer
}

/** Whether the tag works: what has just come in, and what was refused today and why. */
export function InstallCheck({ check, site, today }: { check: Check; site: string; today: string }) {
  const { t, f } = useLocale()
  const { visitors, refusals } = check
  const told: Record<string, string> = t.refused.why
  const own = refusals.days
    .filter(({ day }) => day === today)
    .map(({ reason, events }): [string, number] => [reason, events])
  const elsewhere = Object.entries(refusals.elsewhere ?? {})
  const waiting = visitors === 0
  const refused = [...own, ...(waiting ? elsewhere : [])]
  return (
    <section
      class="card"
      id="check"
      aria-labelledby="check-title"
      data-check={waiting ? `/setup/check?site=${encodeURIComponent(site)}` : undefined}
    >
      <h2 id="check-title">{t.check.title}</h2>
      {waiting ? (
        <p class="doubt" role="status">
          <strong>{t.check.waiting}</strong> {t.check.open}
        </p>
      ) : (
        <p class="done" role="status">
          {t.check.works(f.count(visitors))}
        </p>
      )}
      {refused.length > 0 ? (
        <>
          <h3>{t.check.refused}</h3>
          <ul class="moves">
            {refused.map(([reason, events]) => (
              <li>
                <strong>{reason}</strong> ({f.count(events)}){' '}
                {Object.hasOwn(told, reason) ? told[reason] : null}
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {waiting ? (
        <>
          <h3>{t.check.nothing}</h3>
          <ul class="moves">
            {t.check.causes.map((cause) => (
              <li>{cause}</li>
            ))}
          </ul>
        </>
      ) : null}
    </section>
  )
}
