/** Puts a button beside each `pre[data-copy]` that copies its text; without a script it is selected by hand. */
export function copyButtons(): void {
  for (const text of document.querySelectorAll<HTMLElement>('pre[data-copy]')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'button second copy'
    button.textContent = text.dataset.copy ?? ''
    button.addEventListener('click', async () => {
      // Only secure pages may write to the clipboard; on others the text is selected, to be copied by keys.
      try {
        await navigator.clipboard.writeText(text.textContent ?? '')
        button.textContent = text.dataset.copied ?? ''
      } catch {
        getSelection()?.selectAllChildren(text)
      }
    })
    text.after(button)
  }
}
