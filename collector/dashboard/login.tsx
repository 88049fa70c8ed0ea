import { MAX_PASSWORD, MIN_PASSWORD } from '../api/access-schema.ts'
import type { Frame } from './layout.tsx'
import { Layout } from './layout.tsx'
import { useLocale } from './locale.ts'
import type { Strings } from './strings/en.ts'

/** A sentence of whatever catalogue the page speaks. */
export type Words = (t: Strings) => string

export function Login(props: { next: string; name?: string; error?: Words }) {
  const { t } = useLocale()
  const { next, name = '', error } = props
  return (
    <Layout title={t.login.title}>
      <section class="card">
        <h1>{t.login.title}</h1>
        {error ? (
          <p class="error" role="alert">
            {error(t)}
          </p>
        ) : null}
        <form method="post" action="/login" class="form">
          <input type="hidden" name="next" value={next} />
          <label for="name">{t.list.name}</label>
          <input id="name" name="name" autocomplete="username" value={name} aria-describedby="whose" />
          <p id="whose" class="quiet">
            {t.login.whose}
          </p>
          <label for="secret">{t.login.secret}</label>
          <input id="secret" name="secret" type="password" autocomplete="current-password" required />
          <button type="submit" class="button">
            {t.login.title}
          </button>
        </form>
        <p class="quiet">
          {t.login.neither[0]} <code>leadwake key new</code> {t.login.neither[1]}
        </p>
      </section>
    </Layout>
  )
}

/**
 * Where a link on another site, such as web mail, leads first: a Strict cookie goes along neither with that request
 * nor with a redirect of it, so that the step to the page is made once more, by a page of our own.
 */
export function Onward({ to }: { to: string }) {
  const { t } = useLocale()
  return (
    <Layout title={t.login.moment} moveTo={to}>
      <section class="card">
        <h1>{t.login.moment}</h1>
        <p>
          <a class="button" href={to}>
            {t.login.goOn}
          </a>
        </p>
      </section>
    </Layout>
  )
}

export function Account({ frame, error, saved }: { frame: Frame; error?: Words; saved: boolean }) {
  const { t } = useLocale()
  return (
    <Layout title={t.nav.account} frame={frame}>
      <section class="card message">
        {frame.person?.id ? (
          <p class="quiet">
            {t.account.as} <bdi>{frame.person.name}</bdi>, {t.access.roles[frame.person.role]}.
          </p>
        ) : null}
        <h1>{frame.hasPassword ? t.account.change : t.account.choose}</h1>
        {saved ? (
          <p class="done" role="status">
            {t.account.saved}
          </p>
        ) : null}
        {error ? (
          <p class="error" role="alert">
            {error(t)}
          </p>
        ) : null}
        <form method="post" action="/account" class="form">
          {frame.hasPassword ? (
            <>
              <label for="current">{frame.person?.id ? t.account.now : t.account.nowOrKey}</label>
              <input id="current" name="current" type="password" autocomplete="current-password" required />
            </>
          ) : null}
          <label for="password">{t.account.fresh}</label>
          <input
            id="password"
            name="password"
            type="password"
            autocomplete="new-password"
            minlength={MIN_PASSWORD}
            maxlength={MAX_PASSWORD}
            aria-describedby="rule"
            required
          />
          <p id="rule" class="quiet">
            {t.account.rule(MIN_PASSWORD)}
          </p>
          <label for="again">{t.account.again}</label>
          <input id="again" name="again" type="password" autocomplete="new-password" required />
          <button type="submit" class="button">
            {t.list.save}
          </button>
        </form>
      </section>
    </Layout>
  )
}
