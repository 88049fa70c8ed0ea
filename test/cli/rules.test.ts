import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Command } from '../../collector/cli/command.ts'
import { previewLines } from '../../collector/cli/preview-lines.ts'
import { barOf, progress } from '../../collector/cli/progress.ts'
import { rulesApply, rulesHistory, rulesPreview, rulesRevert, rulesShow } from '../../collector/cli/rules.ts'
import type { Backtest } from '../../collector/lead/preview.ts'
import { STAGES, type Stage } from '../../shared/lead.ts'
import { START, testCollector } from '../support/collector.ts'

let folder: string
let db: string
beforeAll(async () => {
  // Commands have the machine's clock.
  vi.useFakeTimers({ toFake: ['Date'], now: START })
  folder = mkdtempSync(join(tmpdir(), 'leadwake-rules-'))
  db = join(folder, 'x.db')
  const lw = await testCollector({ db })
  for (const [name, signal] of [
    ['ann', 'callback_requested'],
    ['bob', 'callback_requested'],
    ['cyd', 'demo_requested'],
    ['dan', 'email_click'],
  ]) {
    const body = { site: 'main', email: `${name}@acme.org`, signal: { name: signal, id: `${name}-1` } }
    expect((await lw.call('POST', '/v1/identify', body)).status).toBe(201)
  }
  await lw.remove()
  const draft = { extends: 'standard', rules: { callback: { points: 12 } } }
  writeFileSync(join(folder, 'draft.json'), JSON.stringify(draft))
})
afterAll(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

/** What a command prints. */
async function run(command: Command, positionals: string[] = [], options = {}): Promise<string[]> {
  const lines: string[] = []
  const code = await command.run({ flags: { db }, options, positionals, print: (line) => lines.push(line) })
  expect(code).toBe(0)
  return lines
}
const draft = () => join(folder, 'draft.json')

describe('leadwake rules, from a draft to a way back', () => {
  it('previews who would move and by what, and changes nothing', async () => {
    const lines = await run(rulesPreview, [draft()], { capacity: '0' })
    expect(lines).toEqual([
      '4 leads, 2 of whom would stand elsewhere.',
      '',
      'now \\ draft                  lead          mql          sql',
      'lead                            1            0            0',
      'mql                             2            0            0',
      'sql                             0            0            1',
      '',
      'new SQLs                      now        draft',
      expect.stringMatching(/^\d{4}-\d\d-\d\d {20}1 ! {10}1 !$/),
      'Weeks with more than 0 new SQLs (!): 1 now, 1 under the draft.',
      '',
      'No outcomes yet, so nothing to judge the rules by.',
      '',
      'Who would move:',
      'ann@acme.org: mql to lead, engagement 25 to 12 (Ordered a call-back 25 to 12)',
      'bob@acme.org: mql to lead, engagement 25 to 12 (Ordered a call-back 25 to 12)',
    ])
    expect(await run(rulesHistory)).toHaveLength(1)
    expect((await run(rulesPreview, [draft()], { movers: '1' })).at(-1)).toBe('and 1 more (--movers)')
  })

  it('applies it, shows it with its schema, and goes back to what was', async () => {
    const shown = await run(rulesShow)
    expect(JSON.parse(shown[0]!).$schema).toBe('http://127.0.0.1:4380/rules.schema.json')
    expect(await run(rulesApply, [draft()], { notify: 'silent' })).toEqual([
      'Version 2 is in force; 4 leads stand under it.',
    ])
    expect((await run(rulesPreview, [draft()]))[0]).toBe('4 leads, 0 of whom would stand elsewhere.')
    await run(rulesRevert, ['1'])
    expect((await run(rulesHistory)).map((line) => line.replace(/ {2}\S+Z {2}/, ' '))).toEqual([
      '3 by revert to version 1',
      '2 by command line',
      '1 by site',
    ])
    expect(await run(rulesShow)).toEqual(shown)
    const file = join(folder, 'shown.json')
    writeFileSync(file, shown[0]!)
    expect((await run(rulesPreview, [file]))[0]).toBe('4 leads, 0 of whom would stand elsewhere.')
  })
})

describe('a preview with outcomes', () => {
  it('says how both would have done on them', () => {
    const estimate = (value: number) => ({ value, low: value - 0.1, high: value + 0.1 })
    const band = (from: number, leads: number, won: number) => ({
      from,
      to: from + 20,
      leads,
      won: leads === 0 ? null : estimate(won),
    })
    const side = (rest: Partial<Backtest>): Backtest => ({
      sqls: 12,
      precision: estimate(0.5),
      recall: estimate(0.6),
      lift: 1.25,
      auc: estimate(0.7),
      calibration: [band(0, 10, 0.2), band(20, 15, 0.6), band(40, 0, 0)],
      daysAhead: 2,
      ...rest,
    })
    const none = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>
    const matrix = Object.fromEntries(STAGES.map((stage) => [stage, none])) as Record<
      Stage,
      Record<Stage, number>
    >
    const lines = previewLines({
      leads: 90,
      moved: 0,
      matrix,
      sqlsPerWeek: [],
      overCapacity: null,
      movers: [],
      backtest: {
        outcomes: 25,
        won: 10,
        skipped: 3,
        current: side({}),
        draft: side({ sqls: 0, precision: null, lift: null, auc: null, daysAhead: null }),
        aucDifference: estimate(0.05),
        daysEarlier: 4,
      },
    })
    expect(lines.slice(lines.findIndex((line) => line.startsWith('Against')))).toEqual([
      'Against 25 outcomes, 10 of them won, each as of its hand-over:',
      '                                          now                    draft',
      'were SQL by then                           12                        0',
      'precision                 50 % (40 % to 60 %)                        -',
      'recall                    60 % (50 % to 70 %)      60 % (50 % to 70 %)',
      'lift                                     1.25                        -',
      'AUC of engagement         0.70 (0.60 to 0.80)                        -',
      'days ahead, median                          2                        -',
      'By engagement at the hand-over:',
      '0 to 20 points                   10, 20 % won             10, 20 % won',
      '20 to 40 points                  15, 60 % won             15, 60 % won',
      'AUC under the draft less that of now: 0.05 (-0.05 to 0.15).',
      'Under the draft they would have been SQL 4 days earlier (median).',
      '25 outcomes are few: look at the intervals, not at the values.',
      '3 more were not identified by their hand-over and are left out.',
    ])
  })
})

describe('a bar of progress', () => {
  it.each([
    [0, 90_000, '[..............................]   0 %  0 of 90,000 leads'],
    [57_500, 90_000, '[###################...........]  63 %  57,500 of 90,000 leads'],
    [90_000, 90_000, '[##############################] 100 %  90,000 of 90,000 leads'],
    [0, 0, '[##############################] 100 %  0 of 0 leads'],
  ])('%d of %d: %s', (done, total, bar) => {
    expect(barOf(done, total, 'leads')).toBe(bar)
  })

  it('is drawn on a terminal, taken away at the end, and never written elsewhere', () => {
    const written = (isTTY: boolean): string => {
      const stream = Object.assign(new PassThrough(), { isTTY })
      const bar = progress(stream, 'leads')
      bar.show(1, 2)
      bar.show(1, 2)
      bar.end()
      return String(stream.read() ?? '')
    }
    expect(written(true)).toBe(`\r\x1b[K${barOf(1, 2, 'leads')}\r\x1b[K`)
    expect(written(false)).toBe('')
  })
})
