import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { drained, serveBuilt } from './support/process.ts'
import { pageBeacon, post } from './support/traffic.ts'

const ROOT = new URL('..', import.meta.url).pathname
const KEY = 'lw_a-key-for-the-docs-test'

/** Blocks of commands in a document, and whether the collector is stopped for them. */
function blocks(path: string): { stopped: boolean; script: string }[] {
  const text = readFileSync(join(ROOT, path), 'utf8')
  return [...text.matchAll(/^```sh( stopped)?\n([\s\S]*?)^```$/gm)].map(([, stopped, script]) => ({
    stopped: stopped !== undefined,
    script: script!,
  }))
}

function shell(
  script: string,
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const whole = `leadwake() { "${process.execPath}" "${ROOT}dist/leadwake.js" "$@"; }\n${script}`
  const child = spawn('sh', ['-eu', '-c', whole], { cwd, env: { PATH: process.env.PATH, ...env } })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })))
}

it('the commands of docs/operating.md do what it says, from top to bottom', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-docs-'))
  const env: Record<string, string> = { LEADWAKE_DB: join(folder, 'data/x.db'), LEADWAKE_ADMIN_KEY: KEY }
  let collector = await serveBuilt(env)
  const all = blocks('docs/operating.md')
  const outputs: string[] = []
  try {
    await post(collector.origin, pageBeacon())
    for (const { stopped, script } of all) {
      if (stopped) {
        collector.child.kill('SIGTERM')
        await collector.ended
      }
      const { port } = new URL(collector.origin)
      const { code, output } = await shell(script, folder, {
        ...env,
        LEADWAKE_KEY: KEY,
        LEADWAKE_URL: collector.origin,
        PORT: port,
      })
      expect([code, code === 0 ? '' : `${script}${output}`]).toEqual([0, ''])
      expect(output).not.toMatch(/"status":4\d\d/)
      outputs.push(output)
      if (stopped) collector = await serveBuilt(env)
    }
    await drained(collector.origin)
  } finally {
    collector.child.kill('SIGTERM')
    await collector.ended
    rmSync(folder, { recursive: true, force: true })
  }
  expect(all.length).toBeGreaterThan(7)
  const told = outputs.join('\n')
  for (const words of [
    '"would":"drop"',
    '"reasons":{}',
    'leadwake_received_events_total',
    'Restored',
    'There are none.',
  ])
    expect(told).toContain(words)
}, 60_000)
