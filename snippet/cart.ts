import { record } from './send.ts'

export interface Cart {
  /** Name or article number. */
  product: string
  quantity?: number | string
  /** Of one piece. */
  price?: number | string
  /** ISO 4217. */
  currency?: string
}

/** Records a cart add. The server reads the numbers. */
export const cart = ({ product, quantity, price, currency }: Cart) =>
  record('c', `${product}`, quantity, price, currency)
