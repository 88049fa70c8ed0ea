/** Numbers the lines of `textarea[data-lines]`, and takes `a[data-line]` to its line there. */
export function lineNumbers(): void {
  const text = document.querySelector<HTMLTextAreaElement>('textarea[data-lines]')
  if (!text) return
  const gutter = document.createElement('pre')
  gutter.className = 'gutter'
  gutter.setAttribute('aria-hidden', 'true')
  text.before(gutter)
  text.parentElement?.classList.add('numbered')
  let shown = 0
  function number(): void {
    const lines = text!.value.split('\n').length
    if (lines === shown) return
    shown = lines
    gutter.textContent = Array.from({ length: lines }, (_, i) => i + 1).join('\n')
  }
  const follow = () => {
    gutter.scrollTop = text.scrollTop
  }
  text.addEventListener('input', () => {
    number()
    follow()
  })
  text.addEventListener('scroll', follow)
  number()
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-line]'))
    link.addEventListener('click', (event) => {
      event.preventDefault()
      const lines = text.value.split('\n')
      const at = Math.min(lines.length, Number(link.dataset.line)) - 1
      const from = lines.slice(0, at).reduce((sum, line) => sum + line.length + 1, 0)
      text.focus()
      text.setSelectionRange(from, from + lines[at]!.length)
      // Its height is that of all lines, whatever the browser makes of a line.
      text.scrollTop = (text.scrollHeight / lines.length) * at - text.clientHeight / 2
      follow()
    })
}
