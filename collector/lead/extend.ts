import { own } from './own.ts'

type Entry = Record<string, unknown>
export type Extended = { ok: true; document: unknown } | { ok: false; errors: string[] }

/** Parts of the document that are named entries: what an extending document says of one replaces its keys. */
const NAMED = ['groups', 'pages'] as const
/** Parts that are lists of entries with an `id`. An extending document may also write them by id. */
const LISTED = ['fields', 'disqualify'] as const

/**
 * The whole document that one stands for: with `extends` it says only what differs from a known one. Entries merge by
 * id, those of new ids come last, null takes one away; gates and lists of texts are replaced. `known` are the
 * documents that may be extended, by name. What is wrong with the merged document is for `compile` to say.
 */
export function extend(document: unknown, known: Readonly<Record<string, unknown>>): Extended {
  const errors: string[] = []
  const whole = resolve(document, known, [], errors)
  return errors.length > 0 ? { ok: false, errors } : { ok: true, document: whole }
}

function resolve(
  document: unknown,
  known: Readonly<Record<string, unknown>>,
  trail: string[],
  errors: string[],
): unknown {
  if (!isEntry(document)) return document
  const { extends: name, $schema: _, ...said } = document
  if (name === undefined) return { ...said, ...listed(said, errors) }
  const base = typeof name === 'string' ? own(known, name) : undefined
  if (typeof name !== 'string' || base === undefined) {
    errors.push(`extends: expected one of ${Object.keys(known).join(', ')}, got ${JSON.stringify(name)}`)
    return document
  }
  if (trail.includes(name)) {
    errors.push(`extends: a cycle: ${[...trail, name].join(' extends ')}`)
    return document
  }
  const whole = resolve(base, known, [...trail, name], errors)
  return isEntry(whole) ? merge(whole, said, errors) : whole
}

function merge(base: Entry, said: Entry, errors: string[]): Entry {
  const merged: Entry = { ...base, name: `${base.name}, changed`, ...said }
  if (said.description === undefined) delete merged.description
  for (const part of NAMED) {
    if (said[part] !== undefined) merged[part] = mergeNamed(part, base[part], said[part], errors)
  }
  for (const part of ['trend', 'stages', 'sales'] as const) merged[part] = mergeKeys(base[part], said[part])
  for (const stage of Object.keys(isEntry(said.stages) ? said.stages : {})) {
    const before = isEntry(base.stages) ? own(base.stages, stage) : undefined
    const now = (said.stages as Entry)[stage]
    const entry = mergeKeys(before, now)
    if (isEntry(entry) && isEntry(now))
      entry.leave = mergeKeys((before as Entry | undefined)?.leave, now.leave)
    if (isEntry(entry) && entry.leave === undefined) delete entry.leave
    ;(merged.stages as Entry)[stage] = entry
  }
  if (said.rules !== undefined) merged.rules = mergeListed('rules', base.rules, said.rules, errors)
  if (isEntry(base.fit) && isEntry(said.fit)) {
    const fit: Entry = { ...base.fit, ...said.fit }
    for (const part of LISTED) {
      if (said.fit[part] !== undefined)
        fit[part] = mergeListed(`fit.${part}`, base.fit[part], said.fit[part], errors)
    }
    merged.fit = fit
  }
  return merged
}

/** A document that extends nothing may write its lists by id too. */
function listed(document: Entry, errors: string[]): Entry {
  const found: Entry = {}
  if (isEntry(document.rules)) found.rules = mergeListed('rules', [], document.rules, errors)
  if (isEntry(document.fit)) {
    const fit: Entry = { ...document.fit }
    for (const part of LISTED) {
      if (isEntry(fit[part])) fit[part] = mergeListed(`fit.${part}`, [], fit[part], errors)
    }
    found.fit = fit
  }
  return found
}

/** Keys that are said win; whatever is no object replaces the whole. */
const mergeKeys = (base: unknown, said: unknown): unknown => {
  if (said === undefined) return isEntry(base) ? { ...base } : base
  return isEntry(base) && isEntry(said) ? { ...base, ...said } : said
}

/** Groups merge key by key (there null means: never decays); the globs of a page kind are replaced. */
function mergeNamed(part: string, base: unknown, said: unknown, errors: string[]): unknown {
  if (!isEntry(base) || !isEntry(said)) return said
  const entries = new Map(Object.entries(base))
  for (const [id, entry] of Object.entries(said)) {
    if (entry === null) remove(`${part}.${id}`, id, entries, errors)
    else entries.set(id, mergeKeys(entries.get(id), entry))
  }
  return Object.fromEntries(entries)
}

function mergeListed(path: string, base: unknown, said: unknown, errors: string[]): unknown {
  const changes = entriesById(path, said, errors)
  if (!Array.isArray(base) || !changes) return said
  const entries = new Map<unknown, unknown>(base.map((entry, i) => [isEntry(entry) ? entry.id : i, entry]))
  for (const [id, entry] of changes) {
    if (entry === null) remove(`${path}.${id}`, id, entries, errors)
    else entries.set(id, isEntry(entry) ? withoutNulls(mergeKeys(entries.get(id), entry) as Entry) : entry)
  }
  return [...entries.values()]
}

/** The entries of a list, or of an object by id; null where it is neither. Ids given twice stay apart, for `compile` to refuse. */
function entriesById(path: string, said: unknown, errors: string[]): [unknown, unknown][] | null {
  if (Array.isArray(said)) {
    const seen = new Set<unknown>()
    return said.map((entry, i) => {
      const id = isEntry(entry) ? entry.id : undefined
      if (id === undefined) return [i, entry]
      if (seen.has(id))
        errors.push(`${path}.${String(id).slice(0, 64)}.id: another entry has this id; give each its own`)
      seen.add(id)
      return [id, entry]
    })
  }
  if (!isEntry(said)) return null
  return Object.entries(said).map(([id, entry]) => {
    if (isEntry(entry) && entry.id !== undefined && entry.id !== id)
      errors.push(`${path}.${id}.id: expected "${id}", as its key says, got ${JSON.stringify(entry.id)}`)
    return [id, isEntry(entry) ? { id, ...entry } : entry]
  })
}

function remove(path: string, id: unknown, entries: Map<unknown, unknown>, errors: string[]): void {
  if (!entries.delete(id)) errors.push(`${path}: null takes away what is extended, and there is no "${id}"`)
}

/** A key set to null goes back to its default. */
const withoutNulls = (entry: Entry): Entry =>
  Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null))

const isEntry = (value: unknown): value is Entry =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
