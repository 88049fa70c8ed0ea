/** What somebody does in one visit of the demo's shop. */
import { engageKey } from '../../event-key.ts'
import type { EventKey, TrackedEvent } from '../../lead/state.ts'
import { CATALOGUE, CURRENCY } from '../catalogue.ts'
import type { Came } from './arrival.ts'
import type { Chance } from './chance.ts'

interface Page {
  title: string
  kind?: string
  /** Median time that people who read it spend on it, s. */
  seconds: number
  /** What can be downloaded there. */
  files?: readonly string[]
  sells?: boolean
}

const GUIDE = '/demo/files/guide.pdf'
/** As the demo's pages are. */
export const PAGES: Record<string, Page> = {
  '/demo/': { title: 'Sensors that hear a bearing fail', seconds: 18, files: [GUIDE], sells: true },
  '/demo/services/condition-monitoring': {
    title: 'Condition monitoring',
    kind: 'service',
    seconds: 45,
    files: [GUIDE, '/demo/files/nl-200-datasheet.pdf'],
  },
  '/demo/services/retrofit': {
    title: 'Retrofit for old machines',
    kind: 'service',
    seconds: 40,
    files: ['/demo/files/retrofit-checklist.pdf', '/demo/files/nl-40-datasheet.pdf'],
  },
  '/demo/pricing': {
    title: 'Pricing',
    kind: 'pricing',
    seconds: 35,
    sells: true,
    files: ['/demo/files/price-list.pdf'],
  },
  '/demo/blog': { title: 'Blog', seconds: 14 },
  '/demo/blog/bearing-failures': {
    title: 'Six weeks before it seized',
    kind: 'blog',
    seconds: 75,
    files: [GUIDE],
  },
  '/demo/about': { title: 'About us', kind: 'company', seconds: 20 },
  '/demo/careers': { title: 'Careers', kind: 'careers', seconds: 30 },
  '/demo/cart': { title: 'Cart', seconds: 15 },
  '/demo/checkout': { title: 'Checkout', kind: 'checkout', seconds: 40 },
  '/demo/request-demo': { title: 'Request a demo', seconds: 50 },
}

/** How somebody is: what draws them, and what they do there. */
export interface Habits {
  /** Weights of the pages that they turn to. */
  draws: Readonly<Record<string, number>>
  /** Probability that another page follows. */
  goesOn: number
  /** How long they look, against the median. */
  patience: number
  /** Probabilities on a page that offers it. */
  downloads: number
  adds: number
}

export interface Form {
  path: string
  name: string
}

/** Events of a visit in the order of time. A form is sent at its end, from its page. */
export function visit(
  chance: Chance,
  habits: Habits,
  { at, entry, came, form }: { at: number; entry: string; came: Came; form?: Form | undefined },
): TrackedEvent[] {
  const events: TrackedEvent[] = []
  const path = walk(chance, habits, entry, form)
  let now = at
  for (const [i, name] of path.entries()) {
    const page = PAGES[name]!
    const id = keyAt(chance, now)
    events.push({
      kind: 'page',
      id,
      at: now,
      path: name,
      title: `${page.title} · Nordlicht Sensors`,
      ...(page.kind && { pageKind: page.kind }),
      ...(i === 0 && came),
    })
    const ms = Math.round(Math.min(1_200, chance.around(page.seconds * habits.patience, 0.7)) * 1_000)
    const end = now + ms
    const acts = actsOn(chance, habits, page, now + Math.round(ms * 0.6))
    events.push(...acts)
    if (form?.path === name && i === path.length - 1)
      events.push({ kind: 'form', id: keyAt(chance, end - 400), at: end - 400, form: form.name })
    // Who leaves at once has sent nothing of the time.
    if (ms > 2_000) {
      const scroll = Math.min(100, Math.round(chance.around(60, 0.5)))
      events.push({ kind: 'engage', id: engageKey(id, ms, scroll), at: end, page: id, ms, scroll })
    }
    now = end + chance.between(800, 8_000)
    if (acts.some(({ kind }) => kind === 'cart') && !path.includes('/demo/cart', i))
      path.splice(i + 1, 0, '/demo/cart')
  }
  return events
}

function walk(chance: Chance, { draws, goesOn }: Habits, entry: string, form: Form | undefined): string[] {
  const weights = Object.entries(draws).map(([name, weight]) => [weight, name] as const)
  const path = [entry]
  while (path.length < 14 && chance.happens(goesOn)) {
    const next = chance.weighted(weights)
    if (next !== path.at(-1)) path.push(next)
  }
  if (form && path.at(-1) !== form.path) path.push(form.path)
  return path
}

function actsOn(chance: Chance, { downloads, adds }: Habits, page: Page, at: number): TrackedEvent[] {
  const acts: TrackedEvent[] = []
  if (page.files && chance.happens(downloads))
    acts.push({ kind: 'download', id: keyAt(chance, at), at, url: chance.pick(page.files) })
  if (page.sells && chance.happens(adds)) {
    const { name, price } = chance.weighted([
      [5, CATALOGUE[0]!],
      [3, CATALOGUE[1]!],
      [2, CATALOGUE[2]!],
    ] as const)
    acts.push({
      kind: 'cart',
      id: keyAt(chance, at + 500),
      at: at + 500,
      product: name,
      quantity: 1,
      price,
      currency: CURRENCY,
    })
  }
  return acts
}

/** A key as ids of the snippet have: its ms, and nine digits. */
export const keyAt = (chance: Chance, ms: number): EventKey => ({ ms, key: chance.between(0, 999_999_999) })
