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
    /** `FLAG.given` where ids may be kept without asking, else 0. */
    given: number
  }
  /** Runs the script for a tag; `compose` is called where pieces are composed in, or never where it runs already. */
  export function core(tag: Tag, compose: (lent: Lent) => void): void
}

declare module 'leadwake:pieces' {
  import type { Lent } from 'leadwake:core'
  /** Looks at one item of Google's `dataLayer`. */
  export type Look = (lent: Lent, item: unknown) => void
  export const ga4: Look
  export const google: Look
  export const layer: (lent: Lent, looks: Look[]) => void
  export const tcf: (lent: Lent) => void
  export const identify: (lent: Lent) => void
  export const attributes: (lent: Lent) => void
  export const domains: (lent: Lent) => void
  export const hash: (lent: Lent) => void
  export const shop: (lent: Lent) => void
}
