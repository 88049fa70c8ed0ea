import { readdirSync, readFileSync } from 'node:fs'
import { cpuOf } from '../support/process.ts'

/** CPU of a process and of all that it started, us; also of those that have ended since. Linux only. */
export function treeCpu(pid: number): number {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  const ended = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ').slice(13, 15)
  const ticks = ended.reduce((sum, field) => sum + Number(field), 0)
  return cpuOf(pid).all + ticks * 10_000 + children.reduce((sum, child) => sum + unlessEnded(child), 0)
}

/** One that ends meanwhile is among the ended next time. */
function unlessEnded(pid: number): number {
  try {
    return cpuOf(pid).all
  } catch {
    return 0
  }
}
