/** Where a visit came from: its referrer's class and name, or what the campaign's tags say. */
import type { SourceKind } from '../shared/api.ts'
import { AI, CLICKS, MAIL, SEARCH, SEARCH_EVERYWHERE, SOCIAL } from './source-list.ts'

export interface Source {
  kind: SourceKind
  /** 'Google', 'newsletter', 'forum.example.net'; empty of `direct`. */
  name: string
  /** `utm_campaign`. */
  campaign: string | null
}

interface Came {
  /** Host and path. */
  referrer: string | null
  query: Record<string, string> | null
}

/** What `utm_medium` says of the kind, as Google's default channel groups read it. */
const MEDIA: [RegExp, SourceKind][] = [
  [/^(.*cp.*|ppc|retargeting|paid.*|display|banner)$/, 'paid'],
  [/^(e[-_ ]?mail|newsletter)$/, 'mail'],
  [/^(social|social[-_ ].*|sm)$/, 'social'],
]
const COUNTRY_DOMAIN = /^([a-z]+)\.(?:com?\.)?[a-z]{2,3}$/

/** Campaign tags weigh more than a click id, and that more than the referrer. */
export function sourceOf({ referrer, query }: Came): Source {
  const campaign = query?.utm_campaign ?? null
  const tagged = query?.utm_source
  if (tagged !== undefined) return { kind: kindOf(query?.utm_medium), name: tagged.toLowerCase(), campaign }
  const click = query && CLICKS.find(([key]) => query[key] !== undefined)
  if (click) return { kind: click[1], name: click[2], campaign }
  return { ...referred(referrer), campaign }
}

function kindOf(medium: string | undefined): SourceKind {
  const said = medium?.toLowerCase() ?? ''
  return MEDIA.find(([expression]) => expression.test(said))?.[1] ?? 'campaign'
}

function referred(referrer: string | null): { kind: SourceKind; name: string } {
  const [host = ''] = (referrer ?? '').split('/', 1)
  if (host === '' || !host.includes('.')) return { kind: 'direct', name: '' }
  const bare = host.replace(/^(?:www\d?|m)\./, '').replace(/:\d+$/, '')
  const named = (kind: SourceKind, list: Record<string, string>, name: string) =>
    Object.hasOwn(list, name) ? { kind, name: list[name]! } : undefined
  if (bare === 'x.com' && referrer!.startsWith('/i/grok', host.length)) return { kind: 'ai', name: 'Grok' }
  return (
    named('ai', AI, bare) ??
    named('mail', MAIL, bare) ??
    named('search', SEARCH, bare) ??
    named('search', SEARCH_EVERYWHERE, COUNTRY_DOMAIN.exec(bare)?.[1] ?? '') ??
    (bare.endsWith('.search.yahoo.com') ? { kind: 'search', name: 'Yahoo' } : undefined) ??
    above(bare).flatMap((domain) => named('social', SOCIAL, domain) ?? [])[0] ?? {
      kind: 'referral',
      name: bare,
    }
  )
}

/** A host and the domains above it. */
function above(host: string): string[] {
  const parts = host.split('.')
  return parts.slice(0, -1).map((_, i) => parts.slice(i).join('.'))
}
