import { expect } from 'vitest'
import { beaconOf, DAY, eventId, START, type TestCollector } from '../support/collector.ts'

/** A form's fields as a browser posts them. */
export type Fields = Record<string, string>

let serial = 0

/** Reads two pages yesterday, as a visitor whose browser the snippet gave `id`. */
export async function visitorReads(lw: TestCollector, id: string): Promise<void> {
  const at = START - DAY
  const pages = ['/services/retrofit', '/pricing'].map((path, i) => [
    'p',
    eventId(at + i * 1_000, ++serial),
    at + i * 1_000,
    path,
  ])
  const answer = await lw.beacon(beaconOf(START, pages, { v: id }))
  expect(answer.status).toBe(204)
}

/** What the form posts, `visitor` filled in by the snippet. */
export function filled(email: string, visitor: string): Fields {
  return {
    leadwake_visitor: visitor,
    submission: `form-${++serial}`,
    name: 'Ada Lovelace',
    company: 'Analytical Engines',
    email,
  }
}

/** The lead of that e-mail and the paths that it read, newest first; undefined before there is one. */
// biome-ignore lint/suspicious/noExplicitAny: answers are asserted on, field by field
export async function leadOf(lw: TestCollector, email: string): Promise<{ lead: any; paths: string[] }> {
  const { body } = await lw.call('GET', '/v1/leads?site=main&limit=500')
  const listed = body.items.find((item: { email: string }) => item.email === email)
  if (!listed) return { lead: undefined, paths: [] }
  const lead = (await lw.call('GET', `/v1/leads/${listed.id}`)).body
  const timeline = (await lw.call('GET', `/v1/leads/${listed.id}/timeline`)).body
  const paths = timeline.items
    .filter(({ kind }: { kind: string }) => kind === 'page')
    .map(({ path }: { path: string }) => path)
  return { lead, paths }
}

/** What every example must have done once Ada sent its form. */
export async function expectLinked(lw: TestCollector, email: string): Promise<void> {
  const { lead, paths } = await leadOf(lw, email)
  expect(paths).toEqual(['/pricing', '/services/retrofit'])
  expect(lead).toMatchObject({
    stage: 'sql',
    name: 'Ada Lovelace',
    company: 'Analytical Engines',
    visits: 1,
    visitors: 1,
  })
  expect(lead.transitions.at(-1)).toMatchObject({ to: 'sql', why: expect.stringMatching(/demo/i) })
}
