/** Menus that open close again: by Escape, when the focus leaves, and by a click elsewhere. Arrow keys go through them, and where a link names a key, that key opens it. */
export function menus(): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>('details[data-menu]')) {
    const close = (): void => {
      menu.open = false
    }
    document.addEventListener('click', ({ target }) => {
      if (target instanceof Node && !menu.contains(target)) close()
    })
    menu.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !menu.contains(relatedTarget)) close()
    })
    menu.addEventListener('keydown', (event) => {
      const { key, target } = event
      if (key === 'Escape') {
        close()
        menu.querySelector('summary')?.focus()
        return
      }
      if (!menu.open || event.ctrlKey || event.metaKey || event.altKey || target instanceof HTMLInputElement)
        return
      const links = [...menu.querySelectorAll('a')]
      const named = links.find((link) => link.dataset.key === key.toLowerCase())
      if (named) named.click()
      const by = { ArrowDown: 1, ArrowUp: -1 }[key]
      if (by === undefined) return
      event.preventDefault()
      const at = links.indexOf(document.activeElement as HTMLAnchorElement)
      links[(at + by + links.length) % links.length]?.focus()
    })
  }
}
