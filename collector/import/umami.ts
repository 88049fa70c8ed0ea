/** Umami: the rows of `website_event` as CSV, alone or joined with `session`, as its cloud exports them. */
import { screenOf } from '../accept.ts'
import { type ReadView, timeIn } from './view.ts'

/** Columns without which nothing can be made of a row. */
export const UMAMI_COLUMNS = ['session_id', 'created_at', 'url_path'] as const

const PAGE_VIEW = '1'
const SYSTEMS: Record<string, string> = { 'Android OS': 'Android' }
const DEVICES: Record<string, string> = { laptop: 'desktop' }

/** Reads rows of one website: `website`, or else that of the first row. */
export function umamiReader(website: string | undefined): (field: (name: string) => string) => ReadView {
  let only = website
  return (field) => {
    const its = field('website_id')
    if (its !== '') {
      only ??= its
      if (its !== only) {
        const why = website === undefined ? 'of another website than the first' : 'of another website'
        return website === undefined
          ? { problem: `is ${why}; import one website at a time, with --website ID` }
          : { left: why }
      }
    }
    const type = field('event_type')
    if (type !== '' && type !== PAGE_VIEW) return { left: 'custom event' }
    const visitor = field('session_id')
    const path = field('url_path')
    if (visitor === '' || path === '') return { problem: 'has no session_id or no url_path' }
    const at = timeIn(field('created_at'))
    const query = field('url_query').replace(/^\?/, '')
    const domain = field('referrer_domain')
    const from = field('referrer_path')
    const [, width] = /^(\d{2,5})x\d{2,5}$/.exec(field('screen')) ?? []
    const system = field('os')
    const device = field('device')
    return {
      view: {
        visitor,
        at,
        id: field('event_id') || `${path} ${query}`,
        url: `${path.startsWith('/') ? '' : '/'}${path}${query === '' ? '' : `?${query}`}`,
        title: field('page_title'),
        referrer:
          domain === ''
            ? undefined
            : `https://${domain}${from.startsWith('/') || from === '' ? '' : '/'}${from}`,
        device: DEVICES[device] ?? device,
        browser: field('browser'),
        system: SYSTEMS[system] ?? system.replace(/^Windows .*/, 'Windows'),
        language: field('language'),
        screen: width === undefined ? undefined : screenOf(Number(width)),
        country: field('country'),
      },
    }
  }
}
