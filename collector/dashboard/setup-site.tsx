import type { RefusalsAnswer } from '../../shared/api.ts'
import { PIECE_NAMES } from '../script.ts'
import type { Frame } from './layout.tsx'
import { siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { Refused } from './refused.tsx'
import { SetUp, type SetUpProps } from './setup.tsx'
import { InstallCheck } from './setup-check.tsx'
import { type Said, SetUpFrame } from './setup-frame.tsx'
import { ConsentAndHosts, ZoneField } from './setup-new.tsx'

export interface SiteSettings {
  id: string
  name: string
  consent: 'required' | 'given'
  hosts: string[]
  /** Days; null: for ever. */
  retention: number | null
  /** What its script takes on. */
  with: string[]
  timeZone: string
}

export interface SitePageProps {
  frame: Frame & { site: string }
  said: Said
  setUp: SetUpProps
  refusals: RefusalsAnswer
  visitors: number
  today: string
  /** Undefined where who looks may not change them. */
  settings: SiteSettings | undefined
}

function Settings({ frame, settings }: { frame: SitePageProps['frame']; settings: SiteSettings }) {
  const { t } = useLocale()
  return (
    <section class="card" aria-labelledby="settings">
      <h2 id="settings">{t.setup.settings}</h2>
      <form method="post" action={siteUrl('/setup', frame.site)} class="form">
        <label>
          {t.setup.name}
          <input name="name" value={settings.name} required maxlength={200} />
        </label>
        <ConsentAndHosts consent={settings.consent} hosts={settings.hosts.join(', ')} />
        <label>
          {t.setup.retention}
          <input
            type="number"
            name="retention"
            min="1"
            step="1"
            value={settings.retention === null ? '' : String(settings.retention)}
          />
        </label>
        <fieldset class="pieces">
          <legend>{t.setup.script}</legend>
          {PIECE_NAMES.map((piece) => (
            <label class="tick-label">
              <input type="checkbox" name="with" value={piece} checked={settings.with.includes(piece)} />
              <span>
                {piece} <span class="quiet">{t.setup.pieces[piece]}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <button type="submit" class="button">
          {t.list.save}
        </button>
      </form>
      <form method="get" action="/setup/zone" class="form new narrow-form">
        <input type="hidden" name="site" value={frame.site} />
        <ZoneField value={settings.timeZone} />
        <p class="quiet">{t.setup.zoneWhat}</p>
        <button type="submit" class="button second">
          {t.setup.zoneChange}…
        </button>
      </form>
    </section>
  )
}

/** A site from its tag to its first lead: whether it works, what to paste, what is refused, its settings. */
export function SetUpSite(props: SitePageProps) {
  const { t } = useLocale()
  const { frame, said, setUp, refusals, visitors, today, settings } = props
  return (
    <SetUpFrame frame={frame} part="site" said={said}>
      <InstallCheck check={{ visitors, refusals }} site={frame.site} today={today} />
      <section class="card" aria-labelledby="install">
        <h2 id="install">
          {t.setup.from} <bdi>{setUp.site}</bdi>
        </h2>
        <SetUp {...setUp} />
      </section>
      <Refused refusals={refusals} />
      {settings ? <Settings frame={frame} settings={settings} /> : null}
    </SetUpFrame>
  )
}
