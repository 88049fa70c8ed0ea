/**
 * Google Analytics 4: the events that its export writes into BigQuery, one JSON object a line
 * (https://support.google.com/analytics/answer/7029846).
 */
import type { ReadView } from './view.ts'

/** GA4's names where they are not those that a user agent gives. */
const SYSTEMS: Record<string, string> = { Macintosh: 'Mac OS', 'Chrome OS': 'Chromium OS' }
const DEVICES: Record<string, string> = { 'smart tv': 'smarttv' }

type Fields = Record<string, unknown>

/** Reads one line of the export. */
export function readGa4(value: unknown): ReadView {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { problem: 'must be a JSON object, an event of the BigQuery export' }
  const event = value as Fields
  const name = text(event.event_name)
  const micros = Number(text(event.event_timestamp))
  if (name === undefined || !(micros > 0))
    return {
      problem: 'has no event_name and event_timestamp; each line must be an event of the BigQuery export',
    }
  if (name !== 'page_view') return { left: name.slice(0, 40) }
  const visitor = text(event.user_pseudo_id)
  // Consent mode sends pings that bear no id.
  if (visitor === undefined) return { left: 'page_view without user_pseudo_id' }
  const url = param(event, 'page_location')
  if (url === undefined) return { problem: 'a page_view has no page_location among its event_params' }
  const device = part(event.device)
  const category = text(device.category) ?? ''
  const system = text(device.operating_system)
  const country = text(part(event.geo).country)
  return {
    view: {
      visitor,
      at: Math.floor(micros / 1_000),
      id: [micros, url, text(event.event_bundle_sequence_id), text(event.batch_event_index)].join(' '),
      url,
      title: param(event, 'page_title'),
      referrer: param(event, 'page_referrer'),
      device: DEVICES[category] ?? category,
      browser: text(part(device.web_info).browser) ?? text(device.browser),
      system: system && (SYSTEMS[system] ?? system),
      language: text(device.language),
      country: country && codeOf(country),
    },
  }
}

/** A parameter's text. */
function param({ event_params: params }: Fields, key: string): string | undefined {
  if (!Array.isArray(params)) return undefined
  const found = params.map(part).find((one) => one.key === key)
  return found && text(part(found.value).string_value)
}

const part = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

const text = (value: unknown): string | undefined => {
  const found = typeof value === 'number' ? String(value) : value
  return typeof found === 'string' && found !== '' && found !== '(not set)' ? found : undefined
}

let codes: Map<string, string> | undefined

/** The ISO code of a country by its English name. */
function codeOf(country: string): string | undefined {
  codes ??= englishCodes()
  return codes.get(country)
}

function englishCodes(): Map<string, string> {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const found = letters
    .flatMap((a) => letters.map((b) => a + b))
    .map((code) => [names.of(code), code] as const)
  // Codes that are no longer used have the names of those that took their place.
  return new Map(found.filter((pair): pair is [string, string] => pair[0] !== undefined).reverse())
}
