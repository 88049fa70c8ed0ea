import type { Context } from 'hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Person } from '../staff.ts'
import { answer } from './answer.tsx'
import { Confirm } from './confirm.tsx'
import type { DashboardDeps } from './deps.ts'
import type { Gate } from './gate.tsx'
import { type Frame, siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { NEW_SITE_PATH } from './setup-frame.tsx'
import { NewSite } from './setup-new.tsx'

const MAX_FORM_BYTES = 65_536
const ZONE_PATH = '/setup/zone'

type Framed = Frame & { site: string }

export interface SiteRoutes extends Pick<DashboardDeps, 'api'> {
  gate: Gate
  siteFrame(c: Context, person: Person, active: Frame['active']): Promise<Framed | Response>
}

/** Host names out of a list with commas or blanks. */
export const hostsIn = (posted: URLSearchParams): string[] =>
  (posted.get('hosts') ?? '').split(/[\s,]+/).filter((host) => host !== '')

/** Makes a site, and counts one again by the days of another time zone, which is asked before. */
export function siteRoutes({ api, gate: { own, signedIn }, siteFrame }: SiteRoutes): Hono {
  const form = bodyLimit({ maxSize: MAX_FORM_BYTES })
  const framed =
    (show: (c: Context, frame: Framed, posted: URLSearchParams) => Response | Promise<Response>) =>
    async (c: Context, person: Person) => {
      const frame = await siteFrame(c, person, 'setup')
      if (frame instanceof Response) return frame
      return show(c, frame, new URLSearchParams(c.req.method === 'POST' ? await c.req.text() : ''))
    }

  return new Hono()
    .get(
      NEW_SITE_PATH,
      signedIn(
        framed((c, frame, sent) => answer(c, <NewSite {...{ frame, sent }} said={{}} />)),
        'admin',
      ),
    )
    .post(
      NEW_SITE_PATH,
      form,
      own(
        signedIn(
          framed(async (c, frame, sent) => {
            const said = Object.fromEntries(
              ['id', 'name', 'consent', 'timeZone'].map((f) => [f, sent.get(f)?.trim()]),
            )
            const { status, detail } = await api(c, 'POST', '/v1/sites', { ...said, hosts: hostsIn(sent) })
            if (status >= 300)
              return answer(c, <NewSite {...{ frame, sent }} said={{ error: detail }} />, 422)
            return c.redirect(`${siteUrl('/setup', said.id)}&saved`, 303)
          }),
          'admin',
        ),
      ),
    )
    .get(
      ZONE_PATH,
      signedIn(
        framed((c, frame) => answer(c, <Zone frame={frame} zone={c.req.query('timeZone') ?? ''} />)),
        'admin',
      ),
    )
    .post(
      ZONE_PATH,
      form,
      own(
        signedIn(
          framed(async (c, frame, posted) => {
            const zone = posted.get('timeZone')?.trim() ?? ''
            const withoutErased = posted.has('withoutErased')
            const path = `/v1/sites/${encodeURIComponent(frame.site)}/rebuild`
            const { status, detail } = await api(c, 'POST', path, { timeZone: zone, withoutErased })
            if (status >= 300) return answer(c, <Zone {...{ frame, zone, error: detail }} />, 422)
            return c.redirect(`${siteUrl('/setup', frame.site)}&${status === 202 ? 'begun' : 'saved'}`, 303)
          }),
          'admin',
        ),
      ),
    )
}

/** What the collector says where people were erased: only who says so counts without them. */
const ERASED = /were erased/

function Zone({ frame, zone, error }: { frame: Framed; zone: string; error?: string }) {
  const { t } = useLocale()
  const without = error !== undefined && ERASED.test(error)
  return (
    <Confirm
      {...{ frame, error }}
      title={t.setup.zoneSure}
      name={zone}
      text={t.setup.zoneText}
      action={siteUrl(ZONE_PATH, frame.site)}
      button={without ? t.setup.zoneWithout : t.setup.zoneChange}
      back={siteUrl('/setup', frame.site)}
      fields={{ timeZone: zone, ...(without && { withoutErased: 'yes' }) }}
    />
  )
}
