/** That an answer says 'on disk' is seen in what the process asks of the kernel. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { serveBuilt } from '../support/process.ts'
import { BROWSER } from '../support/user-agent.ts'

const BEACONS = 20

function missing(): string | undefined {
  try {
    execFileSync('strace', ['-f', 'true'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'strace is missing here, or may not trace'
  }
}

const reason = missing()

it.skipIf(reason !== undefined)(
  `an fsync lies between each request and its 204${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leadwake-fsync-'))
    const trace = join(folder, 'trace')
    const collector = await serveBuilt({ LEADWAKE_DB: join(folder, 'x.db') })
    const tracing = ['-f', '-s', '40', '-e', 'trace=read,write,writev,fsync,fdatasync', '-o', trace]
    const strace = spawn('strace', [...tracing, '-p', String(collector.pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const detached = new Promise((resolve) => strace.once('exit', resolve))
    try {
      await new Promise<void>((resolve) => strace.stderr.once('data', () => resolve()))
      for (let n = 0; n < BEACONS; n++) {
        const now = Date.now()
        const answer = await fetch(`${collector.origin}/v1/in`, {
          method: 'POST',
          headers: { 'user-agent': BROWSER },
          body: JSON.stringify({ s: 'main', v: 'v', t: now, e: [['p', `id-${n}`, now, '/']] }),
        })
        expect(answer.status).toBe(204)
      }
      // It lets go of the collector, which goes on.
      strace.kill('SIGINT')
      await detached
      expect(answersWithoutSync(readFileSync(trace, 'utf8'))).toEqual({ answers: BEACONS, unsynced: 0 })
    } finally {
      strace.kill('SIGINT')
      collector.child.kill('SIGTERM')
      await collector.ended
      rmSync(folder, { recursive: true, force: true })
    }
  },
  120_000,
)

/** Answers 204 of the thread that reads the requests, and those before which it did not sync since the request. */
function answersWithoutSync(trace: string): { answers: number; unsynced: number } {
  let synced = false
  let answers = 0
  let unsynced = 0
  let main: string | undefined
  for (const line of trace.split('\n')) {
    const thread = /^\d+/.exec(line)?.[0]
    if (line.includes('"POST /v1/in')) {
      main = thread
      synced = false
    }
    if (thread !== main) continue
    // Of a call that was interrupted by another thread's, the second half says how it ended.
    if (/f(data)?sync\(.*\) += 0|f(data)?sync resumed.*\) += 0/.test(line)) synced = true
    if (!line.includes('HTTP/1.1 204')) continue
    answers++
    if (!synced) unsynced++
  }
  return { answers, unsynced }
}
