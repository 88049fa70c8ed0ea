import { safe } from './safe.ts'

// Touching `localStorage` itself throws where storage is blocked or the frame is sandboxed.
// https://html.spec.whatwg.org/multipage/webstorage.html#dom-localstorage-dev

export const read = safe((key: string) => localStorage[key] as string | undefined)

/** No value removes the key. */
export const write = safe((key: string, value?: string) => {
  if (value) localStorage[key] = value
  else delete localStorage[key]
})
