/** What imports have in common: the file, where one of it stopped, and its wrong lines. */
import { createHash } from 'node:crypto'
import { appendFileSync, closeSync, openSync, readSync, statSync, writeFileSync } from 'node:fs'
import { Sentence } from '../sentence.ts'

/** Entries under way: a running collector looks only now and then whether another process has appended. */
export const AHEAD = 8
/** Wrong lines that are printed; the rest is counted, and all are in the file that --errors names. */
const PRINTED = 100
/** Of the file's beginning, bytes by which it is known again. */
const KNOWN_BY_BYTES = 65_536

export interface WrongLines {
  wrong(line: number, problem: string): void
  /** Says how many were not printed, and gives how many there are. */
  end(): number
}

/** Prints wrong lines, and writes all of them to the file that `--errors` names. */
export function wrongLines(errors: unknown, bar: { end(): void }): WrongLines {
  const path = typeof errors === 'string' ? errors : undefined
  if (path !== undefined) inWords(path, () => writeFileSync(path, '', { mode: 0o600 }))
  let wrong = 0
  return {
    wrong(line, problem) {
      wrong++
      if (path !== undefined) appendFileSync(path, `${JSON.stringify({ line, problem })}\n`)
      if (wrong > PRINTED) return
      bar.end()
      process.stderr.write(`line ${line}: ${problem}\n`)
    },
    end() {
      bar.end()
      if (wrong > PRINTED)
        process.stderr.write(`and ${wrong - PRINTED} more wrong lines${path ? `, all in ${path}` : ''}\n`)
      return wrong
    },
  }
}

/** Bytes of a file, at least 1. Throws a `Sentence` where it cannot be read. */
export function sizeOf(path: string): number {
  return inWords(path, () => {
    const stat = statSync(path)
    if (stat.isDirectory()) throw new Error('it is a folder')
    return Math.max(1, stat.size)
  })
}

/** A file by its size and beginning, and the site it is for: what --resume goes on with. */
export function fileId(path: string, size: number, site: string): string {
  const start = Buffer.alloc(Math.min(size, KNOWN_BY_BYTES))
  const file = openSync(path, 'r')
  readSync(file, start)
  closeSync(file)
  return createHash('sha256').update(`${site} ${size} `).update(start).digest('hex').slice(0, 24)
}

export function inWords<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new Sentence(`cannot open ${path}: ${error instanceof Error ? error.message : error}`)
  }
}
