import { describe, expect, it } from 'vitest'
import type { Visit } from '../../collector/lead/state.ts'
import { createCache } from '../../collector/project/cache.ts'
import { heldCache } from '../../collector/project/held-cache.ts'
import type { Visitor } from '../../collector/store/store.ts'

const visitor = (no: number, agent: string): Visitor => ({
  no,
  site: 1,
  key: `v${no}`,
  firstAt: 0,
  lastAt: 0,
  lastIdMs: 0,
  lastIdKey: 0,
  maxIdMs: 0,
  contact: null,
  visitStart: 1,
  profile: { agent, language: 'en', screen: 'wide', country: null },
})

const visit = (campaign: string | null): Visit => ({
  startAt: 1,
  endAt: 2,
  views: 1,
  engagedMs: 0,
  actions: 0,
  entryPath: '/',
  exitPath: '/',
  referrer: null,
  query: campaign === null ? null : { utm_campaign: campaign },
})

describe('what the projector remembers', () => {
  it('holds what visitors have in common once', () => {
    const cache = createCache()
    for (const no of [1, 2, 3]) {
      cache.putVisitor(visitor(no, no < 3 ? 'desktop, Firefox, Linux' : 'mobile, Safari, iOS'))
      cache.putVisit(no, visit(no < 3 ? 'autumn' : 'spring'))
    }
    const [one, two, three] = [1, 2, 3].map((no) => cache.visitor(1, `v${no}`)!)
    expect(two!.profile).toBe(one!.profile)
    expect(three!.profile).not.toBe(one!.profile)
    const [first, second, third] = [1, 2, 3].map((no) => cache.visit(no, 1)!)
    expect(second!.query).toBe(first!.query)
    expect(third!.query).not.toBe(first!.query)
  })

  it('gives back what it was given', () => {
    const cache = createCache()
    cache.putVisitor(visitor(1, 'desktop, Firefox, Linux'))
    for (const campaign of ['autumn', null, 'spring']) {
      cache.putVisit(1, visit(campaign))
      expect(cache.visit(1, 1)).toEqual(visit(campaign))
    }
    cache.putVisitor(visitor(1, 'mobile, Safari, iOS'))
    expect(cache.visitor(1, 'v1')).toEqual(visitor(1, 'mobile, Safari, iOS'))
  })
})

describe('what a projector remembers that holds some of the visitors', () => {
  const known = (cache: ReturnType<typeof heldCache>) =>
    [1, 2].map((no) => [cache.visitor(1, `v${no}`)?.no, cache.visit(no, 1)?.startAt])

  it('is of these alone', () => {
    const cache = heldCache(({ no }) => no === 1)
    for (const no of [1, 2]) {
      cache.putVisitor(visitor(no, 'desktop'))
      cache.putVisit(no, visit(null))
    }
    expect(known(cache)).toEqual([
      [1, 1],
      [undefined, undefined],
    ])
    expect(cache.visit(1, 2)).toBeUndefined()
  })

  it('is forgotten with all that is known of who was changed by another', () => {
    const cache = heldCache(() => true)
    for (const no of [1, 2]) {
      cache.putVisitor(visitor(no, 'desktop'))
      cache.putVisit(no, visit(null))
    }
    cache.dropVisit(1)
    expect(known(cache)[0]).toEqual([1, undefined])
    cache.forget([2, 3])
    expect(known(cache)[1]).toEqual([undefined, undefined])
    cache.putVisitor(visitor(2, 'desktop'))
    expect(known(cache)[1]).toEqual([2, undefined])
    cache.clear()
    expect(known(cache).flat()).toEqual([undefined, undefined, undefined, undefined])
  })
})
