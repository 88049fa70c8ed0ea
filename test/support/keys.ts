import { withState } from '../../collector/cli/perform.ts'
import { ENTRY_VERSION, type Right } from '../../collector/entry.ts'
import { addKey, siteEntry } from '../../collector/seed.ts'
import { pause, type TestCollector } from './collector.ts'

/** A command beside a test's collector has its clock. */
const clockOf = (lw: TestCollector) => ({ now: () => lw.clock.now })

/** Makes a key as the CLI does, beside the running collector; resolves when the collector opens to it. */
export async function keyFor(
  lw: TestCollector,
  rights: Right[],
  site: string | null = null,
): Promise<{ id: string; key: string }> {
  const made = await withState(lw.db, (perform) => addKey(perform, 'test', rights, site), clockOf(lw))
  await answered(lw, made.key, (status) => status !== 401)
  return made
}

/** Revokes a key as the CLI does; resolves when the collector refuses it. */
export async function revoke(lw: TestCollector, { id, key }: { id: string; key: string }): Promise<void> {
  await withState(lw.db, (perform) => perform({ kind: 'key-revoked', v: ENTRY_VERSION, id }), clockOf(lw))
  await answered(lw, key, (status) => status === 401)
}

/** Adds a site; resolves when the collector knows it. */
export async function addSite(
  lw: TestCollector,
  id: string,
  consent: 'required' | 'given' = 'required',
): Promise<void> {
  await withState(lw.db, (perform) => perform(siteEntry(id, id, consent)), clockOf(lw))
  await lw.until(`/v1/stats?site=${id}`, (body) => body.site === id)
}

/** A call with another key, or with none. */
export async function callAs(
  lw: TestCollector,
  authorization: string | undefined,
  method: string,
  path: string,
  body?: unknown,
  // biome-ignore lint/suspicious/noExplicitAny: answers are asserted on, field by field
): Promise<{ status: number; headers: Headers; body: any }> {
  const response = await lw.request(path, {
    method,
    headers: authorization === undefined ? {} : { authorization },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  }
}

async function answered(lw: TestCollector, key: string, holds: (status: number) => boolean): Promise<void> {
  for (;;) {
    const { status } = await callAs(lw, `Bearer ${key}`, 'GET', '/v1/stats')
    if (holds(status)) return
    await pause()
  }
}
