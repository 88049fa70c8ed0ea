/** Who was erased stays away where the database was restored from before, and comes back where another collector lifted it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { outsideList } from '../../collector/engine/together.ts'

const hash = (letter: string) => letter.repeat(22)
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-outside-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (seq: number, hashes: string[], log = 'log-1') =>
  outsideList(join(folder, 'x.suppressions'), { id: log }, { seq, hashes })

it('an older database is told again whom it forgot, until it knows', () => {
  open(5, [hash('a')]).keep([hash('a'), hash('b')], 10)
  const restored = open(8, [hash('a')])
  expect([...restored.forgotten()]).toEqual([hash('b')])
  restored.keep([hash('a')], 8)
  expect([...restored.forgotten()]).toEqual([hash('b')])
  restored.keep([hash('a'), hash('b')], 9)
  expect([...restored.forgotten()]).toEqual([])
})

it('what was lifted elsewhere while this collector was away stays lifted', () => {
  open(5, []).keep([hash('a'), hash('b')], 10)
  const later = open(12, [hash('a')])
  expect([...later.forgotten()]).toEqual([])
  later.keep([hash('a')], 12)
  // Restored to before the lifting: that one is not of this list any more.
  expect([...open(11, [hash('a'), hash('b')]).forgotten()]).toEqual([])
})

it('another database is another list', () => {
  open(5, []).keep([hash('a')], 10)
  expect([...open(1, [], 'log-2').forgotten()]).toEqual([])
})
