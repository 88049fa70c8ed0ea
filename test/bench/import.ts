/**
 * What an import of contacts costs: a CSV file as nobody wants it (a byte order mark, semicolons, quotes across lines,
 * some lines in another encoding, with too few fields, without an address, with a quote that nobody closes), brought by
 * the built command while a collector runs. Prints how long it takes, and the greatest resident memory of both, after a
 * third and at the end. `LINES=100000 node test/bench/import.ts`
 */

import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { run, serveBuilt } from '../support/process.ts'

const LINES = Number(process.env.LINES ?? 100_000)
const LOOK_EVERY_MS = 250

const folder = mkdtempSync(join(tmpdir(), 'leadwake-bench-import-'))
const env = { LEADWAKE_DB: join(folder, 'x.db') }
try {
  const file = join(folder, 'crm.csv')
  await write(file)
  const collector = await serveBuilt(env)
  try {
    const began = performance.now()
    const command = run(['import', 'contacts', file, '--json', '--errors', join(folder, 'wrong')], env)
    const looks: { command: number; collector: number }[] = []
    const timer = setInterval(
      () => looks.push({ command: residentMb(command.pid), collector: residentMb(collector.pid) }),
      LOOK_EVERY_MS,
    )
    await command.ended
    clearInterval(timer)
    const seconds = Math.round((performance.now() - began) / 100) / 10
    const greatest = (share: number) => {
      const some = looks.slice(0, Math.ceil(looks.length * share))
      return {
        command: Math.max(...some.map((look) => look.command)),
        collector: Math.max(...some.map((look) => look.collector)),
      }
    }
    const done = command
      .output()
      .split('\n')
      .find((line) => line.startsWith('{'))
    if (done === undefined) throw new Error(command.output().slice(-2_000))
    console.log(
      JSON.stringify({
        lines: LINES,
        seconds,
        residentMbAfterAThird: greatest(1 / 3),
        residentMb: greatest(1),
        ...JSON.parse(done),
      }),
    )
  } finally {
    collector.child.kill('SIGTERM')
    await collector.ended
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024)
}

async function write(path: string): Promise<void> {
  const file = createWriteStream(path)
  file.write('\ufeffE-Mail;First name;Last name;Company;Phone;Job title;Notes;Consent\r\n')
  for (let i = 0; i < LINES; i++) if (!file.write(lineOf(i))) await once(file, 'drain')
  file.end()
  await once(file, 'close')
}

function lineOf(i: number): string | Buffer {
  if (i % 1_000 === 1) return 'one field\r\n'
  if (i % 1_000 === 2) return Buffer.from(`p${i}@acme.example;M\u00fcller;b;c;;;x;yes\r\n`, 'latin1')
  if (i % 1_000 === 3) return 'no-address;a;b;c;;;x;yes\r\n'
  if (i % 100_000 === 4) return `p${i}@acme.example;"never closed;b;c;;;x;yes\r\n`
  const phone = `+49 30 ${String(i).padStart(7, '0')}`
  const company = `"Acme; ${i % 5_000} Ltd"`
  return `person${i}@company${i % 5_000}.example;Ada;Love "lace" ${i};${company};${phone};"Head of\r\nThings";x;yes\r\n`
}
