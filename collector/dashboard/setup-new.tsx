import type { Frame } from './layout.tsx'
import { siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { NEW_SITE_PATH, type Said, SetUpFrame } from './setup-frame.tsx'

/** Zones that a browser offers while one is typed. */
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]

/** A time zone by its name, with those that there are. */
export function ZoneField({ value }: { value: string }) {
  const { t } = useLocale()
  return (
    <label>
      {t.setup.zone}
      <input name="timeZone" value={value} required list="zones" autocomplete="off" spellcheck={false} />
      <datalist id="zones">
        {ZONES.map((zone) => (
          <option value={zone} />
        ))}
      </datalist>
    </label>
  )
}

export function ConsentAndHosts({ consent, hosts }: { consent: string; hosts: string }) {
  const { t } = useLocale()
  return (
    <>
      <label>
        {t.setup.consent}
        <select name="consent">
          {(['required', 'given'] as const).map((one) => (
            <option value={one} selected={one === consent}>
              {t.setup[one]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t.setup.hosts}
        <input name="hosts" value={hosts} placeholder="www.example.com, shop.example.com" />
      </label>
    </>
  )
}

export interface NewSiteProps {
  frame: Frame & { site: string }
  said: Said
  /** What was sent, where it was refused. */
  sent: URLSearchParams
}

/** Makes another site. */
export function NewSite({ frame, said, sent }: NewSiteProps) {
  const { t } = useLocale()
  const value = (name: string, otherwise = '') => sent.get(name) ?? otherwise
  return (
    <SetUpFrame frame={frame} part="site" said={said}>
      <section class="card" aria-labelledby="fresh">
        <h2 id="fresh">{t.setup.fresh}</h2>
        <p class="quiet">{t.setup.freshWhat}</p>
        <form method="post" action={siteUrl(NEW_SITE_PATH, frame.site)} class="form">
          <label>
            {t.setup.name}
            <input name="name" value={value('name')} required maxlength={200} />
          </label>
          <label>
            {t.setup.id}
            <input
              name="id"
              value={value('id')}
              required
              maxlength={64}
              pattern="[A-Za-z0-9_\-]+"
              autocomplete="off"
              spellcheck={false}
            />
          </label>
          <ConsentAndHosts consent={value('consent', 'required')} hosts={value('hosts')} />
          <ZoneField value={value('timeZone', 'UTC')} />
          <p class="bulk">
            <button type="submit" class="button">
              {t.setup.make}
            </button>
            <a class="button second" href={siteUrl('/setup', frame.site)}>
              {t.list.cancel}
            </a>
          </p>
        </form>
      </section>
    </SetUpFrame>
  )
}
