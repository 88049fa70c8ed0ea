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

/** A cart add. What is no number travels as null. */
export const cart = (add: Cart) => record('c', `${add.product}`, +add.quantity!, +add.price!, add.currency)
