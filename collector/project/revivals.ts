/**
 * Dead deliveries that are to be tried again, all of a webhook: of those there may be a hundred thousand, and what else happens
 * does not wait for them. How far each has come lies among the settings, in the transaction that revived so many.
 */
import type { MessagePlace, StateStore } from '../store/store.ts'
import type { Batch } from './batch.ts'
import type { Webhooks } from './webhooks.ts'

/** Deliveries that one transaction revives: some 20 ms, which is how long an entry waits for it. */
export const REVIVED_AT_ONCE = 250

const NAME = 'reviving:'
const settingOf = (webhook: string): string => `${NAME}${webhook}`

/** The oldest come first, so that those of a lead stay in order. */
export function beginRevival(batch: Batch, webhook: string): void {
  const first: MessagePlace = { seq: -1, serial: 0, message: '' }
  batch.putSetting(settingOf(webhook), JSON.stringify(first))
}

export interface Revivals {
  isUnderWay(): boolean
  /** Puts the next of them into a batch. */
  goOn(batch: Batch): Promise<void>
  /** Takes over what a batch that is committed says of them. */
  settle(batch: Batch): void
}

export async function loadRevivals(store: StateStore, webhooks: Webhooks): Promise<Revivals> {
  /** By setting: behind which place they go on. */
  const underWay = new Map<string, string>()
  for (const { id } of webhooks.all()) {
    const place = await store.setting(settingOf(id))
    if (place !== undefined) underWay.set(settingOf(id), place)
  }
  return {
    isUnderWay: () => underWay.size > 0,
    async goOn(batch) {
      const [[name, place] = []] = underWay
      if (name === undefined) return
      const webhook = name.slice(NAME.length)
      const after = JSON.parse(place!) as MessagePlace
      const dead = webhooks.get(webhook) ? await store.deadAfter(webhook, after, REVIVED_AT_ONCE) : []
      const messages = dead.map(({ message }) => message)
      if (messages.length > 0) batch.appended.deliveriesRevived.push({ webhook, messages })
      const last = dead.at(-1)
      const isDone = last === undefined || dead.length < REVIVED_AT_ONCE
      batch.putSetting(name, isDone ? null : JSON.stringify(last))
    },
    settle(batch) {
      for (const [name, place] of batch.appended.settings) {
        if (!name.startsWith(NAME)) continue
        // Behind the others: each has its turn.
        underWay.delete(name)
        if (place !== null) underWay.set(name, place)
      }
    },
  }
}
