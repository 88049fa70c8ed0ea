/** `j` and `k` go down and up a list, Enter opens the row's link, as in a mail program; `x` ticks its box. */
export function listKeys(): void {
  const rows = [...document.querySelectorAll<HTMLTableRowElement>('table[data-keys] tbody tr')]
  if (rows.length === 0) return
  const step: Record<string, number> = { j: 1, k: -1 }
  document.addEventListener('keydown', (event) => {
    const { key, target } = event
    const typing =
      target instanceof HTMLElement && target.closest('input:not([type=checkbox]), select, textarea')
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return
    const at = rows.findIndex((row) => row.contains(document.activeElement))
    if (key === 'x') rows[at]?.querySelector<HTMLInputElement>('input[type=checkbox]')?.click()
    const by = step[key]
    if (by === undefined) return
    const next = rows[at === -1 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))]
    next?.querySelector<HTMLElement>('th a')?.focus()
  })
}
