import type {
  CompanyAnswer,
  CompanyListItem,
  DossierAnswer,
  LeadAnswer,
  LeadListItem,
  Page,
  RefusalsAnswer,
  TimelineItem,
  TopItem,
} from '../../shared/api.ts'
import type { Stage } from '../../shared/lead.ts'
import type { Curve, ShownLead } from '../read/curves.ts'
import type { NumbersAsked } from '../read/numbers.ts'
import type { OverviewAnswer } from '../read/overview.ts'
import type { LeadsQuery } from '../read.ts'
import type { Reports } from './reports.tsx'

/** What the pages read. All of it comes from the reader thread; nothing here changes state. */
export interface Queries {
  /** Every site, the one to open first at the front; empty before the first is made. */
  sites(): Promise<{ id: string; name: string; timeZone: string }[]>
  /** What the overview shows. */
  overview(site: string, asked: NumbersAsked): Promise<OverviewAnswer>
  /** How many visitors did something since then, ms; unless it is said, how many are there now. */
  present(site: string, since?: number): Promise<number>
  /** How many stand at each stage now. */
  stageCounts(site: string): Promise<Record<Stage, number>>
  /** Identified people only, the highest engagement first. An unreadable cursor starts over. */
  leads(query: LeadsQuery): Promise<Page<LeadListItem>>
  /** The same as the list shows them. */
  shownLeads(query: LeadsQuery): Promise<Page<ShownLead>>
  /** Undefined for an unknown or erased id. */
  lead(id: string): Promise<LeadAnswer | undefined>
  /** Undefined for an unknown or erased id. */
  curve(id: string): Promise<Curve | undefined>
  /** Newest first, all or of a UTC day (2025-11-18) alone. An unknown id gives an empty page. */
  timeline(id: string, limit: number, cursor?: string, day?: string): Promise<Page<TimelineItem>>
  /** Undefined for an unknown or erased id. */
  dossier(id: string): Promise<DossierAnswer | undefined>
  /** The strongest stage first, then the most engaged. An unreadable cursor starts over. */
  companies(site: string, limit: number, cursor?: string): Promise<Page<CompanyListItem>>
  /** The most viewed paths of the last 30 days. */
  paths(site: string, limit: number): Promise<TopItem[]>
  /** What the door refused in [from, to], ms since the epoch. */
  refusals(site: string, from: number, to: number): Promise<RefusalsAnswer>
  /** Undefined where nobody who is known is of that company. */
  company(site: string, key: string): Promise<CompanyAnswer | undefined>
  /** Of the leads that became known in [from, to], ms. */
  reports(site: string, from: number, to: number): Promise<Reports>
}
