import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../../collector/postgres-connection.ts'
import { initialise, run } from '../support/postgres-server.ts'
import { freePort } from '../support/process.ts'

/** A server of its own that may be ended and started again. */
export async function postgresServer() {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-postgres-'))
  const port = await freePort()
  await initialise(folder)
  const url = `postgres://leadwake@127.0.0.1:${port}/postgres`
  let child = begin()

  function begin() {
    // Here it is a promise that a commit is on disk: the server is ended without a word.
    return run(folder, port, ['max_connections=200', 'fsync=on'])
  }

  async function ready(): Promise<void> {
    for (;;) {
      const sql = connect(url, { max: 1 })
      try {
        await sql`SELECT 1`
        return
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20))
      } finally {
        await sql.end({ timeout: 1 })
      }
    }
  }

  /** As `pg_ctl stop -m immediate` does: every process of it ends at once, and the next start recovers. */
  async function kill(): Promise<void> {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGQUIT')
    await ended
  }

  async function start(): Promise<void> {
    child = begin()
    await ready()
  }

  await ready()
  return {
    url,
    kill,
    start,
    async restart() {
      await kill()
      await start()
    },
    async remove() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
