/**
 * What the core lends to the pieces that are composed into it. The build writes the core's short names over
 * these; a piece may assign to a variable and so change what the core does. See `../build.ts`.
 */
// biome-ignore lint/suspicious/noExplicitAny: each has arguments of its own
declare let $leadwake: { consent(granted: unknown): void } & Record<string, (...args: any[]) => unknown>
declare let $dataset: DOMStringMap
declare let $on: typeof import('../safe.ts').on
declare let $safe: typeof import('../safe.ts').safe
declare let $put: typeof import('../send.ts').put
declare let $record: typeof import('../send.ts').record
declare let $clean: typeof import('../scrub.ts').clean
declare let $choice: number
declare let $identify: (handed?: string) => void
declare let $visitor: string | 0 | undefined
declare let $path: string | undefined
declare let $look: () => void
/** What a look at the `dataLayer` looks at, see `layer.ts`. */
// biome-ignore lint/suspicious/noExplicitAny: anything may lie in there
declare let $item: any
