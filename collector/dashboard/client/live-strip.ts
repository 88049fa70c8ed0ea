/** Who is there now and what is being done, as the collector tells it; while the page is hidden it is not asked. */
export function liveStrip(): void {
  const strip = document.querySelector<HTMLElement>('[data-live]')
  const count = strip?.querySelector('[data-live-now]')
  const list = document.querySelector('[data-live-events]')
  if (!strip || !count || !list) return
  const MOST = 6
  const words: Record<string, string> = JSON.parse(strip.dataset.words ?? '{}')
  const number = new Intl.NumberFormat(document.documentElement.lang)
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZone: strip.dataset.zone ?? 'UTC',
  })
  interface Item {
    at: string
    kind: string
    path?: string
    what?: string
    lead?: { id: string; name: string | null }
  }
  let source: EventSource | undefined

  const row = ({ at, kind, path, what, lead }: Item): HTMLElement => {
    const item = document.createElement('li')
    const time = document.createElement('time')
    time.dateTime = at
    time.textContent = clock.format(new Date(at))
    const text = document.createElement('span')
    text.textContent = ` ${words[kind] ?? kind} ${what ?? path ?? ''} `
    item.append(time, text)
    if (lead) {
      const link = document.createElement('a')
      link.href = `/leads/${encodeURIComponent(lead.id)}`
      link.textContent = lead.name ?? words.lead ?? ''
      item.append(link)
    }
    return item
  }
  const begin = (): void => {
    if (source || document.hidden) return
    source = new EventSource(`/v1/live?site=${encodeURIComponent(strip.dataset.live ?? '')}`)
    source.addEventListener('now', ({ data }) => {
      const { visitors, atLeast } = JSON.parse(data)
      count.textContent = number.format(visitors) + (atLeast ? '+' : '')
      strip.classList.toggle('is-quiet', visitors === 0)
      strip.classList.add('is-heard')
    })
    source.addEventListener('events', ({ data }) => {
      const { items } = JSON.parse(data) as { items: Item[] }
      list.prepend(...items.map(row).reverse())
      while (list.children.length > MOST) list.lastElementChild?.remove()
      list.parentElement?.removeAttribute('hidden')
    })
  }
  const end = (): void => {
    source?.close()
    source = undefined
  }
  begin()
  document.addEventListener('visibilitychange', () => (document.hidden ? end() : begin()))
  // A page that is kept for 'back' must not hold a connection.
  addEventListener('pagehide', end)
  addEventListener('pageshow', begin)
}
