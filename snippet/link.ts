import { clean } from './scrub.ts'
import { record } from './send.ts'

/** A file name that is not a page's. Which of all the others count as downloads is the server's to say. */
const FILE = /\.(?!.?htm|php|[aj]sp|do$)\w+$/i

/**
 * Records a click on anything that is not a page of this host, with 1 if the link says itself that it is a
 * download. The server tells downloads from links that only lead elsewhere.
 */
export const followed = (link: HTMLAnchorElement) => {
  if (link.matches('[download]') || link.host !== location.host || FILE.test(link.pathname))
    record('d', clean(link.href), link.matches('[download]'))
}
