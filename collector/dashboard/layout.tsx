import type { Child } from 'hono/jsx'
import { opens, RIGHTS_OF_ROLE, type Right } from '../../shared/access.ts'
import type { Person } from '../staff.ts'
import { useLocale } from './locale.ts'
import { SCRIPT_PATH } from './script.ts'
import { CATALOGUES } from './strings/language.ts'
import { STYLE_PATH } from './style.ts'

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%230e7fa3' stroke-width='3' stroke-linecap='round'%3E%3Cpath d='M2 8q5-5 10 0t10 0M2 16q5-5 10 0t10 0'/%3E%3C/svg%3E"

/** What surrounds a page for somebody who is signed in. */
export interface Frame {
  sites: { id: string; name: string; timeZone: string }[]
  /** The site that the page is about. */
  site?: string
  active?: 'overview' | 'leads' | 'companies' | 'reports' | 'rules' | 'setup' | 'account'
  hasPassword: boolean
  /** Who is signed in. */
  person?: Person
  version: string
  /** Id of the demo site, where it is served. */
  demo?: string | undefined
}

/** Whether the role of who is signed in has the right. */
export const may = ({ person }: Frame, right: Right): boolean =>
  person === undefined || opens(RIGHTS_OF_ROLE[person.role], right)

export const siteUrl = (path: string, site: string | undefined): string =>
  site === undefined ? path : `${path}?site=${encodeURIComponent(site)}`

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M2 8q5-5 10 0t10 0" />
      <path d="M2 16q5-5 10 0t10 0" />
    </svg>
  )
}

function SiteSwitch({ frame }: { frame: Frame }) {
  const { t } = useLocale()
  const current = frame.sites.find((site) => site.id === frame.site)
  if (frame.sites.length < 2 || frame.active === 'account') return null
  const path = frame.active === undefined || frame.active === 'overview' ? '/' : `/${frame.active}`
  return (
    <details class="switch">
      <summary>
        <span class="quiet">{t.nav.site}</span> <bdi>{current?.name ?? t.nav.choose}</bdi>
      </summary>
      <ul>
        {frame.sites.map((site) => (
          <li>
            <a href={siteUrl(path, site.id)} aria-current={site.id === frame.site ? 'true' : undefined}>
              <bdi>{site.name}</bdi>
            </a>
          </li>
        ))}
      </ul>
    </details>
  )
}

function Header({ frame }: { frame: Frame }) {
  const { t } = useLocale()
  const here = (name: Frame['active']) => (frame.active === name ? 'page' : undefined)
  return (
    <header class="bar">
      <div class="width">
        <a class="brand" href={siteUrl('/', frame.site)}>
          <Mark />
          Leadwake
        </a>
        <nav aria-label={t.nav.main}>
          <a href={siteUrl('/', frame.site)} aria-current={here('overview')}>
            {t.nav.overview}
          </a>
          {may(frame, 'leads') ? (
            <>
              <a href={siteUrl('/leads', frame.site)} aria-current={here('leads')}>
                {t.nav.leads}
              </a>
              <a href={siteUrl('/companies', frame.site)} aria-current={here('companies')}>
                {t.nav.companies}
              </a>
            </>
          ) : null}
          <a href={siteUrl('/reports', frame.site)} aria-current={here('reports')}>
            {t.nav.reports}
          </a>
          {may(frame, 'rules') ? (
            <a href={siteUrl('/rules', frame.site)} aria-current={here('rules')}>
              {t.nav.rules}
            </a>
          ) : null}
          <a href={siteUrl('/setup', frame.site)} aria-current={here('setup')}>
            {t.nav.setup}
          </a>
        </nav>
        <SiteSwitch frame={frame} />
        <div class="self">
          <a href="/account" aria-current={here('account')}>
            {t.nav.account}
          </a>
          <form method="post" action="/logout">
            <button type="submit" class="plain">
              {t.nav.signOut}
            </button>
          </form>
        </div>
      </div>
    </header>
  )
}

function PasswordBanner() {
  const { t } = useLocale()
  return (
    <p class="banner" role="note">
      {t.nav.noPassword} <a href="/account">{t.nav.choosePassword}</a> {t.nav.instead}
    </p>
  )
}

function Languages() {
  return (
    <form method="post" action="/language" class="languages">
      {Object.entries(CATALOGUES).map(([language, { name }]) => (
        <button type="submit" name="language" value={language} class="plain" lang={language}>
          {name}
        </button>
      ))}
    </form>
  )
}

export interface LayoutProps {
  title: string
  frame?: Frame
  /** Local path to which the page moves on by itself. */
  moveTo?: string
  /** Wide also where nobody is signed in. */
  wide?: boolean
  children?: Child
}

/** Any page: with a frame for who is signed in, bare and narrow otherwise. */
export function Layout({ title, frame, moveTo, wide = false, children }: LayoutProps) {
  const { t, f } = useLocale()
  return (
    <html lang={f.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex, nofollow" />
        {moveTo ? <meta http-equiv="refresh" content={`0; url=${moveTo}`} /> : null}
        <title>{`${title} · Leadwake`}</title>
        <link rel="icon" href={ICON} />
        <link rel="stylesheet" href={STYLE_PATH} />
        {frame ? <script src={SCRIPT_PATH} defer></script> : null}
      </head>
      <body>
        <a class="skip" href="#main">
          {t.nav.skip}
        </a>
        {frame ? <Header frame={frame} /> : null}
        <main id="main" class={frame || wide ? 'width' : 'narrow'}>
          {frame ? null : (
            <p class="brand">
              <Mark />
              Leadwake
            </p>
          )}
          {frame && !frame.hasPassword && frame.active !== 'account' ? <PasswordBanner /> : null}
          {children}
        </main>
        {frame ? (
          <footer class="width quiet">
            <span>{t.nav.zone(f.timeZone)}</span> <span>Leadwake {frame.version}</span>
            <Languages />
          </footer>
        ) : (
          <footer class="bare quiet">
            <Languages />
          </footer>
        )}
      </body>
    </html>
  )
}
