import { RIGHTS, ROLES } from '../../shared/access.ts'
import { MIN_PASSWORD } from '../api/access-schema.ts'
import type { Frame } from './layout.tsx'
import { siteUrl } from './layout.tsx'
import { useLocale } from './locale.ts'
import { type Said, SetUpFrame } from './setup-frame.tsx'
import { Table } from './table.tsx'

export interface KeyItem {
  id: string
  name: string
  rights: string[]
  site: string | null
  createdAt: string
  expiresAt: string | null
  revokedAt: string | null
  usedAt: string | null
}

export interface StaffItem {
  id: string
  name: string
  role: (typeof ROLES)[number]
  site: string | null
  createdAt: string
}

export interface AccessProps {
  frame: Frame & { site: string }
  said: Said
  keys: KeyItem[]
  staff: StaffItem[]
  now: number
}

function Act({ frame, path, text }: { frame: Frame & { site: string }; path: string; text: string }) {
  return (
    <form method="post" action={siteUrl(path, frame.site)}>
      <button type="submit" class="button second small">
        {text}
      </button>
    </form>
  )
}

/** Leads to a page that asks first. */
function Asks({ frame, path, text }: { frame: Frame & { site: string }; path: string; text: string }) {
  return (
    <a href={siteUrl(path, frame.site)} class="button second small">
      {text}…
    </a>
  )
}

/** This site, or every one where the person sees them. */
function WhichSites({ frame, every = false }: { frame: Frame & { site: string }; every?: boolean }) {
  const { t } = useLocale()
  const all = frame.person?.site ? null : (
    <option value="" selected={every}>
      {t.access.everySite}
    </option>
  )
  return (
    <select name="of" aria-label={t.nav.site}>
      <option value={frame.site}>{frame.site}</option>
      {all}
    </select>
  )
}

function Keys({ frame, keys, now }: AccessProps) {
  const { t, f } = useLocale()
  const live = ({ revokedAt, expiresAt }: KeyItem) =>
    revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > now)
  const path = (id: string) => `/setup/access/keys/${encodeURIComponent(id)}`
  return (
    <section class="card" aria-labelledby="keys">
      <h2 id="keys">{t.access.keys}</h2>
      <Table
        look="rows"
        rows={keys}
        columns={[
          {
            title: t.list.name,
            names: true,
            cell: (key) => (
              <>
                <bdi>{key.name}</bdi>{' '}
                <span class="quiet">
                  {key.rights.join(', ')} · {key.site ?? t.access.everySite}
                </span>
              </>
            ),
          },
          {
            title: t.access.used,
            nowrap: true,
            from: 'wide',
            cell: ({ usedAt }) => (usedAt === null ? t.access.neverUsed : f.ago(usedAt, now)),
          },
          {
            title: t.access.state,
            nowrap: true,
            cell: (key) =>
              key.revokedAt !== null
                ? t.access.revoked
                : live(key)
                  ? key.expiresAt === null
                    ? t.access.open
                    : t.access.until(f.day(key.expiresAt, now))
                  : t.access.expired,
          },
          {
            title: <span class="unseen">{t.access.act}</span>,
            cell: (key) =>
              live(key) ? (
                <span class="acts">
                  <Act frame={frame} path={`${path(key.id)}/rotate`} text={t.access.rotate} />
                  <Asks frame={frame} path={`${path(key.id)}/revoke`} text={t.access.revoke} />
                </span>
              ) : null,
          },
        ]}
      />
      <form method="post" action={siteUrl('/setup/access/keys', frame.site)} class="form new">
        <h3>{t.access.newKey}</h3>
        <div class="in-line">
          <input
            name="name"
            required
            maxlength={100}
            placeholder={t.access.keyName}
            aria-label={t.list.name}
          />
          <WhichSites frame={frame} />
          <input type="date" name="expires" aria-label={t.access.ends} title={t.access.ends} />
        </div>
        <fieldset class="in-line">
          <legend class="unseen">{t.access.rights}</legend>
          {RIGHTS.map((right) => (
            <label class="tick-label">
              <input type="checkbox" name="rights" value={right} /> {right}
              <span class="quiet"> {t.access.rightsAre[right]}</span>
            </label>
          ))}
        </fieldset>
        <button type="submit" class="button">
          {t.access.make}
        </button>
      </form>
    </section>
  )
}

function People({ frame, staff }: AccessProps) {
  const { t } = useLocale()
  const path = (id: string) => `/setup/access/people/${encodeURIComponent(id)}`
  return (
    <section class="card" aria-labelledby="people">
      <h2 id="people">{t.access.people}</h2>
      {staff.length === 0 ? <p class="quiet">{t.access.nobody}</p> : null}
      {staff.length === 0 ? null : (
        <Table
          look="rows"
          rows={staff}
          columns={[
            {
              title: t.list.name,
              names: true,
              cell: ({ name, site }) => (
                <>
                  <bdi>{name}</bdi> <span class="quiet">{site ?? t.access.everySite}</span>
                </>
              ),
            },
            {
              title: t.access.role,
              cell: ({ id, role }) => (
                <form method="post" action={siteUrl(path(id), frame.site)} class="in-line">
                  <select name="role" aria-label={t.access.role}>
                    {ROLES.map((one) => (
                      <option value={one} selected={one === role}>
                        {t.access.roles[one]}
                      </option>
                    ))}
                  </select>
                  <button type="submit" class="button second small">
                    {t.list.save}
                  </button>
                </form>
              ),
            },
            {
              title: <span class="unseen">{t.access.act}</span>,
              cell: ({ id }) => <Asks frame={frame} path={`${path(id)}/remove`} text={t.access.remove} />,
            },
          ]}
        />
      )}
      <form method="post" action={siteUrl('/setup/access/people', frame.site)} class="form new">
        <h3>{t.access.newPerson}</h3>
        <div class="in-line">
          <input
            name="name"
            required
            maxlength={100}
            placeholder={t.list.name}
            aria-label={t.list.name}
            autocomplete="off"
          />
          <select name="role" aria-label={t.access.role}>
            {ROLES.map((one) => (
              <option value={one}>{t.access.roles[one]}</option>
            ))}
          </select>
          <WhichSites frame={frame} every />
          <input
            type="password"
            name="password"
            required
            minlength={MIN_PASSWORD}
            autocomplete="new-password"
            placeholder={t.access.password}
            aria-label={t.access.password}
          />
        </div>
        <button type="submit" class="button">
          {t.access.add}
        </button>
      </form>
    </section>
  )
}

/** Keys of programs and accounts of people. */
export function SetUpAccess(props: AccessProps) {
  return (
    <SetUpFrame frame={props.frame} part="access" said={props.said}>
      <Keys {...props} />
      <People {...props} />
    </SetUpFrame>
  )
}
