import type { Database } from 'better-sqlite3'
import type { Changes, LeadRow } from '../store.ts'
import { toColumns } from './row.ts'
import type { Texts } from './texts.ts'

const DAY_MS = 86_400_000
const dayOf = (at: number): number => Math.floor(at / DAY_MS)

/** Writes leads, what was decided and noted of them, how far they came and by what, and how many stood at each stage; behind contacts. */
export function leadWriter(db: Database, texts: Texts): (changes: Changes) => void {
  const s = {
    hasLead: db.prepare('SELECT 1 FROM leads WHERE contact = ?'),
    // By how much a lead that becomes part of another one, or is taken out of it, changes where it stood last.
    standHeld: db.prepare(
      `INSERT INTO stage_days (day, n, stage, site)
       SELECT * FROM (SELECT ?, ?, to_stage, site FROM transitions JOIN contacts ON contacts.no = contact
         WHERE contact = ? AND NOT EXISTS (SELECT 1 FROM superseded WHERE transition = transitions.no)
         ORDER BY transitions.no DESC LIMIT 1) WHERE true
       ON CONFLICT (site, day, stage) DO UPDATE SET n = n + excluded.n`,
    ),
    dropLead: db.prepare('DELETE FROM leads WHERE contact = ?'),
    putLead: db.prepare(
      `INSERT INTO leads (contact, site, stage, engagement, fit, last_at, since, review_day, rules_version, due_at, visits, views, engaged_ms, lead, company)
       VALUES (@contact, @site, @stage, @engagement, @fit, @lastAt, @since, @reviewDay, @rulesVersion, @dueAt, @visits, @views, @engagedMs, @lead,
         (SELECT company FROM contacts WHERE no = @contact))
       ON CONFLICT (contact) DO UPDATE SET stage = excluded.stage, engagement = excluded.engagement, fit = excluded.fit,
         last_at = excluded.last_at, since = excluded.since, review_day = excluded.review_day, rules_version = excluded.rules_version, due_at = excluded.due_at,
         visits = excluded.visits, views = excluded.views, engaged_ms = excluded.engaged_ms, lead = excluded.lead`,
    ),
    dropMilestones: db.prepare('DELETE FROM milestones WHERE contact = ?'),
    // Most events change none of them: then nothing is written.
    putMilestones: db.prepare(
      `INSERT INTO milestones (contact, site, lead, mql, sql, accepted, rejected, opportunity, won, lost)
       VALUES (@contact, @site, @lead, @mql, @sql, @accepted, @rejected, @opportunity, @won, @lost)
       ON CONFLICT (contact) DO UPDATE SET lead = excluded.lead, mql = excluded.mql, sql = excluded.sql,
         accepted = excluded.accepted, rejected = excluded.rejected, opportunity = excluded.opportunity,
         won = excluded.won, lost = excluded.lost
       WHERE (lead, mql, sql, accepted, rejected, opportunity, won, lost) IS NOT (excluded.lead, excluded.mql, excluded.sql,
         excluded.accepted, excluded.rejected, excluded.opportunity, excluded.won, excluded.lost)`,
    ),
    addDecision: db.prepare(
      `INSERT INTO decisions (contact, at, id_ms, id_key, site, decision, by, reason, until, value, recorded_at)
       VALUES (@contact, @at, @idMs, @idKey, @site, @decision, @by, @reason, @until, @value, @recordedAt)`,
    ),
    addNote: db.prepare(
      'INSERT INTO notes (contact, at, id, site, about, text, by) VALUES (@contact, @at, @id, @site, @about, @text, @by)',
    ),
    addBreach: db.prepare(
      `INSERT OR IGNORE INTO breaches (contact, since, site, due_at, recorded_at)
       VALUES (@contact, @since, @site, @dueAt, @recordedAt)`,
    ),
    addStageDay: db.prepare(
      `INSERT INTO stage_days (day, stage, n, site) SELECT ?, ?, ?, site FROM contacts WHERE no = ?
       ON CONFLICT (site, day, stage) DO UPDATE SET n = n + excluded.n`,
    ),
    addTransition: db.prepare(
      `INSERT INTO transitions (no, contact, from_stage, to_stage, effective_at, recorded_at, by, why)
       VALUES (@no, @contact, @from, @to, @effectiveAt, @recordedAt, @by, @why)`,
    ),
    takenBack: db
      .prepare(
        `SELECT effective_at / 86400000, to_stage, -1 FROM transitions WHERE no = ?
         UNION ALL SELECT effective_at / 86400000, from_stage, 1 FROM transitions WHERE no = ? AND from_stage <> 'visitor'`,
      )
      .raw(),
    supersede: db.prepare('INSERT INTO superseded (transition, by_transition) VALUES (?, ?)'),
    putTouch: db.prepare(
      'UPDATE milestones SET touch_at = ?, source = ?, entry = ?, campaign = ? WHERE contact = ?',
    ),
    putHandOver: db.prepare('UPDATE milestones SET standing = ?, is_won = ? WHERE contact = ?'),
    putOutcome: db.prepare('UPDATE milestones SET is_won = ? WHERE contact = ?'),
    dropContent: db.prepare('DELETE FROM seen_content WHERE contact = ? AND at >= ?'),
    putContent: db.prepare(
      'INSERT INTO seen_content (contact, path, at) VALUES (?, ?, ?) ON CONFLICT (contact, path) DO UPDATE SET at = min(at, excluded.at)',
    ),
    moveLead: db.prepare(
      'UPDATE leads SET company = @company WHERE contact = @no AND company IS NOT @company',
    ),
  }

  return (changes) => {
    const today = dayOf(changes.watermark.now)
    for (const { no, company } of changes.contacts) s.moveLead.run({ no, company })
    // One that was part of another record and is not any more stands again where it stood; one that was taken out and
    // put back in one go did so in between.
    for (const contact of [...changes.leadsRemoved, ...changes.leads.map((row) => row.contact)])
      if (s.hasLead.get(contact) === undefined) s.standHeld.run(today, 1, contact)
    for (const contact of changes.leadsRemoved) {
      s.dropMilestones.run(contact)
      s.dropLead.run(contact)
    }
    for (const row of changes.leads) {
      s.putLead.run(leadColumns(row))
      s.putMilestones.run(milestonesOf(row))
    }
    for (const {
      decision: { id, ...decision },
      ...row
    } of changes.decisions)
      s.addDecision.run({ ...row, ...decision, idMs: id.ms, idKey: id.key })
    for (const row of changes.notes) s.addNote.run(row)
    for (const row of changes.breaches) s.addBreach.run(row)
    for (const row of changes.transitions) {
      const { contact, from, to, effectiveAt, supersedes } = row
      if (from !== 'visitor') s.addStageDay.run(dayOf(effectiveAt), from, -1, contact)
      s.addStageDay.run(dayOf(effectiveAt), to, 1, contact)
      s.addTransition.run(toColumns('transitions', row))
      for (const no of supersedes) {
        for (const step of s.takenBack.all(no, no) as [number, string, number][])
          s.addStageDay.run(...step, contact)
        s.supersede.run(no, row.no)
      }
    }
    for (const { contact, touch } of changes.touches)
      s.putTouch.run(
        touch?.at ?? null,
        touch && texts.no(touch.source),
        touch?.entry == null ? null : texts.no(touch.entry),
        touch?.campaign == null ? null : texts.no(touch.campaign),
        contact,
      )
    for (const { contact, rules, isWon } of changes.handOvers) {
      const won = isWon === null ? null : Number(isWon)
      if (rules === undefined) s.putOutcome.run(won, contact)
      else s.putHandOver.run(rules && texts.no(rules.join(' ')), won, contact)
    }
    for (const { contact, from, files } of changes.contentSeen) {
      if (from !== null) s.dropContent.run(contact, from)
      for (const [path, at] of files) s.putContent.run(contact, texts.no(path), at)
    }
    for (const contact of changes.leadsRemoved) {
      s.dropContent.run(contact, 0)
      s.standHeld.run(today, -1, contact)
    }
  }
}

/** The stage table's own order: what a lead has not come to is null. */
function milestonesOf({ contact, site, lead }: LeadRow): Record<string, number | null> {
  const { mql, sql, accepted, rejected, opportunity, won, lost } = lead.firsts
  const values = { mql, sql, accepted, rejected, opportunity, won, lost }
  const known = Object.entries(values).map(([name, at]) => [name, at ?? null])
  return { contact, site, lead: lead.identifiedAt, ...Object.fromEntries(known) }
}

function leadColumns({
  contact,
  site,
  lead,
  engagement,
  fit,
  rulesVersion,
  dueAt,
  visits,
  views,
  engagedMs,
}: LeadRow): Record<string, unknown> {
  const { stage, reviewDay } = lead
  return {
    contact,
    site,
    stage,
    engagement,
    fit,
    // As lists show it and are sorted by it: whoever never came was seen when it left its name.
    lastAt: Math.max(lead.lastAt, lead.identifiedAt),
    since: lead.since,
    reviewDay,
    rulesVersion,
    dueAt,
    visits,
    views,
    engagedMs,
    lead: JSON.stringify(lead),
  }
}
