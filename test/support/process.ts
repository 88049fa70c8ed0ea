import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'

const DIST = new URL('../../dist/leadwake.js', import.meta.url).pathname

export interface CollectorProcess {
  origin: string
  pid: number
  child: ChildProcess
  /** What it printed so far. */
  output(): string
  /** Resolves with the exit code, or the signal's name. */
  ended: Promise<number | string>
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

/** Runs the built CLI. */
export function run(args: string[], env: Record<string, string> = {}): Omit<CollectorProcess, 'origin'> {
  const child = spawn(process.execPath, [DIST, ...args], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout!.on('data', (chunk) => (output += chunk))
  child.stderr!.on('data', (chunk) => (output += chunk))
  const ended = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal!))
  })
  return { pid: child.pid!, child, output: () => output, ended }
}

/** Starts the built collector and waits until it can store. */
export async function serveBuilt(
  env: Record<string, string>,
  args: string[] = ['--no-demo'],
): Promise<CollectorProcess> {
  const port = env.PORT ?? String(await freePort())
  // Tests ask as fast as they can until something is so.
  const started = run(['serve', ...args], { LEADWAKE_API_RATE: '0', ...env, PORT: port })
  const origin = `http://127.0.0.1:${port}`
  await ready(origin, started)
  return { ...started, origin }
}

async function ready(
  origin: string,
  { child, output }: { child: ChildProcess; output(): string },
): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the collector ended: ${output()}`)
    const answer = await fetch(`${origin}/readyz`).catch(() => undefined)
    if (answer?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Waits until everything in the log is projected. */
export async function drained(origin: string): Promise<void> {
  for (;;) {
    const answer = (await (await fetch(`${origin}/readyz`)).json()) as { lag: number }
    if (answer.lag === 0) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** CPU time of a process so far, us: its first thread, and all of them. Linux only. */
export function cpuOf(pid: number): { main: number; all: number } {
  const read = (path: string): number => {
    const fields = readFileSync(path, 'utf8').split(') ')[1]!.split(' ')
    // utime and stime in clock ticks, which are 10 ms on Linux.
    return (Number(fields[11]) + Number(fields[12])) * 10_000
  }
  return { main: read(`/proc/${pid}/task/${pid}/stat`), all: read(`/proc/${pid}/stat`) }
}

export const threadsOf = (pid: number): number => readdirSync(`/proc/${pid}/task`).length
