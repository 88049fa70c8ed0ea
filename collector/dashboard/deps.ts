import type { Context } from 'hono'
import type * as v from 'valibot'
import type { DecisionBody, NoteBody } from '../api/schema.ts'
import type { Person } from '../staff.ts'
import type { Api } from './api.ts'
import type { Queries } from './queries.ts'
import type { System } from './system.tsx'

export interface SalesRefusal {
  status: 404 | 409 | 422
  detail: string
}

export interface DashboardDeps {
  queries: Queries
  api: Api
  auth: {
    /** Spends a one-time link token. */
    redeem(token: string): Promise<Person | undefined>
    /** By name and password; without a name by the one password or an admin key. */
    login(name: string, secret: string, now: number): Promise<Person | undefined>
    /** Whether the operator has chosen one. */
    hasPassword(): boolean
    /** Of somebody's account, or the operator's. */
    setPassword(person: Person, password: string): Promise<void>
    /** Signed cookie value, and whose it is. */
    issue(person: Person, now: number): string
    person(cookie: string | undefined, now: number): Person | undefined
  }
  /** What sales says of a lead. Answers why it was refused, undefined once it is done. */
  sales: {
    decide(
      id: string,
      body: v.InferOutput<typeof DecisionBody>,
      by: Person,
    ): Promise<SalesRefusal | undefined>
    note(id: string, body: v.InferOutput<typeof NoteBody>, by: Person): Promise<SalesRefusal | undefined>
  }
  /** Milliseconds since the epoch. */
  now: () => number
  version: string
  /** How the collector is, where somebody knows. */
  system?: () => Promise<System>
  /** Id of the demo site, where it is served. */
  demo?: string | undefined
  /** Under which origin a browser sees the collector; what the request says when it is not known. */
  origin?: (c: Context) => string
  /** Hands out the hash of a site's script as its settings are now. */
  versioned?: (site: string) => { hash: string; integrity: string } | undefined
}
