import { spawn } from 'node:child_process'

const CLI = new URL('../../dist/leadwake.js', import.meta.url).pathname

export interface Ran {
  code: number | string
  out: string
  err: string
}

/** Runs a command of the built CLI to its end. */
export function cli(args: string[], cwd: string, env: Record<string, string> = {}): Promise<Ran> {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code: code ?? signal!, out, err }))
  })
}
