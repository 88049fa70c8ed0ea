import { expect, it } from 'vitest'
import { cleanTexts } from '../collector/clean-texts.ts'
import { readMessage, type SegmentMemory } from '../collector/segment.ts'

const NOW = Date.UTC(2026, 10, 3, 9)
const memory = { clean: cleanTexts(), newId: () => 'new' } as unknown as SegmentMemory
const receiving = { site: { id: 'main', hosts: [] }, now: NOW, sentAt: undefined }

it.each<[what: string, properties: object, event: object]>([
  ['numbers', { quantity: 2, price: 9.5 }, { quantity: 2, price: 9.5 }],
  ['numbers as text', { quantity: '2', price: ' 9.50 ' }, { quantity: 2, price: 9.5 }],
  ['nothing', {}, { quantity: 1 }],
  ['null and empty texts, which are nothing', { quantity: '', price: null }, { quantity: 1 }],
  ['blanks', { quantity: ' ', price: '  ' }, { quantity: 1 }],
  ['what is no number', { quantity: true, price: [] }, { quantity: 1 }],
  ['what nobody sells', { quantity: -1, price: 1e13 }, { quantity: 1 }],
])('a product added with %s', (_, properties, event) => {
  const message = { type: 'track', event: 'Product Added', anonymousId: 'a', messageId: 'm', properties }
  const read = readMessage(message, receiving, memory)
  const { id: __, ...found } = 'item' in read ? read.item.event! : { id: read }
  expect(found).toEqual({ kind: 'cart', at: NOW, product: '', ...event })
})
