import type { Child } from 'hono/jsx'
import { DemoForm, NewsletterForm, QuoteForm } from './forms.tsx'
import type { Shop } from './shell.tsx'
import { Shell } from './shell.tsx'
import type { Visitor } from './submit.ts'

/** What comes after a form. */

/** A form of the shop: where it stands, what it tells the collector, what it says in the end. */
export const FORMS = {
  'request-demo': {
    signal: 'demo_requested',
    again: (base: string, filled: Visitor): Child => <DemoForm base={base} filled={filled} />,
    thanks: 'We call within one working day to find half an hour that suits you.',
  },
  newsletter: {
    signal: 'email_opt_in',
    again: (base: string, filled: Visitor): Child => <NewsletterForm base={base} filled={filled} />,
    thanks: 'The next letter goes out at the beginning of the month.',
  },
  checkout: {
    signal: 'quote_requested',
    again: (base: string, filled: Visitor): Child => <QuoteForm base={base} filled={filled} />,
    thanks: 'The quote is in your mailbox within the hour.',
  },
} as const

export type FormName = keyof typeof FORMS

export const isForm = (name: string): name is FormName => Object.hasOwn(FORMS, name)

export function Thanks({ shop, form }: { shop: Shop; form: FormName }) {
  return (
    <Shell shop={shop} title="Thank you">
      <h1>Thank you</h1>
      <p class="text">{FORMS[form].thanks}</p>
      <p class="text">
        In this demo nobody calls or writes. What happened instead: the shop's server told Leadwake who you
        are, and your visits became the history of a lead.
      </p>
      <p class="actions sans">
        <a class="button" href={`/leads?site=${encodeURIComponent(shop.site)}`}>
          See it in the dashboard
        </a>
        <a href={`${shop.base}/`}>Back to the shop</a>
      </p>
    </Shell>
  )
}

export function TryAgain(props: { shop: Shop; form: FormName; person: Visitor; refused: boolean }) {
  const { shop, form, person, refused } = props
  return (
    <Shell shop={shop} title={refused ? 'Please check your details' : 'We could not save this'}>
      <h1>{refused ? 'Please check your details' : 'We could not save this'}</h1>
      <p class="error sans" role="alert">
        {refused
          ? 'The e-mail does not look like one that can be written to.'
          : 'The fault is ours, and nothing is lost: what you typed is still here. Please try again in a moment.'}
      </p>
      {FORMS[form].again(shop.base, person)}
    </Shell>
  )
}

export function Missing({ shop }: { shop: Shop }) {
  return (
    <Shell shop={shop} title="Not found">
      <h1>There is no such page</h1>
      <p>
        <a href={`${shop.base}/`}>To the start of the shop</a>
      </p>
    </Shell>
  )
}
