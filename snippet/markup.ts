import { cart } from './cart.ts'
import { custom } from './event.ts'

/**
 * What an element means by its attributes: `data-leadwake-cart="PRODUCT"` with `-quantity`, `-price` and
 * `-currency`, `data-leadwake-event="NAME"` with any others as its properties.
 */
export const marked = (element: Element) => {
  const marks: Record<string, string> = {}
  for (const { name, value } of element.attributes) {
    const mark = name.split('data-leadwake-')[1]
    if (mark) marks[mark] = value
  }
  if (marks.cart) cart(marks)
  if (marks.event) custom(marks.event, marks)
}
