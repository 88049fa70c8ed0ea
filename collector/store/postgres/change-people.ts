/** People and their leads, as a batch leaves them. */
import type { Milestone } from '../../lead/state.ts'
import { sortNameOf } from '../sort-name.ts'
import type { Changes, Contact, LeadRow } from '../store.ts'
import { writeDeliveries } from './deliveries.ts'
import { writeKnown } from './known-visitors.ts'
import type { SiteOf } from './sites-of.ts'
import { dayOf } from './tables.ts'
import { json, lastByKey, list, type Row, typesOf, type Writer } from './writing.ts'

const MILESTONES = [
  'mql',
  'sql',
  'accepted',
  'rejected',
  'opportunity',
  'won',
  'lost',
] as const satisfies Milestone[]

/** Traits by which a list finds people. */
const NAMES = ['name', 'firstName', 'lastName', 'title']

export async function writePeople(writer: Writer, c: Changes, part: number, siteOf: SiteOf): Promise<void> {
  const { send, put, remove } = writer
  /** As a key of rows that are a contact's, or a visitor's. */
  const ofContact = (contact: number) => ({ site: siteOf.contact(contact), contact })
  const ofVisitor = (visitor: number) => ({ site: siteOf.visitor(visitor), visitor })
  put('contacts', c.contacts.map(contactColumns))
  if (c.contacts.length > 0)
    send(
      `UPDATE leads SET company = rows.company
       FROM (SELECT * FROM json_to_recordset($1::text::json) AS list (site bigint, no bigint, company text)) AS rows
       WHERE leads.site = rows.site AND leads.contact = rows.no AND leads.company IS DISTINCT FROM rows.company`,
      [list(c.contacts.map(({ site, no, company }) => ({ site, no, company })))],
    )
  remove('identities', c.identitiesRemoved)
  put('identities', c.identities)
  remove(
    'links',
    c.linksRemoved.map(({ visitor, at, contact }) => ({ ...ofVisitor(visitor), at, contact })),
  )
  put(
    'links',
    c.links.map(({ visitor, at, contact, viewAt }) => ({
      ...ofVisitor(visitor),
      at,
      contact,
      view_at: viewAt,
    })),
    'ignore',
  )
  put(
    'consents',
    c.consents.map((row) => ({ ...row, ...ofVisitor(row.visitor) })),
  )
  put(
    'measured_views',
    c.measuredViews.map(({ visitor, id, at }) => ({
      ...ofVisitor(visitor),
      day: dayOf(at),
      id_ms: id.ms,
      id_key: id.key,
      at,
    })),
    'ignore',
  )
  put(
    'awaited_views',
    c.awaitedViews.map(({ site, id, contact, at }) => ({
      day: dayOf(at),
      id_ms: id.ms,
      id_key: id.key,
      site,
      contact,
      at,
    })),
    'ignore',
  )
  if (c.measuredViewsBefore > 0)
    for (const views of ['measured_views', 'awaited_views'])
      send(`DELETE FROM ${views} USING sites WHERE ${views}.site = sites.no AND day < $1`, [
        c.measuredViewsBefore,
      ])
  remove(
    'edges',
    c.edgesReplaced.map(({ visitor }) => ofVisitor(visitor)),
    ['site', 'visitor'],
  )
  put(
    'edges',
    c.edgesReplaced.flatMap(({ edges }) =>
      edges.map(({ contact, visitor, from, to }) => ({
        ...ofVisitor(visitor),
        contact,
        from_at: from,
        to_at: to,
      })),
    ),
  )
  writeKnown(writer, c, siteOf)
  leads()
  remove(
    'cells',
    c.cellsReplaced.map(({ contact }) => ofContact(contact)),
    ['site', 'contact'],
  )
  const putCells = (cells: Changes['cells']) =>
    put(
      'cells',
      cells.map(({ contact, cell }) => ({
        ...ofContact(contact),
        day: cell.day,
        signal: cell.signal,
        body: json(cell),
      })),
    )
  putCells(c.cellsReplaced.flatMap(({ contact, cells }) => cells.map((cell) => ({ contact, cell }))))
  remove(
    'cells',
    c.cellsRemoved.map((row) => ({ ...row, ...ofContact(row.contact) })),
  )
  putCells(c.cells)
  put(
    'decisions',
    c.decisions.map((row) => ({
      contact: row.contact,
      at: row.decision.at,
      id_ms: row.decision.id.ms,
      id_key: row.decision.id.key,
      site: row.site,
      decision: row.decision.decision,
      reason: row.decision.reason,
      body: json(row),
    })),
    'fail',
  )
  put(
    'notes',
    c.notes.map((row) => ({ site: row.site, contact: row.contact, at: row.at, id: row.id, body: json(row) })),
    'fail',
  )
  put(
    'breaches',
    c.breaches.map(({ contact, since, site, dueAt, recordedAt }) => ({
      contact,
      since,
      site,
      due_at: dueAt,
      recorded_at: recordedAt,
    })),
    'ignore',
  )
  transitions()
  journeys()
  await writeDeliveries(writer, c)

  function leads(): void {
    // One that was part of another record and is not any more stands again where it stood; one that was taken out and
    // put back in one go did so in between.
    stand(
      [...c.leadsRemoved, ...c.leads.map(({ contact }) => contact)],
      1,
      'AND NOT EXISTS (SELECT 1 FROM leads WHERE leads.site = t.site AND leads.contact = t.contact)',
    )
    const gone = c.leadsRemoved.map(ofContact)
    for (const table of ['leads', 'cells', 'milestones', 'seen_content'] as const)
      remove(table, gone, ['site', 'contact'])
    if (c.leads.length === 0) return
    put('leads', c.leads.map(leadColumns), 'replace', {
      column: 'company',
      value: 'contacts.company',
      join: 'JOIN contacts ON contacts.site = rows.site AND contacts.no = rows.contact',
    })
    const steps = ['lead', ...MILESTONES]
    // Most events change none of them: then nothing is written.
    send(
      `INSERT INTO milestones (site, contact, ${steps})
       SELECT site, contact, ${steps} FROM json_to_recordset($1::text::json) AS rows (${typesOf('milestones', ['site', 'contact', ...steps])})
       ON CONFLICT (site, contact) DO UPDATE SET ${steps.map((step) => `${step} = excluded.${step}`)}
       WHERE (${steps.map((step) => `milestones.${step}`)}) IS DISTINCT FROM (${steps.map((step) => `excluded.${step}`)})`,
      [list(lastByKey('milestones', c.leads.map(milestonesOf)))],
    )
  }

  /** Adds `n` today to the stage where each of these was last written down to stand. */
  function stand(contacts: number[], n: 1 | -1, and = ''): void {
    if (contacts.length === 0) return
    send(
      `INSERT INTO stage_days (site, day, stage, part, n)
       SELECT site, $2, stage, $3, $4::bigint * count(*) FROM (
         SELECT DISTINCT ON (t.site, t.contact) t.site, t.contact, t.to_stage AS stage
         FROM json_to_recordset($1::text::json) AS c (site bigint, contact bigint)
         JOIN transitions AS t ON t.site = c.site AND t.contact = c.contact
         WHERE NOT EXISTS (SELECT 1 FROM superseded WHERE superseded.site = t.site AND superseded.transition = t.no) ${and}
         ORDER BY t.site, t.contact, t.effective_at DESC, t.recorded_at DESC, t.no DESC
       ) AS stood GROUP BY site, stage
       ON CONFLICT (site, day, stage, part) DO UPDATE SET n = stage_days.n + excluded.n`,
      [list(contacts.map(ofContact)), dayOf(c.watermark.now), part, n],
    )
  }

  function transitions(): void {
    if (c.transitions.length > 0) {
      put(
        'transitions',
        c.transitions.map((row) => ({
          ...ofContact(row.contact),
          no: row.no,
          from_stage: row.from,
          to_stage: row.to,
          effective_at: row.effectiveAt,
          recorded_at: row.recordedAt,
          by: row.by,
          why: row.why,
        })),
        'fail',
      )
      const ofThem = c.transitions.map(({ no, contact }) => ({ site: siteOf.contact(contact), no }))
      step(ofThem, 1)
      const superseded = c.transitions.flatMap(({ no, contact, supersedes }) =>
        supersedes.map((transition) => ({ site: siteOf.contact(contact), transition, by_transition: no })),
      )
      put('superseded', superseded, 'fail')
      step(
        superseded.map(({ site, transition }) => ({ site, no: transition })),
        -1,
      )
    }
    stand(c.leadsRemoved, -1)
  }

  /** Counts transitions on the days of their effect, or (-1) takes them back. */
  function step(rows: { site: number; no: number }[], n: 1 | -1): void {
    if (rows.length === 0) return
    send(
      `INSERT INTO stage_days (site, day, stage, part, n)
       SELECT site, day, stage, $2, sum(n) FROM (
         SELECT site, effective_at / 86400000 AS day, to_stage AS stage, $3::bigint AS n FROM transitions
           JOIN json_to_recordset($1::text::json) AS r (site bigint, no bigint) USING (site, no)
         UNION ALL
         SELECT site, effective_at / 86400000, from_stage, -$3::bigint FROM transitions
           JOIN json_to_recordset($1::text::json) AS r (site bigint, no bigint) USING (site, no) WHERE from_stage <> 'visitor'
       ) AS steps GROUP BY site, day, stage
       ON CONFLICT (site, day, stage, part) DO UPDATE SET n = stage_days.n + excluded.n`,
      [list(rows), part, n],
    )
  }

  function journeys(): void {
    if (c.touches.length > 0)
      send(
        `UPDATE milestones SET touch_at = r.at, source = r.source, entry = r.entry, campaign = r.campaign
         FROM (SELECT * FROM json_to_recordset($1::text::json)
           AS list (site bigint, contact bigint, at bigint, source text, entry text, campaign text)) AS r
         WHERE milestones.site = r.site AND milestones.contact = r.contact`,
        [
          list([
            ...new Map(
              c.touches.map(({ contact, touch }) => [contact, { ...ofContact(contact), ...touch }]),
            ).values(),
          ]),
        ],
      )
    for (const { contact, rules, isWon } of c.handOvers)
      send(
        `UPDATE milestones SET is_won = $3::text::boolean${rules === undefined ? '' : ', standing = $4'}
         WHERE site = $1 AND contact = $2`,
        [
          siteOf.contact(contact),
          contact,
          isWon === null ? null : String(isWon),
          ...(rules === undefined ? [] : [rules && json(rules)]),
        ],
      )
    for (const { contact, from, files } of c.contentSeen) {
      const site = siteOf.contact(contact)
      if (from !== null)
        send('DELETE FROM seen_content WHERE site = $1 AND contact = $2 AND at >= $3', [site, contact, from])
      if (files.length > 0)
        send(
          `INSERT INTO seen_content (site, contact, path_hash, path, at)
           SELECT leads.site, leads.contact, md5(path), path, min(at)
           FROM json_to_recordset($1::text::json) AS rows (path text, at bigint)
             JOIN leads ON leads.site = $2 AND leads.contact = $3 GROUP BY leads.site, leads.contact, path
           ON CONFLICT (site, contact, path_hash) DO UPDATE SET at = least(seen_content.at, excluded.at)`,
          [list(files.map(([path, at]) => ({ path, at }))), site, contact],
        )
    }
  }
}

