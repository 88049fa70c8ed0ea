import { randomUUID } from 'node:crypto'
import type { AcceptMemory } from './accept.ts'
import { agentReader } from './agent.ts'
import { cleanTexts } from './clean-texts.ts'
import { type HeldKey, matchKey } from './keys.ts'
import { secretSetting } from './project/sites.ts'
import type { Erasing } from './project/suppressing.ts'
import type { Reader } from './reader.ts'
import { sameAdds } from './same-add.ts'
import type { KeyRow, Site, StaffRow, WebhookRow } from './store/store.ts'

/** Names whose suppression is remembered: at most some 10 MB. */
const REMEMBERED = 50_000

/** What is decided without asking the state: sites, keys and login secrets as of the last time they changed. */
export interface Memory extends AcceptMemory {
  site(id: string): Site | undefined
  sites(): Site[]
  /** Whether any site's script takes that on. */
  sets(piece: string): boolean
  /** The key that this secret opens; revoked ones never, expired ones for who asks when. */
  key(secret: string): HeldKey | undefined
  /** Who may sign in. */
  staff(): readonly StaffRow[]
  setting(name: string): string | undefined
  /** With their secrets, the oldest first. */
  webhooks(): readonly WebhookRow[]
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
    webdriver,
    erasing,
  }: Pick<AcceptMemory, 'measured' | 'net' | 'country' | 'webdriver'> & {
    erasing?: Pick<Erasing, 'hash' | 'list'>
  },
): Promise<Memory> {
  const lent: HeldKey[] = []
  let sites = new Map<string, Site>()
  let pieces = new Set<string>()
  let keys: KeyRow[] = []
  let staff: StaffRow[] = []
  let settings: Record<string, string> = {}
  let suppressions: string[] = []
  let webhooks: WebhookRow[] = []
  let away = new Set<string>()

  async function refresh(): Promise<void> {
    const configuration = await ask.configuration()
    sites = new Map(configuration.sites.map((site) => [site.id, site]))
    pieces = new Set(configuration.sites.flatMap((site) => site.with))
    keys = configuration.keys.filter((key) => key.revokedAt === null)
    staff = configuration.staff.filter((one) => one.removedAt === null)
    settings = configuration.settings
    suppressions = configuration.suppressions
    webhooks = configuration.webhooks
    known = new Map()
    away = new Set([...suppressions, ...(erasing?.list.standing() ?? [])])
  }

  // A hash costs as much as all the rest of the way in; the visitors of a moment are few.
  let known = new Map<string, boolean>()
  function suppressed(site: string, kind: string, value: string): boolean {
    if (away.size === 0) return false
    const name = `${site} ${kind} ${value}`
    const before = known.get(name)
    if (before !== undefined) return before
    const found = away.has(erasing!.hash(site, kind, value))
    if (known.size >= REMEMBERED) known = new Map()
    known.set(name, found)
    return found
  }

  await refresh()
  return {
    site: (id) => sites.get(id),
    agent: agentReader(),
    clean: cleanTexts(),
    measured,
    net,
    webdriver,
    country,
    secret: (site) => settings[secretSetting(site)],
    newId: randomUUID,
    sameAdd: sameAdds(),
    suppressed,
    suppressions: () => suppressions,
    sites: () => [...sites.values()],
    sets: (piece) => pieces.has(piece),
    key: (secret) => matchKey<HeldKey>(secret, [...keys, ...lent]),
    staff: () => staff,
    setting: (name) => settings[name],
    webhooks: () => webhooks,
    lend: (key) => {
      lent.push(key)
    },
    refresh,
  }
}
