/** People and their leads, as a batch leaves them. */
import type { Milestone } from '../../lead/state.ts'
import { sortNameOf } from '../sort-name.ts'
import type { Changes, Contact, LeadRow } from '../store.ts'
import { writeDeliveries } from './deliveries.ts'
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

export async function writePeople(writer: Writer, c: Changes, part: number): Promise<void> {
  const { send, put, remove } = writer
  put('contacts', c.contacts.map(contactColumns))
  if (c.contacts.length > 0)
    send(
      `UPDATE leads SET company = rows.company FROM json_to_recordset($1::text::json) AS rows (no bigint, company text)
       WHERE leads.contact = rows.no AND leads.company IS DISTINCT FROM rows.company`,
      [list(c.contacts.map(({ no, company }) => ({ no, company })))],
    )
  remove('identities', c.identitiesRemoved)
  put('identities', c.identities)
  remove(
    'links',
    c.linksRemoved.map(({ visitor, at, contact }) => ({ visitor, at, contact })),
  )
  put(
    'links',
    c.links.map(({ visitor, at, contact, viewAt }) => ({ visitor, at, contact, view_at: viewAt })),
    'ignore',
  )
  put(
    'consents',
    c.consents.map((row) => ({ ...row })),
  )
  put(
    'measured_views',
    c.measuredViews.map(({ visitor, id, at }) => ({
      day: dayOf(at),
      id_ms: id.ms,
      id_key: id.key,
      visitor,
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
      send(`DELETE FROM ${views} WHERE day < $1`, [c.measuredViewsBefore])
  remove(
    'edges',
    c.edgesReplaced.map(({ visitor }) => ({ visitor })),
    ['visitor'],
  )
  put(
    'edges',
    c.edgesReplaced.flatMap(({ edges }) =>
      edges.map(({ contact, visitor, from, to }) => ({ contact, visitor, from_at: from, to_at: to })),
    ),
  )
  leads()
  remove(
    'cells',
    c.cellsReplaced.map(({ contact }) => ({ contact })),
    ['contact'],
  )
  const putCells = (cells: Changes['cells']) =>
    put(
      'cells',
      cells.map(({ contact, cell }) => ({ contact, day: cell.day, signal: cell.signal, body: json(cell) })),
    )
  putCells(c.cellsReplaced.flatMap(({ contact, cells }) => cells.map((cell) => ({ contact, cell }))))
  remove(
    'cells',
    c.cellsRemoved.map((row) => ({ ...row })),
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
    c.notes.map((row) => ({ contact: row.contact, at: row.at, id: row.id, body: json(row) })),
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
      'NOT EXISTS (SELECT 1 FROM leads WHERE leads.contact = c.contact)',
    )
    const gone = c.leadsRemoved.map((contact) => ({ contact }))
    for (const table of ['leads', 'cells', 'milestones', 'seen_content'] as const)
      remove(table, gone, ['contact'])
    if (c.leads.length === 0) return
    put('leads', c.leads.map(leadColumns), 'replace', {
      company: '(SELECT company FROM contacts WHERE no = rows.contact)',
    })
    const steps = ['lead', ...MILESTONES]
    // Most events change none of them: then nothing is written.
    send(
      `INSERT INTO milestones (contact, site, ${steps})
       SELECT contact, site, ${steps} FROM json_to_recordset($1::text::json) AS rows (${typesOf('milestones', ['contact', 'site', ...steps])})
       ON CONFLICT (contact) DO UPDATE SET ${steps.map((step) => `${step} = excluded.${step}`)}
       WHERE (${steps.map((step) => `milestones.${step}`)}) IS DISTINCT FROM (${steps.map((step) => `excluded.${step}`)})`,
      [list(lastByKey('milestones', c.leads.map(milestonesOf)))],
    )
  }

  /** Adds `n` today to the stage where each of these was last written down to stand. */
  function stand(contacts: number[], n: 1 | -1, where = 'true'): void {
    if (contacts.length === 0) return
    send(
      `INSERT INTO stage_days (site, day, stage, part, n)
       SELECT site, $2, stage, $3, $4::bigint * count(*) FROM (
         SELECT contacts.site, (SELECT to_stage FROM transitions AS t
             WHERE t.contact = c.contact AND NOT EXISTS (SELECT 1 FROM superseded WHERE transition = t.no)
             ORDER BY t.recorded_at DESC, t.no DESC LIMIT 1) AS stage
         FROM json_to_recordset($1::text::json) AS c (contact bigint) JOIN contacts ON contacts.no = c.contact WHERE ${where}
       ) AS stood WHERE stage IS NOT NULL GROUP BY site, stage
       ON CONFLICT (site, day, stage, part) DO UPDATE SET n = stage_days.n + excluded.n`,
      [list(contacts.map((contact) => ({ contact }))), dayOf(c.watermark.now), part, n],
    )
  }

  function transitions(): void {
    if (c.transitions.length > 0) {
      send(
        `INSERT INTO transitions (no, contact, site, from_stage, to_stage, effective_at, recorded_at, by, why)
         SELECT r.no, r.contact, contacts.site, r.from_stage, r.to_stage, r.effective_at, r.recorded_at, r.by, r.why
         FROM json_to_recordset($1::text::json) AS r (no bigint, contact bigint, from_stage text, to_stage text,
           effective_at bigint, recorded_at bigint, by text, why text) LEFT JOIN contacts ON contacts.no = r.contact`,
        [
          list(
            c.transitions.map((row) => ({
              no: row.no,
              contact: row.contact,
              from_stage: row.from,
              to_stage: row.to,
              effective_at: row.effectiveAt,
              recorded_at: row.recordedAt,
              by: row.by,
              why: row.why,
            })),
          ),
        ],
      )
      step(
        c.transitions.map(({ no }) => no),
        1,
      )
      const superseded = c.transitions.flatMap(({ no, supersedes }) =>
        supersedes.map((transition) => ({ transition, by_transition: no })),
      )
      put('superseded', superseded, 'fail')
      step(
        superseded.map(({ transition }) => transition),
        -1,
      )
    }
    stand(c.leadsRemoved, -1)
  }

  /** Counts transitions on the days of their effect, or (-1) takes them back. */
  function step(numbers: number[], n: 1 | -1): void {
    if (numbers.length === 0) return
    send(
      `INSERT INTO stage_days (site, day, stage, part, n)
       SELECT site, day, stage, $2, sum(n) FROM (
         SELECT site, effective_at / 86400000 AS day, to_stage AS stage, $3::bigint AS n FROM transitions
           JOIN json_to_recordset($1::text::json) AS r (no bigint) USING (no)
         UNION ALL
         SELECT site, effective_at / 86400000, from_stage, -$3::bigint FROM transitions
           JOIN json_to_recordset($1::text::json) AS r (no bigint) USING (no) WHERE from_stage <> 'visitor'
       ) AS steps WHERE site IS NOT NULL GROUP BY site, day, stage
       ON CONFLICT (site, day, stage, part) DO UPDATE SET n = stage_days.n + excluded.n`,
      [list(numbers.map((no) => ({ no }))), part, n],
    )
  }

  function journeys(): void {
    if (c.touches.length > 0)
      send(
        `UPDATE milestones SET touch_at = r.at, source = r.source, entry = r.entry, campaign = r.campaign
         FROM json_to_recordset($1::text::json) AS r (contact bigint, at bigint, source text, entry text, campaign text)
         WHERE milestones.contact = r.contact`,
        [
          list([
            ...new Map(c.touches.map(({ contact, touch }) => [contact, { contact, ...touch }])).values(),
          ]),
        ],
      )
    for (const { contact, rules, isWon } of c.handOvers)
      send(
        `UPDATE milestones SET is_won = $2::text::boolean${rules === undefined ? '' : ', standing = $3'} WHERE contact = $1`,
        [
          contact,
          isWon === null ? null : String(isWon),
          ...(rules === undefined ? [] : [rules && json(rules)]),
        ],
      )
    for (const { contact, from, files } of c.contentSeen) {
      if (from !== null) send('DELETE FROM seen_content WHERE contact = $1 AND at >= $2', [contact, from])
      if (files.length > 0)
        send(
          `INSERT INTO seen_content (contact, path_hash, path, at)
           SELECT contact, md5(path), path, min(at) FROM json_to_recordset($1::text::json) AS rows (contact bigint, path text, at bigint)
           WHERE EXISTS (SELECT 1 FROM leads WHERE leads.contact = rows.contact) GROUP BY contact, path
           ON CONFLICT (contact, path_hash) DO UPDATE SET at = least(seen_content.at, excluded.at)`,
          [list(files.map(([path, at]) => ({ contact, path, at })))],
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
    body: json(row),
  }
}

/** What a lead has not come to is null. */
function milestonesOf({ contact, site, lead }: LeadRow): Row {
  const { firsts, identifiedAt } = lead
  const steps = MILESTONES.map((step) => [step, firsts[step] ?? null])
  return { contact, site, lead: identifiedAt, ...Object.fromEntries(steps) }
}
