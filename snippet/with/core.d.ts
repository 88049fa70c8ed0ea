/**
 * What the core lends to the pieces that are composed into it. The build writes the core's short names over
 * these; a piece may assign to a variable and so change what the core does. See `../build.ts`.
 */
declare let $leadwake: Record<string, unknown>
declare let $dataset: DOMStringMap
declare let $on: typeof import('../safe.ts').on
declare let $safe: typeof import('../safe.ts').safe
declare let $put: typeof import('../send.ts').put
declare let $record: typeof import('../send.ts').record
declare let $cart: (add: object, way?: number) => void
declare let $clean: typeof import('../scrub.ts').clean
declare let $choice: number
declare let $decide: (flag: number) => void
declare let $identify: () => void
declare let $visitor: string | undefined
declare let $path: string | undefined
declare let $settle: () => void
/** Made by one piece for others. */
// biome-ignore lint/suspicious/noExplicitAny: anything may lie in there
declare let $layer: (look: (item: any) => void) => void