function contactColumns(contact: Contact): Row {
  const { traits } = contact
  const names = NAMES.map((name) => traits[name]).filter((value) => value !== undefined && value !== null)
  return {
    no: contact.no,
    id: contact.id,
    site: contact.site,
    merged_into: contact.mergedInto,
    email: contact.email,
    phone: contact.phone,
    external_id: contact.externalId,
    names: names.map((value) => (typeof value === 'string' ? value : json(value))).join('\n'),
    identified_at: contact.identifiedAt,
    company: contact.company,
    company_name: contact.companyName,
    owner: contact.owner,
    sort_name: sortNameOf(contact),
    body: json(contact),
  }
}

function leadColumns(row: LeadRow): Row {
  const { stage, lastAt, identifiedAt, reviewDay, since } = row.lead
  return {
    contact: row.contact,
    site: row.site,
    stage,
    engagement: row.engagement,
    fit: row.fit,
    // As lists show it and are sorted by it: whoever never came was seen when it left its name.
    last_at: Math.max(lastAt, identifiedAt),
    review_day: reviewDay,
    rules_version: row.rulesVersion,
    due_at: row.dueAt,
    since,
    visits: row.visits,
    views: row.views,
    engaged_ms: row.engagedMs,
    body: json(row),
  }
}

/** What a lead has not come to is null. */
function milestonesOf({ contact, site, lead }: LeadRow): Row {
  const { firsts, identifiedAt } = lead
  const steps = MILESTONES.map((step) => [step, firsts[step] ?? null])
  return { contact, site, lead: identifiedAt, ...Object.fromEntries(steps) }
}
