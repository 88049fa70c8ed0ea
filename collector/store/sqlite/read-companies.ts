/** What is asked of companies: of their people together. */
import type { Database } from 'better-sqlite3'
import { STAGES_BY_STRENGTH } from '../../../shared/lead.ts'
import type { CompanyCursor, ListedCompany, StateReader } from '../reader.ts'
import { EVENT_KINDS } from './event-row.ts'
import { LISTED, listedLead } from './read-leads.ts'

const STRENGTH = `CASE stage ${STAGES_BY_STRENGTH.map((stage, i) => `WHEN '${stage}' THEN ${i}`).join(' ')} END`
const [PAGE, ENGAGE] = (['page', 'engage'] as const).map((kind) => EVENT_KINDS.indexOf(kind))

type CompanyReader = Pick<
  StateReader,
  'companies' | 'company' | 'companyTotals' | 'companyNames' | 'companyPages' | 'companyPeople'
>

export function companyReader(db: Database): CompanyReader {
  /** From one index; by stage first, which it is in order of: what each stage is worth is then looked up once for all its people. */
  const listed = (which: string) =>
    db.prepare(
      `SELECT company AS key, sum(n) AS people, max(strength) AS strength, sum(engagement) AS engagement, max(last_at) AS lastAt FROM
         (SELECT company, count(*) AS n, sum(engagement) AS engagement, max(last_at) AS last_at, ${STRENGTH} AS strength
          FROM leads WHERE site = @site AND ${which} GROUP BY company, stage)
       GROUP BY company
       HAVING max(strength) < @strength OR (max(strength) = @strength
         AND (sum(engagement) < @engagement OR (sum(engagement) = @engagement AND company > @key)))
       ORDER BY max(strength) DESC, sum(engagement) DESC, company LIMIT @limit`,
    )
  const all = listed('company IS NOT NULL')
  const one = listed('company = @company')
  const AMONG = 'site = ? AND company IN (SELECT value FROM json_each(?))'
  const totals = db.prepare(
    `SELECT company, sum(visits) AS visits, sum(views) AS views, sum(engaged_ms) AS engagedMs FROM leads
     WHERE ${AMONG} GROUP BY company`,
  )
  const names = db.prepare(
    `SELECT company, company_name AS name FROM contacts WHERE ${AMONG} AND company_name IS NOT NULL
     GROUP BY company, company_name ORDER BY count(*) DESC, company_name`,
  )
  // How long a page was read is looked up of the views of those pages alone that are shown.
  const pages = db.prepare(
    `WITH viewed AS MATERIALIZED (
       SELECT events.visitor, id_ms, id_key, a AS page FROM contacts JOIN edges ON edges.contact = contacts.no
         JOIN events ON events.visitor = edges.visitor AND kind = ${PAGE}
           AND id_ms + lag >= from_at AND (to_at IS NULL OR id_ms + lag < to_at)
       WHERE contacts.site = ? AND contacts.company = ?
     ), most AS MATERIALIZED (
       SELECT page, text, views FROM (SELECT page, count(*) AS views FROM viewed GROUP BY page) JOIN texts ON texts.no = page
       ORDER BY views DESC, text LIMIT ?
     ), engaged AS (
       SELECT page, sum(coalesce((SELECT max(b) FROM events WHERE events.visitor = viewed.visitor AND events.id_ms = viewed.id_ms
         AND kind = ${ENGAGE} AND a = viewed.id_key), 0)) AS ms
       FROM viewed WHERE page IN (SELECT page FROM most) GROUP BY page
     )
     SELECT text AS path, views, ms AS engagedMs FROM most JOIN engaged USING (page) ORDER BY views DESC, text`,
  )
  const people = db.prepare(
    `${LISTED} WHERE leads.site = ? AND leads.company = ?
     ORDER BY ${STRENGTH} DESC, leads.engagement DESC, leads.contact LIMIT ?`,
  )

  const from = (behind: CompanyCursor | undefined): CompanyCursor =>
    behind ?? { strength: STAGES_BY_STRENGTH.length, engagement: 0, key: '' }

  return {
    companies: (site, limit, after) => all.all({ ...from(after), site, limit }) as ListedCompany[],
    company: (site, company) =>
      one.get({ ...from(undefined), site, company, limit: 1 }) as ListedCompany | undefined,
    companyTotals(site, companies) {
      const rows = totals.all(site, JSON.stringify(companies)) as {
        company: string
        visits: number
        views: number
        engagedMs: number
      }[]
      return new Map(rows.map(({ company, ...sums }) => [company, sums]))
    },
    companyNames: (site, companies) =>
      names.all(site, JSON.stringify(companies)) as { company: string; name: string }[],
    companyPages: (site, company, limit) =>
      pages.all(site, company, limit) as { path: string; views: number; engagedMs: number }[],
    companyPeople: (site, company, limit) => people.all(site, company, limit).map(listedLead),
  }
}
