/**
 * One page in a fresh happy-dom window that runs the built script, with a clock, a focus and a network that
 * the test holds in its hands. Files that use it call `vi.useFakeTimers()` first.
 */
import { Window } from 'happy-dom'
import { vi } from 'vitest'
import { composer } from '../../collector/script.ts'
import type { WireBody, WireEvent } from '../../shared/protocol.ts'
import { buildSnippet } from '../../snippet/build.ts'

const compose = composer(await buildSnippet())

export const NOW = Date.UTC(2026, 10, 2, 9)

/** What the collector answers: a status, or `offline` for no answer at all. */
export type Answer = number | 'offline' | { status: number; retryAfter: string }

export interface Options {
  url?: string
  html?: string
  referrer?: string
  title?: string
  /** What the collector writes into the script: the site `site1`, and the strict setting unless said here. */
  served?: { site?: string | undefined; consent?: 'given' | 'required' }
  /** What the tag asks for beside the core. */
  composed?: string[]
  src?: string
  attributes?: Record<string, string>
  /** The page begins in a background tab or as a prerendered one. */
  hidden?: boolean
  /** What an earlier page left in localStorage. */
  stored?: Record<string, string>
  cookie?: string
  answer?: Answer
  /** Changes the window before the script runs. */
  before?: (window: Host) => void
}

// The script's view of the window: typed loosely, since tests break it on purpose.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Host = any

/** The Navigation API, which happy-dom lacks. */
export const withNavigation = (window: Host) => {
  window.navigation = new window.EventTarget()
}

export function visit(options: Options = {}) {
  const window: Host = new Window({
    url: options.url ?? 'https://shop.example/',
    settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true },
  })
  const { document, navigator } = window
  const bodies: WireBody[] = []
  const beacons: string[] = []
  const requests: { url: string; init: RequestInit }[] = []
  const errors: unknown[] = []
  const state = { hidden: !!options.hidden, focused: !options.hidden, answer: options.answer ?? 204 }

  const define = (target: object, name: string, get: () => unknown) =>
    Object.defineProperty(target, name, { get, configurable: true })
  for (const name of ['Date', 'setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] as const) {
    window[name] = globalThis[name]
  }
  define(document, 'hidden', () => state.hidden)
  define(document, 'referrer', () => options.referrer ?? '')
  document.hasFocus = () => state.focused && !state.hidden
  define(navigator, 'webdriver', () => false)
  // Browsers convert the third argument to a boolean (https://webidl.spec.whatwg.org/#js-union); happy-dom does not.
  const { addEventListener } = window
  window.addEventListener = (name: string, handler: unknown, capture: unknown) =>
    addEventListener.call(window, name, handler, !!capture)
  // An age of 0 lies in the past (https://www.rfc-editor.org/rfc/rfc6265#section-5.2.2); for happy-dom it is now.
  Object.defineProperty(document, 'cookie', {
    get: () => Reflect.get(Object.getPrototypeOf(document), 'cookie', document),
    set: (text) =>
      Reflect.set(
        Object.getPrototypeOf(document),
        'cookie',
        text.replace(/max-age=0$/, 'max-age=-1'),
        document,
      ),
    configurable: true,
  })
  window.addEventListener('error', (event: Host) => errors.push(event.error))
  window.fetch = async (url: URL, init: RequestInit) => {
    requests.push({ url: String(url), init })
    const { answer } = state
    if (answer === 'offline') throw new TypeError('Failed to fetch')
    bodies.push(JSON.parse(String(init.body)))
    const { status, retryAfter } = typeof answer === 'number' ? { status: answer, retryAfter: null } : answer
    return { status, headers: { get: (name: string) => (name === 'retry-after' ? retryAfter : null) } }
  }
  navigator.sendBeacon = (_url: URL, body: string) => beacons.push(body) > 0

  document.title = options.title ?? 'Home'
  document.body.innerHTML = options.html ?? ''
  for (const [key, value] of Object.entries(options.stored ?? {})) window.localStorage.setItem(key, value)
  if (options.cookie) document.cookie = options.cookie

  const script = document.createElement('script')
  define(script, 'src', () => options.src ?? 'https://go.example/l.js?s=site1')
  for (const [name, value] of Object.entries(options.attributes ?? {})) script.setAttribute(name, value)
  define(document, 'currentScript', () => script)
  options.before?.(window)

  const { site, consent } = { site: 'site1', ...options.served }
  const code = compose({ site, given: consent === 'given', composed: options.composed ?? [] })
  const run = () => window.eval(code)
  run()

  const fire = (target: Host, name: string, init: object = {}) =>
    target.dispatchEvent(Object.assign(new window.Event(name, { bubbles: true, composed: true }), init))
  const events = (kind?: string): WireEvent[] =>
    bodies.flatMap((body) => body.e).filter((event) => !kind || event[0] === kind)

  return {
    window,
    document,
    /** The script once more, as a page that has the tag twice. */
    run,
    requests,
    bodies,
    beacons,
    errors,
    events,
    /** Events of a kind without kind, id and time (and page), which differ each time. */
    told: (kind: string) => events(kind).map((event) => event.slice(kind === 'p' || kind === 'e' ? 3 : 4)),
    answer: (answer: Answer) => {
      state.answer = answer
    },
    /** A router's navigation. */
    route: (path: string) => {
      window.history.pushState({}, '', path)
      window.navigation?.dispatchEvent(new window.Event('currententrychange'))
    },
    /** Lets the clock run, and what waits for promises. */
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
    fire,
    click: (selector: string, init: object = {}) =>
      fire(document.querySelector(selector), 'click', { button: 0, ...init }),
    sign: (name = 'pointermove') => fire(document.body, name),
    hide: () => {
      state.hidden = true
      fire(document, 'visibilitychange')
    },
    show: () => {
      state.hidden = false
      state.focused = true
      fire(document, 'visibilitychange')
    },
    blur: () => {
      state.focused = false
      fire(window, 'blur')
    },
    focus: () => {
      state.focused = true
      fire(window, 'focus')
    },
    leave: () => {
      fire(window, 'pagehide')
      state.hidden = true
      fire(document, 'visibilitychange')
    },
    stored: (): Record<string, string> => ({ ...window.localStorage }),
  }
}
