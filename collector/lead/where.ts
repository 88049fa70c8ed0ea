import type { Check } from './check.ts'
import { compileGlob, globProblem } from './glob.ts'
import type { Fold } from './sessionise.ts'
import type { ContactFacts, TrackedEvent } from './state.ts'
import { compileTarget, type Target, targetProblem } from './target.ts'
import { domainsOf, hasWorkEmail, valuesOf } from './traits.ts'

/** What a value is to be: a text (with `*` at the start or the end), a number, a range, any of a list; or (true, false) that there is one. */
export type ValueDocument = TargetDocument | TargetDocument[] | boolean
type TargetDocument = string | number | { min?: number; max?: number }

/** Conditions on one occurrence: a tree of `all`, `any` and `not` over conditions of one key each. */
export type WhereDocument =
  | { all: WhereDocument[] }
  | { any: WhereDocument[] }
  | { not: WhereDocument }
  /** Globs of the page: of a page view its own, of anything else the one that the visitor was on. */
  | { path: string | string[] }
  /** Of a page view its own query, of anything else that of the page that began the visit. Each key must hold. */
  | { query: Record<string, ValueDocument> }
  /** Properties of a signal or custom event; of others their own fields, such as `product`, `price` and `url`. */
  | { property: Record<string, ValueDocument> }
  /** What is known of the person today. */
  | { trait: Record<string, ValueDocument> }
  | { workEmail: boolean }
  /** The domain of the e-mail or one above it. */
  | { emailDomain: string | string[] }

/** One occurrence as conditions see it. */
export interface Happened {
  event: TrackedEvent
  fold: Fold
  /** Null of a stranger, of whom no trait holds. */
  facts: ContactFacts | null
}

export type Where = (happened: Happened) => boolean

/** Conditions nested deeper are a mistake, and would run off the stack. */
const MAX_DEPTH = 8
const MAX_PARTS = 50
const MAX_VALUES = 1000
const CONDITIONS = ['all', 'any', 'not', 'path', 'query', 'property', 'trait', 'workEmail', 'emailDomain']

/** Reads the conditions of a rule; errors go to `check`. Whatever is not there satisfies nothing but `not` and `false`. */
export function readWhere(check: Check, path: string, value: unknown, depth = 0): Where {
  const node = check.object(path, value, CONDITIONS)
  const keys = Object.keys(node).filter((key) => CONDITIONS.includes(key))
  const key = keys[0]
  if (keys.length !== 1 || key === undefined || depth > MAX_DEPTH) {
    const problem =
      depth > MAX_DEPTH ? `at most ${MAX_DEPTH} levels` : `exactly one condition, got ${keys.length}`
    check.fail(path, `expected ${problem}`)
    return never
  }
  const at = `${path}.${key}`
  const said = node[key]
  switch (key) {
    case 'all':
    case 'any': {
      const list = check.list(at, said, MAX_PARTS)
      if (Array.isArray(said) && said.length === 0)
        check.fail(at, 'expected at least one condition, got none')
      const parts = list.map((part, i) => readWhere(check, `${at}[${i}]`, part, depth + 1))
      return key === 'all'
        ? (happened) => parts.every((part) => part(happened))
        : (happened) => parts.some((part) => part(happened))
    }
    case 'not': {
      const part = readWhere(check, at, said, depth + 1)
      return (happened) => !part(happened)
    }
    case 'path':
      return readPath(check, at, said)
    case 'query':
      return readValues(check, at, said, ({ event, fold }) =>
        event.kind === 'page' ? event.query : fold.visit?.query,
      )
    case 'property':
      return readValues(check, at, said, ({ event }) => propertiesOf(event))
    case 'trait':
      return readValues(check, at, said, ({ facts }) => facts?.traits)
    case 'workEmail': {
      if (said === undefined) check.fail(at, 'expected true or false, got nothing')
      const asked = check.flag(at, said)
      return ({ facts }) => facts !== null && hasWorkEmail(facts) === asked
    }
    default: {
      const targets = readTargets(check, at, said)
      return ({ facts }) =>
        facts !== null && domainsOf(facts).some((domain) => targets.some((target) => target(domain)))
    }
  }
}

/** Whether conditions ask for traits, so that a change of these changes what has happened. */
export function asksTraits(document: WhereDocument): boolean {
  if ('all' in document) return document.all.some(asksTraits)
  if ('any' in document) return document.any.some(asksTraits)
  if ('not' in document) return asksTraits(document.not)
  return 'trait' in document || 'workEmail' in document || 'emailDomain' in document
}

const never: Where = () => false

function readPath(check: Check, at: string, said: unknown): Where {
  const globs = Array.isArray(said) ? check.texts(at, said, MAX_PARTS) : [check.text(at, said)]
  const usable = globs.filter((glob, i) => {
    const problem = glob === '' ? null : globProblem(glob)
    if (problem) check.fail(Array.isArray(said) ? `${at}[${i}]` : at, problem)
    return glob !== '' && !problem
  })
  const matchers = usable.map(compileGlob)
  return (happened) => {
    const path = pathOf(happened)
    return path !== null && matchers.some((matches) => matches(path))
  }
}

function pathOf({ event, fold }: Happened): string | null {
  switch (event.kind) {
    case 'page':
      return event.path
    case 'engage':
      return fold.page?.path ?? null
    case 'signal':
      return null
    default:
      return fold.visit?.exitPath ?? null
  }
}

function propertiesOf(event: TrackedEvent): Record<string, unknown> | undefined {
  return event.kind === 'signal' || event.kind === 'custom' ? event.props : { ...event }
}

/** A condition on each of several named values; all must hold. */
function readValues(
  check: Check,
  path: string,
  said: unknown,
  from: (happened: Happened) => Record<string, unknown> | null | undefined,
): Where {
  const entries = Object.entries(check.object(path, said, 'any'))
  if (entries.length === 0) check.fail(path, 'expected at least one name, got none')
  check.list(path, entries, MAX_PARTS)
  const tests = entries.slice(0, MAX_PARTS).map(([name, value]) => {
    const at = `${path}.${name.slice(0, 64)}`
    if (typeof value === 'boolean') return { name, test: (values: unknown[]) => values.length > 0 === value }
    const targets = readTargets(check, at, value)
    return {
      name,
      test: (values: (string | number)[]) => values.some((one) => targets.some((target) => target(one))),
    }
  })
  return (happened) => {
    const record = from(happened) ?? {}
    return tests.every(({ name, test }) => test(valuesOf(record, name)))
  }
}

function readTargets(check: Check, path: string, value: unknown): Target[] {
  const list = Array.isArray(value) ? check.list(path, value, MAX_VALUES) : [value]
  return list.flatMap((target, i) => {
    const problem = targetProblem(target)
    if (problem) check.fail(Array.isArray(value) ? `${path}[${i}]` : path, problem)
    return problem ? [] : [compileTarget(target)]
  })
}
