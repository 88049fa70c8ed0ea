import { connect } from '../../collector/postgres-connection.ts'

export interface Sums {
  /** Acknowledged, but not in the state. */
  lost: number
  /** In the state, or counted, more than once. */
  double: number
  /** Sums that are not those of the rows. */
  unbalanced: number
  /** Steps of leads that do not begin where the one before them led. */
  steps: number
}

/** What was acknowledged beside what is in the database. */
export async function compare(url: string, sent: ReadonlySet<number>): Promise<Sums> {
  const sql = connect(url, { max: 1 })
  try {
    // What a server says has no time in its key.
    const rows = await sql<{ n: number; times: number }[]>`
      SELECT id_key AS n, count(*)::int AS times FROM events WHERE id_ms > 0 GROUP BY 1`
    const times = new Map(rows.map((row) => [row.n, row.times]))
    const lost = [...sent].filter((n) => !times.has(n)).length
    const double = rows.reduce((sum, row) => sum + row.times - 1, 0)
    const counts = Object.fromEntries(
      (
        await sql<{ name: string; n: number }[]>`SELECT name, sum(n)::bigint AS n FROM counts GROUP BY name`
      ).map(({ name, n }) => [name, n]),
    )
    const [views] = await sql<{ n: number }[]>`SELECT sum(views)::bigint AS n FROM quarters`
    const parts = ['stored', 'duplicate', 'dead'].reduce((sum, name) => sum + (counts[name] ?? 0), 0)
    const balances = [
      counts.stored === sent.size,
      views!.n === sent.size,
      counts.received === parts + dropped(counts),
      (counts.dead ?? 0) === 0,
      await standAsCounted(sql),
    ]
    return {
      lost,
      double,
      unbalanced: balances.filter((holds) => !holds).length,
      steps: await wrongSteps(sql),
    }
  } finally {
    await sql.end()
  }
}

const dropped = (counts: Record<string, number>): number =>
  Object.entries(counts).reduce((sum, [name, n]) => (/^(dropped|rejected):/.test(name) ? sum + n : sum), 0)

/** Whether as many leads stand at each stage as its days come to. */
async function standAsCounted(sql: ReturnType<typeof connect>): Promise<boolean> {
  const [row] = await sql<{ wrong: number }[]>`
    SELECT count(*)::int AS wrong FROM (SELECT site, stage, sum(n) FROM (
      SELECT site, stage, n FROM stage_days UNION ALL SELECT site, stage, -1 FROM leads
    ) AS rows GROUP BY site, stage HAVING sum(n) <> 0) AS wrong`
  return row!.wrong === 0
}

async function wrongSteps(sql: ReturnType<typeof connect>): Promise<number> {
  const rows = await sql<{ contact: number; from: string; to: string }[]>`
    SELECT contact, from_stage AS from, to_stage AS to FROM transitions
    WHERE NOT EXISTS (SELECT 1 FROM superseded WHERE transition = transitions.no) ORDER BY contact, no`
  let wrong = 0
  let before = { contact: -1, to: 'visitor' }
  for (const { contact, from, to } of rows) {
    if (from !== (contact === before.contact ? before.to : 'visitor')) wrong++
    before = { contact, to }
  }
  return wrong
}
