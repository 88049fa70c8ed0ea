import { useLocale } from './locale.ts'

/** How many are there now; the script keeps it true. */
export function LiveNow({ site, present }: { site: string; present: number }) {
  const { t, f } = useLocale()
  const { live } = t.overview
  return (
    <p
      class={present === 0 ? 'live is-quiet' : 'live'}
      data-live={site}
      data-zone={f.timeZone}
      data-words={JSON.stringify(live.did)}
    >
      <span class="dot" aria-hidden="true" />
      <span data-live-now>{f.count(present)}</span> {live.now}
    </p>
  )
}

/** What was done last; there once something was, for who runs the script. */
export function LiveEvents() {
  const { t } = useLocale()
  return (
    <section class="card live-events" aria-label={t.overview.live.last} hidden>
      <h2>{t.overview.live.last}</h2>
      <ol data-live-events />
    </section>
  )
}
