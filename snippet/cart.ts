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

/** Records a cart add as the shop tells it; the server picks out what it knows, see `WireCart`. */
export const cart = (add: object) => record('c', add)
