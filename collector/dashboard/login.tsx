import { MAX_PASSWORD, MIN_PASSWORD } from '../api/access-schema.ts'
import type { Frame } from './layout.tsx'
import { Layout } from './layout.tsx'

export function Login({ next, name = '', error }: { next: string; name?: string; error?: string }) {
  return (
    <Layout title="Sign in">
      <section class="card">
        <h1>Sign in</h1>
        {error ? (
          <p class="error" role="alert">
            {error}
          </p>
        ) : null}
        <form method="post" action="/login" class="form">
          <input type="hidden" name="next" value={next} />
          <label for="name">Name</label>
          <input id="name" name="name" autocomplete="username" value={name} aria-describedby="whose" />
          <p id="whose" class="quiet">
            Leave it empty for the operator's password or an admin key.
          </p>
          <label for="secret">Password or admin key</label>
          <input id="secret" name="secret" type="password" autocomplete="current-password" required />
          <button type="submit" class="button">
            Sign in
          </button>
        </form>
        <p class="quiet">
          Neither at hand? On the collector's machine, <code>leadwake key new</code> prints a key and a
          one-time link.
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
  return (
    <Layout title="One moment" moveTo={to}>
      <section class="card">
        <h1>One moment</h1>
        <p>
          <a class="button" href={to}>
            Go on
          </a>
        </p>
      </section>
    </Layout>
  )
}

export function Account({ frame, error, saved }: { frame: Frame; error?: string; saved: boolean }) {
  return (
    <Layout title="Account" frame={frame}>
      <section class="card message">
        {frame.person?.id ? (
          <p class="quiet">
            Signed in as <bdi>{frame.person.name}</bdi>, {frame.person.role}.
          </p>
        ) : null}
        <h1>{frame.hasPassword ? 'Change the password' : 'Choose a password'}</h1>
        {saved ? (
          <p class="done" role="status">
            The password is saved.
          </p>
        ) : null}
        {error ? (
          <p class="error" role="alert">
            {error}
          </p>
        ) : null}
        <form method="post" action="/account" class="form">
          {frame.hasPassword ? (
            <>
              <label for="current">
                {frame.person?.id ? 'Password now' : 'Password now, or an admin key'}
              </label>
              <input id="current" name="current" type="password" autocomplete="current-password" required />
            </>
          ) : null}
          <label for="password">New password</label>
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
            At least {MIN_PASSWORD} characters. A few words are easier to keep than signs.
          </p>
          <label for="again">Once more</label>
          <input id="again" name="again" type="password" autocomplete="new-password" required />
          <button type="submit" class="button">
            Save
          </button>
        </form>
      </section>
    </Layout>
  )
}
