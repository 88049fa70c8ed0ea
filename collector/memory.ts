import { randomUUID } from 'node:crypto'
import type { AcceptMemory } from './accept.ts'
import { agentReader } from './agent.ts'
import { cleanTexts } from './clean-texts.ts'
import { type HeldKey, matchKey } from './keys.ts'
import { secretSetting } from './project/sites.ts'
import type { Erasing } from './project/suppressing.ts'
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
  /** Keyed hashes of those who were erased, as of then. */
  suppressions(): readonly string[]
  /** Reads everything again. */
  refresh(): Promise<void>
}

export async function createMemory(
  ask: Reader,
  {
    measured,
    net,
    country,
    erasing,
  }: Pick<AcceptMemory, 'measured' | 'net' | 'country'> & { erasing?: Pick<Erasing, 'hash' | 'list'> },
): Promise<Memory> {
  const lent: HeldKey[] = []
  let sites = new Map<string, Site>()
  let keys: KeyRow[] = []
  let settings: Record<string, string> = {}
  let suppressions: string[] = []
  let away = new Set<string>()

  async function refresh(): Promise<void> {
    const configuration = await ask.configuration()
    sites = new Map(configuration.sites.map((site) => [site.id, site]))
    keys = configuration.keys.filter((key) => key.revokedAt === null)
    settings = configuration.settings
    suppressions = configuration.suppressions
    away = new Set([...suppressions, ...(erasing?.list.standing() ?? [])])
  }

  await refresh()
  return {
    site: (id) => sites.get(id),
    agent: agentReader(),
    clean: cleanTexts(),
    measured,
    net,
    country,
    secret: (site) => settings[secretSetting(site)],
    newId: randomUUID,
    sameAdd: sameAdds(),
    suppressed: (site, kind, value) => away.size > 0 && away.has(erasing!.hash(site, kind, value)),
    suppressions: () => suppressions,
    sites: () => [...sites.values()],
    key: (secret) => matchKey<HeldKey>(secret, [...keys, ...lent]),
    setting: (name) => settings[name],
    lend: (key) => {
      lent.push(key)
    },
    refresh,
  }
}
