import type { Page } from 'playwright-core'

/** What a page does that none should: shows a box, throws, breaks its policy, or asks another host. The list grows. */
export function watched(page: Page): string[] {
  const faults: string[] = []
  page.on('dialog', (dialog) => {
    faults.push(`a box: ${dialog.message()}`)
    dialog.dismiss().catch(() => {})
  })
  page.on('pageerror', ({ message }) => faults.push(`thrown: ${message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`said: ${message.text()}`)
  })
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url())
    const own = page.url() === 'about:blank' ? host : new URL(page.url()).host
    if (protocol !== 'data:' && host !== own) faults.push(`asked: ${request.url()}`)
  })
  return faults
}
