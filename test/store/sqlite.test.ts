import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { migrateState, openForReading, openState } from '../../collector/store/sqlite/open.ts'
import { sqliteStore } from '../../collector/store/sqlite/store.ts'
import type { StateStore } from '../../collector/store/store.ts'
import { DIMENSIONS } from '../../collector/store/store.ts'
import { VisitorUnion } from '../../collector/store/visitor-set.ts'
import { changes, type StoreUnderTest, storeContract } from './contract.ts'

/** How long a write waits for another before it fails, ms: the contract need not wait for the store's own 5 s. */
const BUSY_MS = 10

function subject(): StoreUnderTest & { path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-store-'))
  const path = join(folder, 'x.db')
  const open = (create: boolean): StateStore => {
    const db = openState(path, create)
    db.pragma(`busy_timeout = ${BUSY_MS}`)
    migrateState(db)
    return sqliteStore(db)
  }
  const beside = (sql: string, done: string) => {
    const other = new Database(path)
    other.exec(sql)
    return async () => {
      other.exec(done)
      other.close()
    }
  }
  return {
    path,
    create: async () => open(true),
    reopen: async () => open(false),
    block: async () => beside('BEGIN IMMEDIATE', 'ROLLBACK'),
    async totals() {
      const db = openForReading(path)
      const all = (sql: string) => db.prepare(sql).all() as never[]
      const list = (sql: string) => db.prepare(sql).pluck().all() as never[]
      try {
        return {
          quarters: all(
            `SELECT quarter, ${SUMS}, visitors FROM quarters WHERE site = 1 ORDER BY quarter`,
          ).map(counted),
          slices: all(
            `SELECT dimension, day, text AS value, ${SUMS}, visitors FROM slices
             LEFT JOIN slice_visitors USING (site, dimension, day, value) JOIN texts ON texts.no = value
             WHERE site = 1 ORDER BY dimension, day, text`,
          ).map(counted),
          counts: Object.fromEntries(
            all('SELECT name, n FROM counts').map(({ name, n }: { name: string; n: number }) => [name, n]),
          ),
          outcomes: list('SELECT ref FROM outcomes ORDER BY ref'),
          deadLetters: list('SELECT count(*) FROM dead_letters')[0]!,
          outbox: list('SELECT id FROM outbox ORDER BY id'),
          deliveries: all(
            `SELECT webhook, message, state, due_at AS dueAt, json_array_length(tries) AS tries FROM deliveries
             ORDER BY webhook, message`,
          ),
          transitions: list('SELECT to_stage FROM transitions ORDER BY no'),
          keys: all(
            'SELECT id, revoked_at AS revokedAt, expires_at AS expiresAt, used_at AS usedAt FROM keys ORDER BY id',
          ),
          staff: all('SELECT id, created_at AS createdAt, removed_at AS removedAt FROM staff'),
          handOvers: all(
            `SELECT contact, text, is_won FROM milestones JOIN texts ON texts.no = standing ORDER BY contact`,
          ).map(({ contact, text, is_won }: { contact: number; text: string; is_won: number | null }) => ({
            contact,
            rules: text.split(' '),
            isWon: is_won === null ? null : is_won === 1,
          })),
          content: all(
            'SELECT contact, text AS path, at FROM seen_content JOIN texts ON texts.no = path ORDER BY contact, text',
          ),
        }
      } finally {
        db.close()
      }
    },
    async remove() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const SUMS =
  'visits, bounces, views, engaged_ms AS engagedMs, downloads, cart_adds AS cartAdds, cart_value AS cartValue'

// biome-ignore lint/suspicious/noExplicitAny: rows as the engine gives them
function counted({ dimension, ...row }: any): any {
  return {
    ...row,
    ...(dimension !== undefined && { dimension: DIMENSIONS[dimension] }),
    visitors: row.visitors ? new VisitorUnion().add(row.visitors).count().count : 0,
  }
}

storeContract('SQLite', subject)

it('promises nothing that a reader keeps it from writing, and gives it when the reader is gone', async () => {
  const under = subject()
  const store = await under.create()
  await store.commit(changes({ watermark: { logId: 'log-1', seq: 1, now: 0 } }))
  expect(await store.checkpoint()).toBe(1)
  const reader = new Database(under.path)
  reader.exec('BEGIN; SELECT count(*) FROM sites')
  await store.commit(changes({ watermark: { logId: 'log-1', seq: 2, now: 0 } }))
  expect(await store.checkpoint()).toBeLessThan(2)
  reader.exec('COMMIT')
  reader.close()
  expect(await store.checkpoint()).toBe(2)
  await store.close()
  await under.remove()
})

it('leaves nothing in the write-ahead log once a checkpoint went through', async () => {
  const under = subject()
  const store = await under.create()
  await store.checkpoint()
  const other = new Database(under.path)
  const [row] = other.pragma('wal_checkpoint(PASSIVE)') as { log: number; checkpointed: number }[]
  expect(row!.log).toBe(row!.checkpointed)
  other.close()
  await under.remove()
})
