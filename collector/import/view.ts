/** A page view that another tool has recorded, as the log takes it. */
import { createHash } from 'node:crypto'
import { MAX_TEXT_LENGTH, MAX_URL_LENGTH } from '../../shared/protocol.ts'
import { tracked } from '../accept.ts'
import type { CleanTexts } from '../clean-texts.ts'
import type { ToldItem } from '../entry.ts'
import { keyAt } from '../event-key.ts'

/** What a reader of a format finds in a record. */
export interface OtherView {
  /** Whom the other tool took for one visitor. */
  visitor: string
  /** ms. */
  at: number
  /** What tells this view from others of the visitor at that ms. */
  id: string
  /** Absolute, or from the root. */
  url: string
  title?: string | undefined
  /** Absolute. */
  referrer?: string | undefined
  device?: string | undefined
  browser?: string | undefined
  system?: string | undefined
  language?: string | undefined
  /** 'small' to 'wide'. */
  screen?: string | undefined
  /** ISO 3166 code. */
  country?: string | undefined
}

export type ReadView =
  | { view: OtherView }
  /** No page view: what it is, in words to count by. */
  | { left: string }
  | { problem: string }

/** What a view is taken for: whose it is among the tools, and what is known of the site. */
export interface ViewOptions {
  tool: 'ga4' | 'plausible' | 'umami'
  /** `keptFrom`: what happened before this, ms, is forgotten there; see `Site`. */
  site: { id: string; hosts: readonly string[]; keptFrom: number }
  /** Nothing has happened after this, ms. */
  now: number
  clean: CleanTexts
}

const OTHER = 'other'
/** Before there were pages to measure: a time that is none. */
const EARLIEST = Date.UTC(2000, 0, 1)

/**
 * Its visitor bears a key made of the tool's own one, which cannot be told from it: no browser is found by it, and
 * nobody is linked to it.
 */
export function toItem(
  view: OtherView,
  { tool, site, now, clean }: ViewOptions,
): { item: ToldItem } | { left: string } | { problem: string } {
  const { at, title, referrer, device, browser, system } = view
  if (!(at >= EARLIEST)) return { problem: 'its time is none, or before the year 2000' }
  if (at > now) return { problem: 'its time lies ahead' }
  // Whether it came before could not be known any more, and it would count twice.
  if (at < site.keptFrom) return { left: 'older than the site keeps' }
  const page = {
    kind: 'page' as const,
    id: '0',
    at,
    url: cut(view.url, MAX_URL_LENGTH),
    ...(title && { title: cut(title, MAX_TEXT_LENGTH) }),
    ...(referrer && { referrer: cut(referrer, MAX_URL_LENGTH) }),
  }
  const event = tracked(page, at, undefined, site.hosts, clean)
  if (typeof event === 'string') throw new Error(`a page view was left out: ${event}`)
  const agent = [device, browser, system].some(Boolean)
    ? [device || 'desktop', browser || OTHER, system || OTHER].join(', ')
    : undefined
  return {
    item: {
      visitor: `${tool}-${hashed(`${site.id} ${tool} ${view.visitor}`)}`,
      ...(agent !== undefined && {
        profile: {
          agent: cut(agent, MAX_TEXT_LENGTH),
          language: /^[a-z]{2,3}(?![a-z])/i.exec(view.language ?? '')?.[0].toLowerCase() ?? null,
          screen: view.screen ?? null,
          country: /^[A-Z]{2}$/.exec(view.country ?? '')?.[0] ?? null,
        },
      }),
      event: { ...event, id: keyAt(view.id, at) },
      at,
    },
  }
}

/** 128 bits. */
const hashed = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22)

const cut = (text: string, max: number): string => text.slice(0, max).toWellFormed().replaceAll('\0', '')

const TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,9})?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/

/** A time as databases write it, ms; UTC where no zone is said. NaN of what is none. */
export function timeIn(text: string): number {
  const [, day, clock, part = '', zone = 'Z'] = TIME.exec(text.trim()) ?? []
  if (day === undefined) return Number.NaN
  const offset =
    zone === 'UTC' || zone === 'Z'
      ? 'Z'
      : `${zone.replace(':', '').slice(0, 3)}:${zone.replace(':', '').slice(3) || '00'}`
  return Date.parse(`${day}T${clock}${part.slice(0, 4)}${offset}`)
}

/** An address's host and path without a scheme, as some tools keep referrers, made whole. */
export const absolute = (address: string | undefined): string | undefined =>
  address === undefined || address === '' || /^[a-z][a-z\d+.-]*:/i.test(address)
    ? address || undefined
    : `https://${address}`
