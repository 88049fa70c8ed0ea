/**
 * What the build makes of the script's own sources for `leadwake/browser`, see `build.ts`: the core as a function,
 * and each piece of `../with/` as one that takes what the core lends.
 */
declare module 'leadwake:core' {
  /** What the core lends to pieces, by name; `../with/core.d.ts` has the types. */
  export type Lent = Record<string, unknown>
  export interface Tag {
    /** As `data-*` of a script tag. */
    dataset: Record<string, string>
    /** The collector's origin. */
    src: string
    /** Ids may be kept without asking. */
    given: boolean
  }
  /** Runs the script for a tag; `compose` is called where pieces are composed in, or never where it runs already. */
  export function core(tag: Tag, compose: (lent: Lent) => void): void
}

declare module 'leadwake:pieces' {
  import type { Lent } from 'leadwake:core'
  export const layer: (lent: Lent) => void
  export const once: (lent: Lent) => void
  export const consent: (lent: Lent) => void
  export const identify: (lent: Lent) => void
  export const attributes: (lent: Lent) => void
  export const domains: (lent: Lent) => void
  export const hash: (lent: Lent) => void
  export const ga4: (lent: Lent) => void
  export const shop: (lent: Lent) => void
}
