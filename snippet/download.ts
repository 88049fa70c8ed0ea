import { clean } from './scrub.ts'
import { record } from './send.ts'

/** A file name that is not a page's. Which of all the others count as downloads is the server's to say. */
const FILE = /\.(?!(\w?html?|php|[aj]spx?|do)$)\w+$/i

/** Records a click on anything that is not a page, with 1 if the link itself says so; true if it did. */
export const download = (link: HTMLAnchorElement): boolean => {
  const marked = link.hasAttribute('download')
  const is = marked || FILE.test(link.pathname)
  if (is) record('d', clean(link), +marked)
  return is
}
