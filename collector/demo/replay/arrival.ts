/** Where visitors of the demo's past come from, and with what. */
import type { Profile } from '../../store/store.ts'
import type { Chance } from './chance.ts'

export interface Came {
  referrer?: string
  query?: Record<string, string>
}

interface Way extends Came {
  /** Where visits that come by it begin, each as likely as the others. */
  entries: readonly string[]
  /** Days before the end between which its campaign ran. */
  ran?: readonly [from: number, to: number]
}

const utm = (source: string, medium: string, campaign: string) => ({
  utm_source: source,
  utm_medium: medium,
  utm_campaign: campaign,
})
const FOUND = [
  '/demo/blog/bearing-failures',
  '/demo/services/condition-monitoring',
  '/demo/services/retrofit',
  '/demo/',
]
const ARTICLE = '/demo/blog/bearing-failures'
const MONITORING = '/demo/services/condition-monitoring'

const WAYS: readonly (readonly [weight: number, way: Way])[] = [
  [30, { referrer: 'www.google.com/', entries: FOUND }],
  [8, { referrer: 'www.google.de/', entries: FOUND }],
  [5, { referrer: 'www.bing.com/', entries: FOUND }],
  [3, { referrer: 'duckduckgo.com/', entries: FOUND }],
  [2, { referrer: 'www.ecosia.org/', entries: FOUND }],
  [19, { entries: ['/demo/', '/demo/', '/demo/', '/demo/pricing', '/demo/careers'] }],
  [6, { referrer: 'chatgpt.com/', entries: FOUND }],
  [2, { referrer: 'www.perplexity.ai/', entries: FOUND }],
  [5, { referrer: 'www.linkedin.com/feed', entries: [ARTICLE, '/demo/'] }],
  [2, { referrer: 'www.youtube.com/', entries: ['/demo/'] }],
  [3, { referrer: 'plantmaintenance.example/reviews/vibration-sensors', entries: ['/demo/', MONITORING] }],
  [2, { referrer: 'forum.reliability.example/t/4711', entries: [ARTICLE] }],
  [9, { query: utm('google', 'cpc', 'condition-monitoring'), entries: [MONITORING] }],
  [9, { query: utm('linkedin', 'paid-social', 'autumn-audit'), entries: [MONITORING], ran: [56, 14] }],
  [7, { query: utm('trade-fair', 'qr', 'maintenance-days'), entries: ['/demo/'], ran: [33, 28] }],
]
/** By which those come back who have been here. */
const AGAIN: readonly (readonly [weight: number, way: Way])[] = [
  [60, { entries: ['/demo/', '/demo/pricing', MONITORING] }],
  [28, { referrer: 'www.google.com/', entries: ['/demo/', MONITORING] }],
  [6, { referrer: 'www.bing.com/', entries: ['/demo/'] }],
]
const NEWSLETTER: Way = {
  query: utm('newsletter', 'email', 'monthly-reading'),
  entries: [ARTICLE, '/demo/blog'],
}

/** How somebody comes `daysAgo`, for the first time or again. */
export function arrival(
  chance: Chance,
  { daysAgo, isBack, hasMail }: { daysAgo: number; isBack: boolean; hasMail: boolean },
): { came: Came; entry: string } {
  const running = WAYS.filter(([, { ran }]) => !ran || (daysAgo <= ran[0] && daysAgo >= ran[1]))
  const way =
    hasMail && chance.happens(0.5)
      ? NEWSLETTER
      : chance.weighted(isBack && chance.happens(0.8) ? AGAIN : running)
  const { entries, ran: _ran, ...came } = way
  return { came, entry: chance.pick(entries) }
}

const COUNTRIES: readonly (readonly [number, readonly [country: string, language: string]])[] = [
  [36, ['DE', 'de']],
  [9, ['AT', 'de']],
  [8, ['CH', 'de']],
  [11, ['US', 'en']],
  [8, ['GB', 'en']],
  [7, ['NL', 'nl']],
  [5, ['FR', 'fr']],
  [4, ['SE', 'sv']],
  [4, ['PL', 'pl']],
  [3, ['IT', 'it']],
  [3, ['DK', 'da']],
  [2, ['ES', 'es']],
  [1, ['IN', 'en']],
  [1, ['BR', 'pt']],
]
const DESKTOPS: readonly (readonly [number, string])[] = [
  [52, 'desktop, Chrome, Windows'],
  [18, 'desktop, Edge, Windows'],
  [12, 'desktop, Firefox, Windows'],
  [9, 'desktop, Safari, macOS'],
  [5, 'desktop, Chrome, macOS'],
  [4, 'desktop, Firefox, Linux'],
]
const PHONES: readonly (readonly [number, string])[] = [
  [50, 'mobile, Mobile Safari, iOS'],
  [42, 'mobile, Mobile Chrome, Android'],
  [8, 'tablet, Mobile Safari, iOS'],
]

/** What somebody's device says of itself; at work people sit at desks. */
export function profile(chance: Chance, atDesk: number): Profile {
  const [country, language] = chance.weighted(COUNTRIES)
  const isDesk = chance.happens(atDesk)
  const agent = chance.weighted(isDesk ? DESKTOPS : PHONES)
  const screen = isDesk
    ? chance.weighted([
        [6, 'large'],
        [4, 'wide'],
      ] as const)
    : agent.startsWith('tablet')
      ? 'medium'
      : 'small'
  return { agent, language: chance.happens(0.85) ? language : 'en', screen, country }
}
