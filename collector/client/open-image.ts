import { hmac } from './hmac.ts'

export interface OpenImage {
  /** Where the collector is: https://go.example.com. */
  origin: string
  /** The site's secret, which `leadwake site secret ID` prints. Never in a mail. */
  secret: string
  site: string
  /** Who gets the mail: contact id or external id. An e-mail would do, but anybody who has the mail's source reads it. */
  contact: string
  /** Your id of this mail to this person: opened ten times, it counts once. */
  mail: string
}

/**
 * Address of an invisible image for an e-mail: that it is asked for is an `email_open` of the contact. Many mail
 * programs ask for images unseen, or never. Rejects with a `TypeError` where something is missing.
 */
export async function openImage({ origin, secret, site, contact, mail }: OpenImage): Promise<string> {
  const given = { origin, secret, site, contact, mail }
  for (const [name, value] of Object.entries(given)) if (!value) throw new TypeError(`leadwake: give ${name}`)
  const bytes = new TextEncoder().encode(JSON.stringify([mail, contact]))
  const said = btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
  const signature = await hmac(secret, `open\n${site}\n${said}`)
  const query = new URLSearchParams({ s: site, o: `${said}.${signature}` })
  return `${origin.replace(/\/+$/, '')}/v1/in?${query}`
}
