import { randomUUID } from 'node:crypto'
import type { AcceptMemory } from './accept.ts'
import { agentReader } from './agent.ts'
import { type HeldKey, matchKey } from './keys.ts'
import { secretSetting } from './project/sites.ts'
import type { Reader } from './reader.ts'
import { sameAdds } from './same-add.ts'
import type { KeyRow, Site } from './store/store.ts'

/** What is decided without asking the state: sites, keys and login secrets as of the last time they changed. */
export interface Memory extends AcceptMemory {
  site(id: string): Site | undefined
  sites(): Site[]
  /** The key that this secret opens; revoked ones never. */
  key(secret: string): HeldKey | undefined
  setting(name: string): string | undefined
  /** Holds a key that lives as long as the process. */
  lend(key: HeldKey): void
  /** Reads everything again. */
  refresh(): Promise<void>
}

export async function createMemory(
  ask: Reader,
  { measured, net, country }: Pick<AcceptMemory, 'measured' | 'net' | 'country'>,
): Promise<Memory> {
  const lent: HeldKey[] = []
  let sites = new Map<string, Site>()
  let keys: KeyRow[] = []
  let settings: Record<string, string> = {}

  async function refresh(): Promise<void> {
    const configuration = await ask.configuration()
    sites = new Map(configuration.sites.map((site) => [site.id, site]))
    keys = configuration.keys.filter((key) => key.revokedAt === null)
    settings = configuration.settings
  }

  await refresh()
  return {
    site: (id) => sites.get(id),
    agent: agentReader(),
    measured,
    net,
    country,
    secret: (site) => settings[secretSetting(site)],
    newId: randomUUID,
    sameAdd: sameAdds(),
    sites: () => [...sites.values()],
    key: (secret) => matchKey<HeldKey>(secret, [...keys, ...lent]),
    setting: (name) => settings[name],
    lend: (key) => {
      lent.push(key)
    },
    refresh,
  }
}
