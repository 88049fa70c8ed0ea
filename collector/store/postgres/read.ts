/** What the API and the dashboard ask, of PostgreSQL. */
import type { StateReader } from '../reader.ts'
import type { KeyRow, Site, StaffRow } from '../store.ts'
import { askerOf } from './asker.ts'
import { type BridgeOptions, openBridge } from './bridge.ts'
import { companyReader } from './read-companies.ts'
import { deliveryReader } from './read-deliveries.ts'
import { findLeads, LISTED, listedLeads } from './read-leads.ts'
import { peopleReader } from './read-people.ts'
import { heldOf } from './read-person.ts'
import { presentReader } from './read-present.ts'
import { reportReader } from './read-reports.ts'
import { rollUpReader } from './read-roll-ups.ts'
import { visitReader } from './read-visits.ts'

export interface PostgresReader {
  state: StateReader
  /** Answers a question of which all rows are of one moment: `state` may be asked within alone. */
  within<T>(answer: () => T): T
  close(): void
}

export function postgresReader(url: string, options: BridgeOptions): PostgresReader {
  const bridge = openBridge(url, options)
  const asker = askerOf(bridge)
  const { all, one, once } = asker
  const { expect, ...people } = peopleReader(asker)
  const companies = companyReader(asker)

  const settings = () =>
    once(
      'settings',
      () =>
        new Map(
          all<{ name: string; value: string }>('SELECT name, value FROM settings').map(({ name, value }) => [
            name,
            value,
          ]),
        ),
    )
  const sites = () =>
    once('sites', () =>
      all<{ body: string }>('SELECT body FROM sites ORDER BY no').map(({ body }): Site => JSON.parse(body)),
    )
  /** How far all projectors are, and the greatest received time that any has projected. */
  const watermark = () =>
    once(
      'watermark',
      () =>
        one<{ seq: number; now: number }>(
          'SELECT coalesce(min(seq), 0) AS seq, coalesce(max(now), 0) AS now FROM watermarks',
        )!,
    )

  const state: StateReader = {
    setting: (name) => settings().get(name),
    sites,
    keys: () =>
      all<{ body: string; revokedAt: number | null; expiresAt: number | null; usedAt: number | null }>(
        `SELECT body, revoked_at AS "revokedAt", expires_at AS "expiresAt", used_at AS "usedAt" FROM keys
         ORDER BY created_at, id COLLATE "C"`,
      ).map(({ body, ...times }): KeyRow => ({ ...JSON.parse(body), ...times })),
    staff: () =>
      all<{ body: string; createdAt: number }>(
        'SELECT body, created_at AS "createdAt" FROM staff ORDER BY created_at, id COLLATE "C"',
      ).map(({ body, createdAt }): StaffRow => ({ ...JSON.parse(body), createdAt })),
    rules: (site, version) =>
      once(`rules ${site} ${version}`, () => {
        const row = one<{ version: number; document: string }>(
          'SELECT version, document FROM rules WHERE site = $1 AND ($2::bigint IS NULL OR version = $2) ORDER BY version DESC LIMIT 1',
          site,
          version ?? null,
        )
        return row && { version: row.version, document: JSON.parse(row.document) }
      }),
    standing(site) {
      const version = sites().find(({ no }) => no === site)!.rulesVersion
      const { n } = one<{ n: number }>(
        'SELECT count(*) AS n FROM leads WHERE site = $1 AND rules_version = $2',
        site,
        version,
      )!
      return { version, leads: n }
    },
    rulesHistory: (site) =>
      all(
        'SELECT version, applied_at AS "appliedAt", by FROM rules WHERE site = $1 ORDER BY version DESC',
        site,
      ),
    rollUps: rollUpReader(asker),
    visitRows: visitReader(asker),
    present: presentReader(asker),
    deliveries: deliveryReader(asker),
    ...companies,
    companyPeople(site, company, limit) {
      const found = companies.companyPeople(site, company, limit)
      expect(
        found.map(({ contact }) => contact.no),
        'transitions',
      )
      return found
    },
    ...reportReader(asker),
    ...people,
    stages: (site) =>
      once(`stages ${site}`, () =>
        all(
          'SELECT stage, sum(n) AS n FROM stage_days WHERE site = $1 GROUP BY stage HAVING sum(n) <> 0 ORDER BY stage COLLATE "C"',
          site,
        ),
      ),
    leads(asked) {
      const { contacts, next } = findLeads(asker, asked)
      if (contacts.length === 0) return { rows: [], next }
      const rows = all<{ contact: string; lead: string }>(
        `SELECT ${LISTED} FROM json_array_elements_text($1::text::json) WITH ORDINALITY AS asked (no, place)
         JOIN leads ON leads.site = $2 AND leads.contact = asked.no::bigint
         JOIN contacts ON contacts.site = leads.site AND contacts.no = leads.contact ORDER BY place`,
        JSON.stringify(contacts),
        asked.site,
      )
      expect(contacts)
      return { rows: listedLeads(asker, rows), next }
    },
    lead: (contactId) =>
      once(`lead ${contactId}`, () => {
        const rows = all<{ contact: string; lead: string }>(
          `SELECT ${LISTED} FROM contacts JOIN leads ON leads.site = contacts.site AND leads.contact = contacts.no
           WHERE contacts.id = $1`,
          contactId,
        )
        return listedLeads(asker, rows)[0]
      }),
    overdue: (at) =>
      one<{ any: boolean }>(
        `SELECT EXISTS (SELECT 1 FROM leads WHERE due_at <= $1 AND NOT EXISTS (SELECT 1 FROM breaches
           WHERE breaches.site = leads.site AND breaches.contact = leads.contact AND breaches.since = leads.since)) AS any`,
        at,
      )!.any,
    heldOf: (contact) => heldOf(asker, contact),
    suppressions: () =>
      all<{ hash: string }>('SELECT hash FROM suppressions ORDER BY hash COLLATE "C"').map(
        ({ hash }) => hash,
      ),
    audit: (before, limit, site) =>
      all<{ detail: string }>(
        'SELECT no, at, by, what, site, subject, detail FROM audit WHERE no < $1 AND ($3::text IS NULL OR site = $3) ORDER BY no DESC LIMIT $2',
        before,
        limit,
        site,
      ).map((row) => ({ ...row, detail: JSON.parse(row.detail) })) as unknown as ReturnType<
        StateReader['audit']
      >,
    outcome(ref) {
      const row = one<{ body: string }>('SELECT body FROM outcomes WHERE ref = $1', ref)
      return row && JSON.parse(row.body)
    },
    counts: () =>
      Object.fromEntries(
        all<{ name: string; n: number }>('SELECT name, sum(n) AS n FROM counts GROUP BY name').map(
          ({ name, n }) => [name, n],
        ),
      ),
    refusals: (site, first, last) =>
      all(
        `SELECT day, reason, sum(n) AS n FROM refusals WHERE site = $1 AND day BETWEEN $2 AND $3
         GROUP BY day, reason ORDER BY day, reason COLLATE "C"`,
        site,
        first,
        last,
      ),
    deadLetters: (after, limit) =>
      all(
        'SELECT seq, at, body, reason FROM dead_letters WHERE seq > $1 ORDER BY seq LIMIT $2',
        after,
        limit,
      ),
    watermark: () => watermark().seq,
    projectedNow: () => watermark().now,
  }

  return {
    state,
    within(answer) {
      try {
        return answer()
      } finally {
        asker.end()
      }
    },
    close: () => bridge.close(),
  }
}
