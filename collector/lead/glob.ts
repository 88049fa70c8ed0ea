/** Characters of one glob; longer ones are a mistake. */
export const MAX_GLOB_LENGTH = 200

/** `/en/pricing`, `/de-at/services`, `/zh-hant/about`: a language of two letters, perhaps with a region or script. */
const LOCALE = /^\/[a-z]{2}(?:-[a-z]{2,4})?(?=\/)/

type SegmentTest = (segment: string) => boolean

/**
 * Why a page-path glob cannot be used, in words, or null. A glob starts with `/`; `*` stands for any characters of
 * one segment, once in each; `**` stands for whatever follows and may only end it. Nothing in that grammar can
 * backtrack, so a path is matched in time linear in its length.
 */
export function globProblem(glob: string): string | null {
  if (!glob.startsWith('/')) return `expected a path that starts with "/", got "${glob.slice(0, 40)}"`
  if (glob.length > MAX_GLOB_LENGTH)
    return `expected at most ${MAX_GLOB_LENGTH} characters, got ${glob.length}`
  const head = glob.endsWith('**') ? glob.slice(0, -2) : glob
  if (head.includes('**')) return `"**" may only stand at the end, as in "/services/**", got "${glob}"`
  if (head.split('/').some((part) => part.split('*').length > 2))
    return `at most one "*" in a segment, got "${glob}"`
  return null
}

/**
 * A matcher of page paths, also behind one locale segment; letter case and a slash at the end do not matter.
 * `/pricing**` matches all that begins so (`/pricing-2`, `/pricing/x`), `/services/**` also `/services` itself.
 * The glob must have no `globProblem`.
 */
export function compileGlob(glob: string): (path: string) => boolean {
  const matches = glob.endsWith('**')
    ? prefixTest(glob.slice(0, -2).toLowerCase())
    : wholeTest(glob.toLowerCase())
  return (path) => {
    const plain = trimSlash(path.toLowerCase())
    if (matches(plain)) return true
    const locale = LOCALE.exec(`${plain}/`)?.[0]
    return locale !== undefined && matches(plain.slice(locale.length) || '/')
  }
}

function prefixTest(head: string): (path: string) => boolean {
  if (!head.includes('*')) {
    return head.endsWith('/') ? (path) => `${path}/`.startsWith(head) : (path) => path.startsWith(head)
  }
  const tests = head.split('/').map(segmentTest)
  const last = head.slice(head.lastIndexOf('/') + 1)
  // `/a/*/b**`: the last segment is only a beginning; behind a slash it is empty and takes all.
  tests[tests.length - 1] = last === '' ? () => true : segmentTest(last.includes('*') ? last : `${last}*`)
  return (path) => {
    const parts = path.split('/')
    if (last === '') parts.push('')
    return parts.length >= tests.length && tests.every((test, i) => test(parts[i]!))
  }
}

function wholeTest(glob: string): (path: string) => boolean {
  const whole = trimSlash(glob)
  if (!whole.includes('*')) return (path) => path === whole
  const tests = whole.split('/').map(segmentTest)
  return (path) => {
    const parts = path.split('/')
    return parts.length === tests.length && tests.every((test, i) => test(parts[i]!))
  }
}

function segmentTest(pattern: string): SegmentTest {
  const star = pattern.indexOf('*')
  if (star < 0) return (segment) => segment === pattern
  const before = pattern.slice(0, star)
  const after = pattern.slice(star + 1)
  const least = before.length + after.length
  return (segment) => segment.length >= least && segment.startsWith(before) && segment.endsWith(after)
}

const trimSlash = (path: string): string => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path)
