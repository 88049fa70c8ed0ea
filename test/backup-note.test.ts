import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lastBackup, noteBackup } from '../collector/backup-note.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leadwake-note-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('is read as it was noted, by its owner alone', () => {
  const note = { at: '2026-11-03T09:00:00.000Z', folder: '/var/backups/x', bytes: 12 }
  noteBackup(join(folder, 'x'), note)
  expect(lastBackup(join(folder, 'x'))).toEqual(note)
  expect(statSync(join(folder, 'x')).mode & 0o777).toBe(0o600)
})

it.each<[what: string, text?: string]>([
  ['nothing'],
  ['', ''],
  ['no JSON', '{'],
  ['no time', '{"at":"soon"}'],
  ['null', 'null'],
])('none is known of %s', (_, text) => {
  if (text !== undefined) writeFileSync(join(folder, 'x'), text)
  expect(lastBackup(join(folder, 'x'))).toBeNull()
})
