/** The collector's way in with a log that keeps nothing: what the log adds is measured against it. */
import { createServer } from 'node:http'
import { agentReader } from '../../collector/agent.ts'
import { cleanTexts } from '../../collector/clean-texts.ts'
import { clientIp } from '../../collector/client-ip.ts'
import { doorCounts } from '../../collector/counts.ts'
import type { Entry } from '../../collector/entry.ts'
import { intakeFirst } from '../../collector/intake.ts'
import { sameAdds } from '../../collector/same-add.ts'

const listener = intakeFirst(
  {
    log: { append: async (entry: Entry) => JSON.stringify(entry).length } as never,
    memory: {
      site: () => ({ consent: 'given', hosts: [] }),
      agent: agentReader(),
      clean: cleanTexts(),
      secret: () => undefined,
      newId: () => 'new',
      measured: () => '~measured',
      net: () => undefined,
      webdriver: 'refuse',
      country: () => null,
      sets: () => false,
      sameAdd: sameAdds(),
    },
    counts: doorCounts(),
    taken: () => {},
    limit: () => 0,
    unavailable: () => {},
    explain: () => ({ status: 401, headers: {}, body: null }),
    clientIp: clientIp([]),
    now: Date.now,
    unexpected: (error) => {
      throw error
    },
  },
  (_request, response) => {
    response.writeHead(204).end()
  },
)
createServer(listener).listen(Number(process.argv[2]), '127.0.0.1')
