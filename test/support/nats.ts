/** A real NATS server with JetStream, on a free port of loopback and a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { freePort } from './process.ts'

export interface NatsServer {
  url: string
  connect(): Promise<NatsConnection>
  /** Ends it without a word, as a crash does. */
  kill(): Promise<void>
  /** Stops it where it is: it answers nothing, and its connections stay. */
  pause(): void
  resume(): void
  /** Starts it again, on the same port and folder. */
  start(): Promise<void>
  remove(): Promise<void>
}

/** '2.9.10'; undefined where no `nats-server` is installed. */
export const natsVersion = /v(\d\S+)/.exec(
  spawnSync('nats-server', ['--version'], { encoding: 'utf8' }).stdout ?? '',
)?.[1]

/** For names of tests: which server they run on, or why they do not. */
export const onNats = natsVersion
  ? `NATS ${natsVersion}`
  : 'NATS: skipped, no nats-server is installed (Debian has a package of that name)'

/** Servers of one cluster, each of which holds a copy of the streams that ask for so many. */
export async function natsCluster(size: number): Promise<NatsServer[]> {
  const routes = await Promise.all(Array.from({ length: size }, freePort))
  const all = routes.map((port) => `nats://127.0.0.1:${port}`).join(', ')
  // None of them is ready for streams before most are there.
  return Promise.all(
    routes.map((port, i) =>
      natsServer(
        `server_name: n${i}\ncluster { name: leadwake, listen: "127.0.0.1:${port}", routes: [${all}] }`,
      ),
    ),
  )
}

/** `lines` of configuration beside those of port and store. */
export async function natsServer(lines = ''): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-nats-'))
  const port = await freePort()
  const config = join(folder, 'nats.conf')
  writeFileSync(
    config,
    `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${join(folder, 'store')}" }\n${lines}\n`,
  )
  let child: ChildProcess

  async function start(): Promise<void> {
    child = spawn('nats-server', ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr!.on('data', (chunk) => {
        said += chunk
        if (said.includes('Server is ready')) resolve()
      })
      child.once('exit', () => reject(new Error(`nats-server did not start: ${said}`)))
    })
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  const url = `nats://127.0.0.1:${port}`
  await start()
  return {
    url,
    connect: () => connect({ servers: `127.0.0.1:${port}` }),
    kill,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    start,
    async remove() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
