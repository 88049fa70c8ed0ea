import type { EventKey, TrackedEvent } from '../lead/state.ts'

/** A visitor tells of few at once: these are looked through. */
const LOOKED_THROUGH = 16

/** Events of one visitor in one batch. */
export class Told {
  readonly site: number
  readonly events: TrackedEvent[]
  /** Their ids, once they are many. */
  private ids: Set<string> | undefined

  constructor(site: number, events: readonly TrackedEvent[] = []) {
    this.site = site
    this.events = [...events]
  }

  has(id: EventKey): boolean {
    if (this.events.length <= LOOKED_THROUGH)
      return this.events.some((event) => event.id.ms === id.ms && event.id.key === id.key)
    this.ids ??= new Set(this.events.map((event) => nameOf(event.id)))
    return this.ids.has(nameOf(id))
  }

  add(event: TrackedEvent): void {
    this.events.push(event)
    this.ids?.add(nameOf(event.id))
  }

  takeLast(): void {
    const last = this.events.pop()
    if (last) this.ids?.delete(nameOf(last.id))
  }
}

/** Takes an `add` back. */
export const takeLast = (told: Told): void => told.takeLast()

const nameOf = ({ ms, key }: EventKey): string => `${ms} ${key}`
