import { extname } from 'node:path'

/** Where a thread's module lies: beside this one, in the source as in the bundle. */
export const threadModule = (name: string): URL =>
  new URL(`./${name}${extname(import.meta.url)}`, import.meta.url)
