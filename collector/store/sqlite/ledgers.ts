import type { Database } from 'better-sqlite3'
import { type Changes, type DeadLetter, MAX_DEAD_LETTER_BYTES, type StateStore } from '../store.ts'

/** What became of events and calls: counts, refusals, dead letters, outcomes; who was erased, and the audit log. */
export function sqliteLedgers(db: Database) {
  const s = {
    addCount: db.prepare(
      'INSERT INTO counts (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n',
    ),
    addRefusal: db.prepare(
      'INSERT INTO refusals (day, site, reason, n) VALUES (?, ?, ?, ?) ON CONFLICT (day, site, reason) DO UPDATE SET n = n + excluded.n',
    ),
    dropRefusals: db.prepare('DELETE FROM refusals WHERE day < ?'),
    deadLetter: db.prepare('SELECT seq, at, body, reason FROM dead_letters WHERE seq = ?'),
    addDeadLetter: db.prepare('INSERT INTO dead_letters (seq, at, body, reason) VALUES (?, ?, ?, ?)'),
    dropDeadLetter: db.prepare('DELETE FROM dead_letters WHERE seq = ?'),
    dropDeadLetters: db.prepare('DELETE FROM dead_letters WHERE at < ?'),
    capDeadLetters: db.prepare(
      `DELETE FROM dead_letters WHERE seq <= (SELECT max(seq) FROM (SELECT seq, sum(length(body)) OVER (ORDER BY seq DESC) AS bytes
         FROM dead_letters) WHERE bytes > ?)`,
    ),
    outcome: db.prepare('SELECT outcome FROM outcomes WHERE ref = ?'),
    addOutcome: db.prepare('INSERT OR REPLACE INTO outcomes (ref, at, outcome) VALUES (?, ?, ?)'),
    dropOutcomes: db.prepare('DELETE FROM outcomes WHERE at < ?'),
    suppressions: db.prepare('SELECT hash FROM suppressions').pluck(),
    suppress: db.prepare('INSERT OR IGNORE INTO suppressions (hash, at) VALUES (?, ?)'),
    liftSuppression: db.prepare('DELETE FROM suppressions WHERE hash = ?'),
    addAudit: db.prepare(
      'INSERT INTO audit (at, "by", what, site, subject, detail) VALUES (?, ?, ?, ?, ?, ?)',
    ),
  }

  return {
    write(changes: Changes): void {
      for (const [name, n] of changes.counts) s.addCount.run(name, n)
      for (const { day, site, reason, n } of changes.refusals) s.addRefusal.run(day, site, reason, n)
      if (changes.refusalsBefore > 0) s.dropRefusals.run(changes.refusalsBefore)
      for (const seq of changes.deadLettersRemoved) s.dropDeadLetter.run(seq)
      for (const { seq, at, body, reason } of changes.deadLetters) s.addDeadLetter.run(seq, at, body, reason)
      if (changes.deadLetters.length > 0) s.capDeadLetters.run(MAX_DEAD_LETTER_BYTES)
      if (changes.deadLettersBefore > 0) s.dropDeadLetters.run(changes.deadLettersBefore)
      for (const { ref, at, outcome } of changes.outcomes) s.addOutcome.run(ref, at, JSON.stringify(outcome))
      if (changes.outcomesBefore > 0) s.dropOutcomes.run(changes.outcomesBefore)
      for (const { hash, at } of changes.suppressed) s.suppress.run(hash, at)
      for (const hash of changes.suppressionsLifted) s.liftSuppression.run(hash)
      for (const { at, by, what, site, subject, detail } of changes.audit)
        s.addAudit.run(at, by, what, site, subject, JSON.stringify(detail))
    },
    deadLetter: (seq) => s.deadLetter.get(seq) as DeadLetter | undefined,
    suppressions: () => s.suppressions.all() as string[],
    outcome: (ref) => {
      const row = s.outcome.get(ref) as { outcome: string } | undefined
      return row && JSON.parse(row.outcome)
    },
  } satisfies Pick<StateStore, 'deadLetter' | 'suppressions' | 'outcome'> & Record<'write', unknown>
}
