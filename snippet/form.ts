import { clean } from './scrub.ts'
import { record } from './send.ts'

/**
 * Records that a form was submitted: its name or id and its action, never a field. By attributes, because a
 * field called `name` or `action` hides the form's property.
 * https://html.spec.whatwg.org/multipage/forms.html#the-form-element
 */
export const submitted = ({ attributes }: HTMLElement) => {
  const { name, id, action } = attributes as unknown as Record<string, Attr | undefined>
  record('f', (name || id)?.value || '', clean(new URL(action?.value || '', document.baseURI)))
}
