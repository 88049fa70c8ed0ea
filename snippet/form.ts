import { visitor } from './identify.ts'
import { view } from './page.ts'
import { clean } from './scrub.ts'
import { record } from './send.ts'

/**
 * Records that a form was submitted: its name or id and its action, never a field. A field called `name` or
 * `action` hides the form's own property; a copy without the fields shows it.
 * https://html.spec.whatwg.org/multipage/forms.html#the-form-element
 */
export const submitted = (form: Node, bare = form.cloneNode() as HTMLFormElement) => {
  record('f', bare.name || bare.id, clean(bare.action))
}

/** Hands the ids to the server code behind the page's forms, in hidden fields that ask for them by name. */
export const fill = () => {
  // `leadwake_page` or `leadwake_visitor`.
  for (const field of document.querySelectorAll<HTMLInputElement>('[name^=leadwake_]'))
    field.value = field.name[9]! > 'p' ? visitor || '' : view
}
