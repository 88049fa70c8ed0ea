/** Stands for no value before. */
const NONE = Symbol('none')

type Kept<K, V> = Pick<Map<K, V>, 'get' | 'delete'> & { set(key: K, value: V): unknown }

/**
 * What an entry has changed in memory, so that it can be taken back: in three places of one list each, since a closure for
 * each change is a part of what a page view leaves to the garbage collector. No value is undefined.
 */
export class Journal {
  private readonly steps: unknown[] = []

  /** From here on. */
  begin(): void {
    this.steps.length = 0
  }

  set<K, V>(map: Kept<K, V>, key: K, value: Exclude<V, undefined>): void {
    const before = map.get(key)
    this.steps.push(map, key, before === undefined ? NONE : before)
    map.set(key, value)
  }

  delete<K, V>(map: Kept<K, V>, key: K): boolean {
    const before = map.get(key)
    if (before === undefined) return false
    this.steps.push(map, key, before)
    return map.delete(key)
  }

  add<K>(set: Set<K>, key: K): void {
    if (set.has(key)) return
    this.steps.push(set, key, NONE)
    set.add(key)
  }

  /** A step of another kind, by what takes it back. */
  note<T>(undo: (what: T) => void, what: T): void {
    this.steps.push(undo, what, undefined)
  }

  takeBack(): void {
    const { steps } = this
    for (let i = steps.length - 3; i >= 0; i -= 3) {
      const what = steps[i] as Map<unknown, unknown> | Set<unknown> | ((what: unknown) => void)
      if (typeof what === 'function') what(steps[i + 1])
      else if (steps[i + 2] === NONE) what.delete(steps[i + 1])
      else (what as Map<unknown, unknown>).set(steps[i + 1], steps[i + 2])
    }
    steps.length = 0
  }
}
