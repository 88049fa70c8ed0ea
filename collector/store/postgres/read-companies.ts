import { STAGES_BY_STRENGTH } from '../../../shared/lead.ts'
import type { CompanyCursor, ListedCompany, StateReader } from '../reader.ts'
import { type Asker, textsIn } from './asker.ts'
import type { Value } from './bridge.ts'
import { EVENT_KINDS } from './event-row.ts'
import { LISTED, listedLeads } from './read-leads.ts'

const STRENGTH = `CASE leads.stage ${STAGES_BY_STRENGTH.map((stage, i) => `WHEN '${stage}' THEN ${i}`).join(' ')} END`

const [PAGE, ENGAGE] = (['page', 'engage'] as const).map((kind) => EVENT_KINDS.indexOf(kind))

export function companyReader(
  asker: Asker,
): Pick<
  StateReader,
  'companies' | 'company' | 'companyTotals' | 'companyNames' | 'companyPages' | 'companyPeople'
> {
  const { all } = asker

  /** From one index, but for when their people were last there. */
  function companies(where: string, args: Value[], limit: number, after?: CompanyCursor): ListedCompany[] {
    const values = [...args]
    const bind = (value: Value): string => `$${values.push(value)}`
    const [strongest, together] = [`max(${STRENGTH})`, 'sum(leads.engagement)']
    const having = after
      ? `HAVING ${strongest} < ${bind(after.strength)}::bigint OR (${strongest} = $${values.length}::bigint AND (${together} < ${bind(after.engagement)}::bigint
           OR (${together} = $${values.length}::bigint AND leads.company COLLATE "C" > ${bind(after.key)})))`
      : ''
    const found = all<Omit<ListedCompany, 'lastAt'>>(
      `SELECT leads.company AS key, count(*) AS people, ${strongest} AS strength, ${together} AS engagement
       FROM leads WHERE ${where} GROUP BY leads.company ${having}
       ORDER BY 3 DESC, 4 DESC, leads.company COLLATE "C" LIMIT ${bind(limit)}`,
      ...values,
    )
    if (found.length === 0) return []
    const seen = all<{ key: string; lastAt: number }>(
      `SELECT leads.company AS key, max(greatest(leads.last_at, contacts.identified_at)) AS "lastAt"
       FROM leads JOIN contacts ON contacts.site = leads.site AND contacts.no = leads.contact
       WHERE leads.site = $1 AND leads.company = ANY (${textsIn('$2')}) GROUP BY leads.company`,
      args[0]!,
      JSON.stringify(found.map(({ key }) => key)),
    )
    const lastAt = new Map(seen.map((row) => [row.key, row.lastAt]))
    return found.map((company) => ({ ...company, lastAt: lastAt.get(company.key)! }))
  }

  return {
    companies: (site, limit, after) =>
      companies('leads.site = $1 AND leads.company IS NOT NULL', [site], limit, after),
    company: (site, key) => companies('leads.site = $1 AND leads.company = $2', [site, key], 1)[0],
    companyTotals(site, keys) {
      const rows = all<{ company: string; visits: number; views: number; engagedMs: number }>(
        `SELECT company, sum(visits) AS visits, sum(views) AS views, sum(engaged_ms) AS "engagedMs" FROM leads
         WHERE site = $1 AND company = ANY (${textsIn('$2')}) GROUP BY company`,
        site,
        JSON.stringify(keys),
      )
      return new Map(rows.map(({ company, ...totals }) => [company, totals]))
    },
    companyNames: (site, keys) =>
      all(
        `SELECT company, company_name AS name FROM contacts
         WHERE site = $1 AND company = ANY (${textsIn('$2')}) AND company_name IS NOT NULL
         GROUP BY company, company_name ORDER BY count(*) DESC, company_name COLLATE "C"`,
        site,
        JSON.stringify(keys),
      ),
    companyPages: (site, company, limit) =>
      // Read once: asked for each page by itself, how long it was read took nine tenths of the time.
      all(
        `WITH done AS (
           SELECT events.visitor, id_ms, id_key, at, kind, value, page_key, ms, from_at, to_at
           FROM contacts JOIN edges ON edges.site = contacts.site AND edges.contact = contacts.no
           JOIN events ON events.site = edges.site AND events.visitor = edges.visitor AND events.kind IN (${PAGE}, ${ENGAGE})
           WHERE contacts.site = $1 AND contacts.company = $2)
         SELECT value AS path, count(*) AS views, coalesce(sum(engaged.ms), 0) AS "engagedMs"
         FROM (SELECT * FROM done WHERE kind = ${PAGE} AND at >= from_at AND (to_at IS NULL OR at < to_at)) AS read
         LEFT JOIN (SELECT visitor, id_ms, page_key, max(ms) AS ms FROM done WHERE kind = ${ENGAGE} GROUP BY visitor, id_ms, page_key) AS engaged
           ON engaged.visitor = read.visitor AND engaged.id_ms = read.id_ms AND engaged.page_key = read.id_key
         GROUP BY value ORDER BY 2 DESC, value COLLATE "C" LIMIT $3`,
        site,
        company,
        limit,
      ),
    companyPeople: (site, company, limit) =>
      listedLeads(
        asker,
        all(
          `SELECT ${LISTED} FROM contacts JOIN leads ON leads.site = contacts.site AND leads.contact = contacts.no
           WHERE contacts.site = $1 AND contacts.company = $2
           ORDER BY ${STRENGTH} DESC, leads.engagement DESC, contacts.no LIMIT $3`,
          site,
          company,
          limit,
        ),
      ),
  }
}
