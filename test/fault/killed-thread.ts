/**
 * The projector's thread, killed after a number of steps that differs each time: a look-up of a map is a step, and each
 * statement that writes is one too, so it ends within entries, within commits and between them. It lives longer each time.
 */
import { threadId } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { randomFrom } from './random.ts'

const random = randomFrom(threadId)
let steps = Math.floor(random() * 4_000 * threadId)
const step = () => {
  if (--steps === 0) process.exit(3)
}

const { get } = Map.prototype
Map.prototype.get = function (key) {
  step()
  return get.call(this, key)
}
const statement = Object.getPrototypeOf(new Database(':memory:').prepare('SELECT 1'))
const { run } = statement
statement.run = function (...parameters: unknown[]) {
  step()
  return run.apply(this, parameters)
}

await import('../../collector/projector-thread.ts')
