import { pino } from 'pino'
import { type Collector, startCollector } from '../collector.ts'
import { readConfig } from '../config.ts'
import { keepHeapsSmall } from '../heap.ts'
import { scriptTag } from '../tag.ts'
import { builtSnippet } from './built.ts'
import type { Command } from './command.ts'
import { version } from './version.ts'

/** A stop that takes longer has hung, ms. */
const STOP_WITHIN_MS = 10_000

export const serve: Command = {
  name: 'serve',
  summary: 'Run the collector, the dashboard and the demo site',
  help: `Usage: leadwake serve [options]

Runs until it is stopped (Ctrl-C or SIGTERM). The first run makes the database, a site, a key and a login link.

Options:
  --port PORT         where to listen (PORT, 4380)
  --host HOST         on which address (HOST, 127.0.0.1; 0.0.0.0 for all)
  --db FILE           database (LEADWAKE_DB, data/leadwake.db); its log lies beside it as FILE.intake.db
  --site ID           id of the first site (LEADWAKE_SITE, main)
  --rules FILE        rules document for the first version (LEADWAKE_RULES; else the standard preset)
  --trust-proxy LIST  proxies whose X-Forwarded-For is believed (LEADWAKE_TRUST_PROXY)
  --rate N            beacons a second of one client, bursts of ten times that (LEADWAKE_RATE, 50; 0: no limit)
  --api-rate N        API calls a minute of one key (LEADWAKE_API_RATE, 6000; 0: no limit)
  --staff LIST        addresses and blocks of your own people, who are not counted (LEADWAKE_STAFF)
  --refuse-nets FILE  addresses and blocks of data centres, one a line, to refuse (LEADWAKE_REFUSE_NETS)
  --webdriver WHAT    'count' counts browsers that a program drives, for tests of your own site; else they are
                      refused (LEADWAKE_WEBDRIVER, refuse)
  --connections N     connections held open at once (LEADWAKE_CONNECTIONS, 10000)
  --log-keep MINUTES  keep entries in the log this long after they are projected (LEADWAKE_LOG_KEEP, 0)
  --log-limit MIB     what may wait to be projected before beacons are refused (LEADWAKE_LOG_LIMIT, 1024)
  --geo FILE          MaxMind DB file (.mmdb) that tells visitors' countries (LEADWAKE_GEO); none is shipped
  --no-demo           without the demo site

Exit codes: 0 after a stop that was asked for, 1 where something must be mended first.

Examples:
  leadwake serve
  leadwake serve --port 8080 --db /var/lib/leadwake/leadwake.db --no-demo
  leadwake serve --host 0.0.0.0 --trust-proxy 10.0.0.0/8`,
  async run({ flags, print }) {
    const config = readConfig(flags)
    keepHeapsSmall({ isShared: config.database !== undefined })
    const logger = pino({ base: null, level: 'info' }, pino.destination({ dest: 2, sync: true }))
    const collector = await startCollector({ config, snippet: builtSnippet(), version: version(), logger })
    // Whoever reads the address may stop it at once.
    const ended = stopped(collector, print)
    announce(collector, config.demo, print)
    await ended
    return 0
  },
}

function announce({ origin, first, site }: Collector, demo: boolean, print: (line: string) => void): void {
  print('')
  print(`  Dashboard    ${origin}/`)
  if (demo) print(`  Demo site    ${origin}/demo/`)
  print(`  Script tag   ${scriptTag(origin, site)}`)
  if (first) {
    print('')
    print('  Shown this once (lost: leadwake key new):')
    print(`  Key          ${first.key}`)
    print(`  Log in       ${origin}/login/${first.loginToken}`)
  }
  print('')
}

/** Resolves when the collector was told to stop and has done so. */
function stopped(collector: Collector, print: (line: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let stopping = false
    const stop = () => {
      if (stopping) return
      stopping = true
      print('Stopping: what was acknowledged is on disk.')
      setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref()
      collector.stop().then(resolve)
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
}
