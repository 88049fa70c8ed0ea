import type { CompanyAnswer, DossierAnswer, LeadAnswer } from '../../shared/api.ts'
import type { StateReader } from '../store/reader.ts'
import type { Contact } from '../store/store.ts'
import { timelineOf } from './timeline.ts'

/** Steps of the path: more is a book. */
const STEPS = 500
const TOP_PAGES = 20

/** A lead as sales wants it on one sheet: the way to today, what was read and downloaded, and the buying team. */
export function dossierOf(
  state: StateReader,
  contact: Contact,
  lead: LeadAnswer,
  company: CompanyAnswer | undefined,
): DossierAnswer {
  const newest = timelineOf(state, contact, STEPS).items
  const pages = new Map<string, DossierAnswer['pages'][number]>()
  for (const { kind, path, title, engagedMs = 0 } of newest) {
    if (kind !== 'page' || path === undefined) continue
    const known = pages.get(path) ?? { path, title: title.replace(/^Read /, ''), views: 0, engagedMs: 0 }
    pages.set(path, { ...known, views: known.views + 1, engagedMs: known.engagedMs + engagedMs })
  }
  return {
    lead,
    path: newest.toReversed(),
    pages: [...pages.values()]
      .sort((a, b) => b.engagedMs - a.engagedMs || b.views - a.views || (a.path < b.path ? -1 : 1))
      .slice(0, TOP_PAGES),
    content: newest
      .filter(({ kind }) => kind === 'download')
      .map(({ title, path = '', at }) => ({ title: title.replace(/^Downloaded /, ''), path, at })),
    company: company ?? null,
  }
}
