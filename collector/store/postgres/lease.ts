import postgres from 'postgres'

/** Class of the advisory locks, so that no other program's numbers are ours: 'lead'. */
const LEASES = 0x6c656164

/**
 * Takes a partition for one projector: resolves with what gives it back, undefined while another process has it. The
 * engine gives it back when the connection ends, however the process does. A projector that goes on without it harms
 * nothing: its next commit finds the watermark moved.
 */
export async function takeLease(url: string, partition: number): Promise<(() => Promise<void>) | undefined> {
  const sql = postgres(url, { max: 1, idle_timeout: 0, max_lifetime: null })
  const [row] = await sql<{ taken: boolean }[]>`
    SELECT pg_try_advisory_lock(${LEASES}, ${partition}) AS taken`
  if (row!.taken) return () => sql.end()
  await sql.end()
  return undefined
}
