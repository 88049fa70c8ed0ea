/** The values of a chart beside the pointer, or at the arrow keys; they are read from the table below it. */
export function chartValues(): void {
  for (const figure of document.querySelectorAll<HTMLElement>('[data-chart]')) {
    const plot = figure.querySelector<HTMLElement>('.chart-plot')
    const table = figure.nextElementSibling?.querySelector('table')
    if (!plot || !table) continue
    const titles = [...table.querySelectorAll('thead th')].map((cell) => cell.textContent ?? '')
    const rows = [...table.querySelectorAll('tbody tr')].map((row) =>
      [...row.children].map((cell) => {
        // What it is compared with bears its own day as a title.
        const day = cell.querySelector<HTMLElement>('[title]')?.title
        return day ? `${cell.textContent} · ${day}` : (cell.textContent ?? '')
      }),
    )
    if (rows.length < 2) continue
    const tip = document.createElement('div')
    tip.className = 'chart-tip'
    tip.setAttribute('role', 'status')
    tip.hidden = true
    const rule = document.createElement('div')
    rule.className = 'chart-rule'
    rule.hidden = true
    plot.append(rule, tip)
    let at = rows.length - 1

    const show = (index: number): void => {
      at = Math.max(0, Math.min(rows.length - 1, index))
      const [label = '', ...values] = rows[at] ?? []
      const head = document.createElement('strong')
      head.textContent = label
      const lines = values.map((value, i) => {
        const part = document.createElement('span')
        part.className = i === 0 ? 'now' : 'before'
        part.textContent = `${titles[i + 1]}: ${value}`
        return part
      })
      tip.replaceChildren(head, ...lines)
      tip.hidden = false
      rule.hidden = false
      const width = plot.clientWidth
      const left = (at / (rows.length - 1)) * width
      rule.style.left = `${left}px`
      // On whichever side there is room.
      const beside = left + 12 + tip.offsetWidth > width ? left - 12 - tip.offsetWidth : left + 12
      tip.style.left = `${Math.max(0, beside)}px`
    }
    const hide = (): void => {
      tip.hidden = true
      rule.hidden = true
    }
    plot.addEventListener('pointermove', ({ clientX }) => {
      const { left, width } = plot.getBoundingClientRect()
      show(Math.round(((clientX - left) / width) * (rows.length - 1)))
    })
    plot.addEventListener('pointerleave', hide)
    plot.tabIndex = 0
    plot.setAttribute('role', 'group')
    plot.setAttribute('aria-label', figure.dataset.chart ?? '')
    plot.addEventListener('focus', () => show(at))
    plot.addEventListener('blur', hide)
    plot.addEventListener('keydown', (event) => {
      const { key } = event
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: rows.length - 1 }[key]
      if (to !== undefined) {
        event.preventDefault()
        show(to)
      } else if (key === 'Escape') hide()
    })
  }
}
