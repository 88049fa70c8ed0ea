import type { Product } from './catalogue.ts'
import { productOf } from './catalogue.ts'

/** The cart lies in a cookie of the shop's own, as `nl-200:2.nl-kit:1`: nothing is kept on the server. */
export const CART_COOKIE = 'demo_cart'

/** More of one thing is a call, not a cart. */
const MOST = 99

export interface CartLine {
  product: Product
  quantity: number
}

/** What the cookie says; whatever does not read as a line is left out. */
export function readCart(cookie: string | undefined): CartLine[] {
  return (cookie ?? '').split('.').flatMap((line) => {
    const [sku, count] = line.split(':')
    const product = productOf(sku)
    const quantity = Number(count)
    return product && Number.isInteger(quantity) && quantity > 0
      ? [{ product, quantity: Math.min(quantity, MOST) }]
      : []
  })
}

export const writeCart = (lines: CartLine[]): string =>
  lines.map(({ product, quantity }) => `${product.sku}:${quantity}`).join('.')

export function addToCart(lines: CartLine[], product: Product): CartLine[] {
  const found = lines.some((line) => line.product.sku === product.sku)
  if (!found) return [...lines, { product, quantity: 1 }]
  return lines.map((line) =>
    line.product.sku === product.sku ? { ...line, quantity: Math.min(line.quantity + 1, MOST) } : line,
  )
}

export const removeFromCart = (lines: CartLine[], sku: string): CartLine[] =>
  lines.filter((line) => line.product.sku !== sku)

export const itemsIn = (lines: CartLine[]): number => lines.reduce((sum, line) => sum + line.quantity, 0)
export const totalOf = (lines: CartLine[]): number =>
  lines.reduce((sum, line) => sum + line.quantity * line.product.price, 0)
