import { fill, submitted } from './form.ts'
import { FILE } from './link.ts'
import { marked } from './markup.ts'
import { on } from './safe.ts'
import { clean } from './scrub.ts'
import { record } from './send.ts'

/** Clicks and submissions: what they mean is said by each element from the one that was hit to the outermost. */
export const watchActs = () => {
  // A middle click is an `auxclick`; so is a right click, which opens nothing.
  // https://developer.mozilla.org/en-US/docs/Web/API/Element/auxclick_event
  on(
    'submit click auxclick',
    (
      event,
      // The path reaches into open shadow roots, where `target` stops at the host. Only elements can match.
      path = (event.composedPath() as (HTMLAnchorElement & HTMLFormElement)[]).filter((node) => node.matches),
    ) => {
      // Before the page's own handlers read the form.
      fill()
      if ((event as MouseEvent).button > 1 || path.some((node) => node.matches('[data-leadwake-off]'))) return
      path.map((element) => {
        // Only forms have a method. They speak when they are submitted, not at a click inside; and submissions
        // have no button.
        if (!element.method !== (event as MouseEvent).button >= 0) return
        marked(element, {})
        if (element.method) submitted(element)
        // Only links have a host; mailto:, blob: and the like have an empty one.
        // A click on anything that is not a page of this host, with true if the link says itself that it is a
        // download. The server tells downloads from links that only lead elsewhere.
        else if (
          element.host &&
          (element.matches('[download]') || element.host !== location.host || FILE.test(element.pathname))
        )
          record('d', clean(element.href), element.matches('[download]'))
      })
    },
  )
}
