import { randomUUID } from 'node:crypto'
import type { Visitor } from './submit.ts'

/**
 * The two hidden fields that the snippet fills, so that the server learns whose visits these are; they stay empty
 * without script. `submission` is made with the form: sent twice, by a double click or a reload, it is one signal.
 */
function Hidden({ submission = randomUUID() }: { submission?: string }) {
  return (
    <>
      <input type="hidden" name="leadwake_visitor" />
      <input type="hidden" name="leadwake_page" />
      <input type="hidden" name="submission" value={submission} />
    </>
  )
}

export function NewsletterForm({ base, filled }: { base: string; filled?: Visitor }) {
  /* In the footer of every page, and once more on the page that asks to try again. */
  const id = filled ? 'retry-newsletter-email' : 'newsletter-email'
  return (
    <form class="form" method="post" action={`${base}/newsletter`} name="newsletter">
      <Hidden submission={filled?.submission} />
      <label for={id}>E-mail for the newsletter</label>
      <input
        id={id}
        name="email"
        type="email"
        autocomplete="email"
        maxlength={200}
        value={filled?.email}
        required
      />
      <button class="button" type="submit">
        Subscribe
      </button>
    </form>
  )
}

function PersonFields({ filled }: { filled?: Visitor }) {
  return (
    <>
      <label for="name">Name</label>
      <input id="name" name="name" autocomplete="name" maxlength={200} value={filled?.name} required />
      <label for="email">Work e-mail</label>
      <input
        id="email"
        name="email"
        type="email"
        autocomplete="email"
        maxlength={200}
        value={filled?.email}
        required
      />
      <label for="company">Company</label>
      <input
        id="company"
        name="company"
        autocomplete="organization"
        maxlength={200}
        value={filled?.company}
      />
      <label for="title">Job title</label>
      <input
        id="title"
        name="title"
        autocomplete="organization-title"
        maxlength={200}
        value={filled?.title}
      />
    </>
  )
}

export function DemoForm({ base, filled }: { base: string; filled?: Visitor }) {
  return (
    <form class="form" method="post" action={`${base}/request-demo`} name="demo-request">
      <Hidden submission={filled?.submission} />
      <PersonFields filled={filled} />
      <button class="button" type="submit">
        Request a demo
      </button>
    </form>
  )
}

export function QuoteForm({ base, filled }: { base: string; filled?: Visitor }) {
  return (
    <form class="form" method="post" action={`${base}/checkout`} name="quote-request">
      <Hidden submission={filled?.submission} />
      <PersonFields filled={filled} />
      <button class="button" type="submit">
        Ask for a quote
      </button>
    </form>
  )
}
