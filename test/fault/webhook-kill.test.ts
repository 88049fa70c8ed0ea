import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { serveBuilt } from '../support/process.ts'
import { receiver } from '../webhook/receiver.ts'

const KEY = 'lw_a-key-for-the-killed'

it('a collector that is killed while a receiver thinks sends the message again, under its id', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-killed-'))
  const env = {
    LEADWAKE_DB: join(folder, 'x.db'),
    LEADWAKE_ADMIN_KEY: KEY,
    LEADWAKE_WEBHOOK_ALLOW: '127.0.0.1',
  }
  const there = await receiver()
  there.answer = () => {}
  let collector = await serveBuilt(env)
  const call = async (path: string, body?: unknown) => {
    const response = await fetch(`${collector.origin}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${KEY}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: answers are asserted on, field by field
    return (await response.json()) as any
  }
  try {
    const { id } = await call('/v1/webhooks', { url: there.url, events: ['lead.sql'] })
    const signal = { name: 'demo_requested', id: 'd' }
    await call('/v1/identify', { site: 'main', email: 'ada@acme.org', signal })
    await there.until(1)
    collector.child.kill('SIGKILL')
    await collector.ended
    there.answer = 200
    collector = await serveBuilt(env)
    await there.until(2)
    expect(there.received.map((one) => one.id)).toEqual([there.received[0]!.id, there.received[0]!.id])
    expect(there.received[1]!.body).toBe(there.received[0]!.body)
    for (;;) {
      const { items } = await call(`/v1/webhooks/${id}/deliveries`)
      if (items[0].state !== 'delivered') continue
      // Of the try that was cut off nobody knows.
      expect(items).toMatchObject([{ message: there.received[0]!.id, tries: [{ status: 200 }] }])
      break
    }
  } finally {
    collector.child.kill('SIGTERM')
    await collector.ended
    await there.close()
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)
