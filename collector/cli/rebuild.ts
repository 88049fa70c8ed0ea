import { readConfig } from '../config.ts'
import { ENTRY_VERSION } from '../entry.ts'
import { zoneProblem } from '../project/rebuild.ts'
import { Sentence } from '../sentence.ts'
import { isZone } from '../zone.ts'
import type { Command } from './command.ts'
import { withState } from './perform.ts'

export const rebuildCommand: Command = {
  name: 'rebuild',
  summary: 'Make the numbers of a site again from its events',
  help: `Usage: leadwake rebuild SITE [options]

Drops a site's visits and sums, and makes them again from its events, with days of another time zone where one is
named. Beacons are taken meanwhile, and projected when it is done. Ten million events take some minutes.

Options:
  --time-zone ZONE  whose days the numbers are of from now on, by its IANA name (Europe/Berlin)
  --without-erased  also where people were erased: the numbers are lower then by what they did
  --db FILE         database (LEADWAKE_DB, data/leadwake.db)

Example:
  leadwake rebuild main --time-zone Europe/Berlin`,
  options: { 'time-zone': { type: 'string' }, 'without-erased': { type: 'boolean' } },
  positionals: ['SITE'],
  run({ flags, options, positionals, print }) {
    const [site] = positionals
    if (site === undefined)
      throw new Sentence('name the site: leadwake rebuild SITE (see leadwake site list)')
    const timeZone = timeZoneOf(options['time-zone'])
    return withState(readConfig(flags), async (perform) => {
      const { body } = await perform({
        kind: 'rebuild',
        v: ENTRY_VERSION,
        site,
        ...(timeZone !== undefined && { timeZone }),
        ...(options['without-erased'] === true && { withoutErased: true }),
      })
      print(`Counted ${body.visitors} visitors of '${site}' again.`)
      return 0
    })
  },
}

/** The option's value where it is one. Throws a `Sentence` for what is no time zone. */
export function timeZoneOf(value: string | boolean | undefined): string | undefined {
  if (typeof value !== 'string') return undefined
  if (!isZone(value)) throw new Sentence(`--time-zone: ${zoneProblem(value)}`)
  return value
}
