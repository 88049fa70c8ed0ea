import type { Files } from './files.ts'
import { eraseFromLog } from './log/sqlite-erase.ts'
import type { Erasing } from './project/suppressing.ts'
import { nameHash, suppressionList } from './suppression.ts'

/** What erasing needs beside the state, in the collector's files. */
export function erasingOf(files: Pick<Files, 'log' | 'suppressionKey' | 'suppressions'>): Erasing {
  return {
    hash: nameHash(files.suppressionKey),
    list: suppressionList(files.suppressions),
    eraseFromLog: (names, through) => {
      eraseFromLog(files.log, names, through)
    },
  }
}

/** Who was erased and yet the state does not know of: it is of an older backup. */
export function forgotten({ list }: Pick<Erasing, 'list'>, known: readonly string[]): string[] {
  const there = new Set(known)
  return [...list.standing()].filter((hash) => !there.has(hash))
}
