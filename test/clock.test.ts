import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { standardDocument } from '../collector/lead/presets/standard.ts'
import type { LeadAnswer } from '../shared/api.ts'
import { beaconOf, DAY, eventId, START, type TestCollector, testCollector } from './support/collector.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-clock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const settled = (lw: TestCollector) => lw.until('/readyz', ({ lag }) => lag === 0)
const signal = async (lw: TestCollector, name: string, more: object = {}) => {
  const body = { site: 'main', contact: 'crm-1', name, id: `${name}-${lw.clock.now}`, ...more }
  expect(await lw.call('POST', '/v1/events', body)).toMatchObject({ status: 200, body: { stored: true } })
}
/** A person whose call-back makes an MQL, which ticks take away some weeks later. */
async function caller(lw: TestCollector): Promise<string> {
  const body = { site: 'main', externalId: 'crm-1', signal: { name: 'callback_requested', id: 'c' } }
  return (await lw.call('POST', '/v1/identify', body)).body.id
}
const leadOf = async (lw: TestCollector, id: string): Promise<LeadAnswer> => {
  await settled(lw)
  return (await lw.call('GET', `/v1/leads/${id}`)).body
}
const steps = ({ transitions }: LeadAnswer) =>
  transitions.map(({ to, effectiveAt }) => `${to} ${effectiveAt}`)

describe('a collector that was stopped', () => {
  /** Lives so many days, of which it is down from one to another; an event on the last day. */
  async function days(
    name: string,
    all: number,
    down: [from: number, to: number] | null,
  ): Promise<LeadAnswer> {
    const db = join(folder, `${name}.db`)
    // A call-back fades within weeks, so that few days show the fall.
    const rules = join(folder, 'rules.json')
    writeFileSync(rules, JSON.stringify({ extends: 'standard', groups: { hand: { halfLifeDays: 10 } } }))
    let lw = await testCollector({ db, rules })
    const id = await caller(lw)
    for (let day = 1; day <= all; day++) {
      if (down && day > down[0] && day < down[1]) continue
      if (down && day === down[1]) {
        await lw.remove()
        lw = await testCollector({ db, now: START + day * DAY })
      }
      lw.clock.now = START + day * DAY
      // Whoever comes first brings the ticks of the days before.
      const { now } = lw.clock
      const view = beaconOf(now, [['p', eventId(now, day), now, '/']], { v: 'other' })
      expect((await lw.beacon(view)).status).toBe(204)
    }
    await settled(lw)
    await signal(lw, 'email_click')
    const lead = await leadOf(lw, id)
    await lw.remove()
    return lead
  }

  // Three starts: on a machine that has much else to do they take their time.
  it('catches up on the days that it missed, in order, as if it had been there', {
    timeout: 60_000,
  }, async () => {
    const there = await days('there', 30, null)
    expect(steps(there).map((step) => step.split(' ')[0])).toEqual(['lead', 'mql', 'lead'])
    // Down for ten days over the fall itself: its streak of low days began before and ended after.
    const fell = Math.round((Date.parse(there.transitions[2]!.effectiveAt) - START) / DAY)
    const back = await days('back', 30, [fell - 4, fell + 6])
    expect(steps(back)).toEqual(steps(there))
    expect([back.stage, back.engagement, back.reasons]).toEqual([
      there.stage,
      there.engagement,
      there.reasons,
    ])
    // It was learned of only when the collector was there again.
    expect(Date.parse(back.transitions[2]!.recordedAt)).toBe(START + (fell + 6) * DAY)
  })
})

describe('a clock that jumps', () => {
  it.each([
    ['back by three days', -3 * DAY],
    ['back by years', -1500 * DAY],
    ['forwards by ten days', 10 * DAY],
    ['forwards by three years', 1100 * DAY],
  ])('%s, and is put right again: time never goes back for a lead', async (_, jump) => {
    const lw = await testCollector({ now: START })
    const id = await caller(lw)
    const seen: LeadAnswer[] = []
    for (const now of [
      START + DAY,
      START + 2 * DAY + jump,
      START + 2 * DAY + jump + 1_000,
      START + 3 * DAY,
    ]) {
      lw.clock.now = now
      await signal(lw, 'email_click')
      seen.push(await leadOf(lw, id))
    }
    lw.clock.now = START + 3 * DAY + 1_000
    await signal(lw, 'demo_requested')
    const last = await leadOf(lw, id)
    seen.push(last)

    const learned = [...last.transitions, ...last.superseded].sort((a, b) => a.id - b.id)
    const times = learned.map(({ recordedAt }) => recordedAt)
    expect(times).toEqual(times.toSorted())
    const effects = last.transitions.map(({ effectiveAt }) => effectiveAt)
    expect(effects).toEqual(effects.toSorted())
    for (const { engagement, reasons } of seen) {
      expect(engagement).toBeGreaterThanOrEqual(0)
      expect(engagement).toBeLessThanOrEqual(100)
      expect(reasons.reduce((sum, { points }) => sum + Math.round(points * 100), 0)).toBe(
        Math.round(engagement * 100),
      )
    }
    // A hand was raised, and what became of it is what a replay of everything gives.
    expect(last.transitions.map(({ to }) => to)).toContain('sql')
    const again = { site: 'main', document: standardDocument, notify: 'silent' }
    expect((await lw.call('POST', '/v1/rules', again)).status).toBe(200)
    const replayed = await leadOf(lw, id)
    expect({ ...replayed, rulesVersion: 1 }).toEqual(last)
    await lw.remove()
  })
})
