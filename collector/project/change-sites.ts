import type { Outcome, SiteEntry, SiteSetEntry } from '../entry.ts'
import { isZone } from '../zone.ts'
import type { Batch } from './batch.ts'
import { zoneProblem } from './rebuild.ts'
import { compiled, mailSetting, type Sites, secretSetting } from './sites.ts'

/** A new site. */
export function addSite(batch: Batch, sites: Sites, entry: SiteEntry, now: number): Outcome {
  const { id, name, consent, hosts, timeZone = 'UTC' } = entry
  if (sites.all().some((site) => site.id === id))
    return { status: 409, body: { detail: `the site '${id}' exists` } }
  if (!isZone(timeZone)) return { status: 422, body: { detail: zoneProblem(timeZone) } }
  const rules = compiled(entry.rules)
  const site = {
    no: ++batch.numbers.site,
    id,
    name,
    consent,
    hosts,
    with: entry.with ?? [],
    rulesVersion: 1,
    timeZone,
    retention: null,
    keptFrom: 0,
  }
  batch.appended.sites.push(site)
  batch.appended.rules.push({
    site: site.no,
    version: 1,
    document: rules.document,
    appliedAt: now,
    by: 'site',
  })
  batch.putSetting(secretSetting(id), entry.secret)
  sites.put({ ...site, rules })
  return { status: 201, body: { id } }
}

/** Changes of a site what the entry names. */
export function setSite(
  batch: Batch,
  sites: Sites,
  { id, name, consent, hosts, with: pieces, retention, mail = {} }: SiteSetEntry,
): Outcome {
  const found = sites.all().find((site) => site.id === id)
  if (!found) return { status: 404, body: { detail: `there is no site '${id}'` } }
  const changed = {
    ...found,
    name: name ?? found.name,
    consent: consent ?? found.consent,
    hosts: hosts ?? found.hosts,
    with: pieces ?? found.with,
    retention: retention === undefined ? found.retention : retention,
  }
  sites.put(changed)
  for (const provider of ['sendgrid', 'postmark'] as const) {
    const kept = mail[provider]
    if (kept !== undefined) batch.putSetting(mailSetting(provider, id), kept)
  }
  const { rules: _, ...site } = changed
  batch.appended.sites.push(site)
  return {
    status: 200,
    body: {
      id,
      name: site.name,
      consent: site.consent,
      hosts: site.hosts,
      with: site.with,
      retention: site.retention,
      timeZone: site.timeZone,
    },
  }
}
