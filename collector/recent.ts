export interface Recent<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
}

/**
 * Values by key, of which those that were not asked for lately are forgotten: two generations of so many are held, and
 * what the old one is asked for goes on into the young one. `own` makes a key that keeps nothing else in memory.
 */
export function recent<V extends object | true>(most: number, own: (key: string) => string): Recent<V> {
  let young = new Map<string, V>()
  let old = new Map<string, V>()

  function set(key: string, value: V): void {
    if (young.size >= most) {
      old = young
      young = new Map()
    }
    young.set(own(key), value)
  }

  return {
    get(key) {
      const found = young.get(key)
      if (found !== undefined) return found
      const before = old.get(key)
      if (before !== undefined) set(key, before)
      return before
    },
    set,
  }
}
