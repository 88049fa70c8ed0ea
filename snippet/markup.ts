import { type Cart, cart } from './cart.ts'
import { custom } from './event.ts'

/**
 * What an element means by its attributes: `data-leadwake-cart="PRODUCT"` with `-quantity`, `-price` and
 * `-currency`, `data-leadwake-event="NAME"` with any others as its properties.
 */
export const marked = (element: Element) => {
  const marks: Record<string, string> = {}
  for (const { name, value } of element.attributes) {
    if (name.startsWith('data-leadwake-')) marks[name.slice(14)] = value
  }
  const { cart: product, event, ...rest } = marks
  if (product) cart({ product, ...rest } as Cart)
  if (event) custom(event, rest)
}
