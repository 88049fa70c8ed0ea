import { foreign } from './scrub.ts'
import { record } from './send.ts'

/** Records a click that leaves the host. */
export const outbound = (link: HTMLAnchorElement) => {
  const url = foreign(link)
  if (url) record('o', url)
}
