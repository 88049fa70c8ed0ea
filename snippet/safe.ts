/** Wraps a function so that the page never sees an error of ours. */
export const safe =
  <A extends unknown[]>(run: (...args: A) => unknown) =>
  (...args: A): void => {
    try {
      run(...args)
    } catch {}
  }

/**
 * Listens to several events (names parted by spaces) at the window, in the capture phase: there a page's
 * `stopPropagation` hides nothing, and events that do not bubble (scroll, focus) pass too.
 */
export const on = (names: string, handler: (event: Event) => void, target: EventTarget = window) =>
  names.split(' ').map((name) => target.addEventListener(name, safe(handler), true))
