import { readFileSync } from 'node:fs'
import type { AcceptMemory } from './accept.ts'
import { netSet } from './nets.ts'
import { Sentence } from './sentence.ts'

/**
 * Whose address it is, of those whose beacons are refused: the operator's own people, or data centres by the lines of
 * a file (`#` begins a comment). Throws a `Sentence` where a list cannot be read.
 */
export function refusedNets(staff: string[], file: string | undefined): AcceptMemory['net'] {
  const ours = inWords('LEADWAKE_STAFF', () => netSet(staff))
  const centres = inWords(`LEADWAKE_REFUSE_NETS: ${file}`, () =>
    netSet(file === undefined ? [] : lines(file)),
  )
  return (ip) => (ours(ip) ? 'staff' : centres(ip) ? 'data-centre' : undefined)
}

function lines(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
}

function inWords<T>(name: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new Sentence(`${name}: ${error instanceof Error ? error.message : error}`)
  }
}
