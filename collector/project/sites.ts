import { type CompiledRules, compile } from '../lead/rules.ts'
import type { Site, StateStore } from '../store/store.ts'
import { EntryError } from './entry-error.ts'

/** A site with its rules in force, compiled once. */
export interface RuledSite extends Site {
  rules: CompiledRules
}

/** The sites as projected so far; the projector is the only writer, so memory is the truth. */
export interface Sites {
  get(id: string): RuledSite
  byNo(no: number): RuledSite
  all(): RuledSite[]
  /** Forgets what it holds: after a rollback, or when an entry changed a site. */
  reload(): Promise<void>
  put(site: RuledSite): void
}

export async function loadSites(store: StateStore): Promise<Sites> {
  let known = new Map<string, RuledSite>()
  async function reload(): Promise<void> {
    known = new Map()
    for (const site of await store.sites()) {
      const row = await store.rules(site.no)
      if (row) known.set(site.id, { ...site, rules: compiled(row.document) })
    }
  }
  await reload()
  const byNo = (no: number): RuledSite => {
    const site = [...known.values()].find((one) => one.no === no)
    if (!site) throw new EntryError(`site number ${no} is not known`)
    return site
  }
  return {
    get(id) {
      const site = known.get(id)
      if (!site) throw new EntryError(`the site '${id}' is not known`)
      return site
    },
    byNo,
    all: () => [...known.values()],
    reload,
    put: (site) => {
      known.set(site.id, site)
    },
  }
}

export function compiled(document: unknown): CompiledRules {
  const result = compile(document)
  if (!result.ok) throw new EntryError(`the rules do not hold: ${result.errors.join('; ')}`)
  return result.rules
}

export const MAIL_PROVIDERS = ['sendgrid', 'postmark'] as const
export type MailProvider = (typeof MAIL_PROVIDERS)[number]

/** Name of the setting by which a mail provider's webhooks are known as its own. */
export const mailSetting = (provider: MailProvider, site: string): string => `mail-${provider}:${site}`

/** Name of the setting that holds the secret by which a site signs who a visitor is. */
export const secretSetting = (site: string): string => `secret:${site}`
