/** What the shop sells. Nordlicht Sensors and its products are made up. */
export interface Product {
  sku: string
  name: string
  what: string
  /** Euro, without VAT. */
  price: number
}

export const CURRENCY = 'EUR'

export const CATALOGUE: readonly Product[] = [
  {
    sku: 'nl-200',
    name: 'NL-200 vibration sensor',
    what: 'Three axes, 10 kHz, bolted on or glued. Battery for five years at one reading an hour.',
    price: 189,
  },
  {
    sku: 'nl-40',
    name: 'NL-40 temperature node',
    what: 'Two probes, \u221240 to 250 °C. For bearings, windings and oil.',
    price: 79,
  },
  {
    sku: 'nl-kit',
    name: 'Starter kit',
    what: 'Four NL-200, two NL-40 and a gateway. Enough for a pump station or one paper machine section.',
    price: 1_290,
  },
]

export const productOf = (sku: string | null | undefined): Product | undefined =>
  CATALOGUE.find((product) => product.sku === sku)

const euro = new Intl.NumberFormat('en-IE', {
  style: 'currency',
  currency: CURRENCY,
  minimumFractionDigits: 0,
})
export const formatPrice = (amount: number): string => euro.format(amount)
