import { record } from './send.ts'

/**
 * What an element means by its attributes: `data-leadwake-cart="PRODUCT"` with `-quantity`, `-price` and
 * `-currency`, `data-leadwake-event="NAME"` with any others as its properties.
 */
export const marked = (origin: Element, marks: Record<string, string>) => {
  ;[...origin.attributes].map((attribute, name: unknown) => {
    name = attribute.name.split('data-leadwake-')[1]
    if (name) marks[name as string] = attribute.value
  })
  if (marks.cart) record('c', marks)
  if (marks.event) record('x', marks)
}
