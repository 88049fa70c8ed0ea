import { clean } from './scrub.ts'
import { record } from './send.ts'

/**
 * Records that a form was submitted: its name or id and its action, never a field. By attributes, because a
 * field called `name` or `action` hides the form's property.
 * https://html.spec.whatwg.org/multipage/forms.html#the-form-element
 */
export const submitted = (form: HTMLElement) => {
  const has = form.attributes as unknown as Record<'name' | 'id' | 'action', Attr | undefined>
  record('f', (has.name || has.id)?.value || '', clean(new URL(has.action?.value || '', document.baseURI)))
}
