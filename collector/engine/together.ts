/** What erasing needs where several collectors share a state. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Erasing } from '../project/suppressing.ts'
import { hashedWith, suppressionList } from '../suppression.ts'
import type { SharedLog } from './shared-log.ts'

const PRIVATE = 0o600

/** The projectors' part: a person's name is taken out of the log by dropping what is projected, which is all before. */
export function erasingTogether({
  suppressionKey,
  suppressions,
  log,
}: {
  suppressionKey: Uint8Array
  suppressions: string
  log: Pick<SharedLog, 'forget'>
}): Erasing {
  return {
    hash: hashedWith(suppressionKey),
    list: suppressionList(suppressions),
    // The barrier of an erasure is open when every partition has come to it.
    eraseFromLog: (_, through) => log.forget(through),
  }
}

export interface OutsideList {
  /** Who stands in the list outside and is not known to a database that was restored from before. */
  forgotten(): Set<string>
  /** Keeps the list as the database has it. */
  keep(hashes: readonly string[], seq: number): void
}

/**
 * The list of who was erased, beside a collector and so outside the database and its copies. The database is the
 * truth, as other collectors lift suppressions too: only one that is older than what this list has seen was restored,
 * and is told again who is to stay away.
 */
export function outsideList(
  file: string,
  log: { id: string },
  { seq, hashes }: { seq: number; hashes: readonly string[] },
): OutsideList {
  const list = suppressionList(file)
  const seen = seenOf(`${file}.seen`)
  const known = new Set(hashes)
  let forgotten = new Set(
    seen?.log === log.id && seq < seen.seq ? [...list.standing()].filter((hash) => !known.has(hash)) : [],
  )

  return {
    forgotten: () => forgotten,
    keep(hashes, seq) {
      const known = new Set(hashes)
      forgotten = new Set([...forgotten].filter((hash) => !known.has(hash)))
      const standing = list.standing()
      list.add(hashes)
      list.lift([...standing].filter((hash) => !known.has(hash) && !forgotten.has(hash)))
      writeFileSync(`${file}.seen`, JSON.stringify({ log: log.id, seq }), { mode: PRIVATE })
    },
  }
}

function seenOf(file: string): { log: string; seq: number } | undefined {
  if (!existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
