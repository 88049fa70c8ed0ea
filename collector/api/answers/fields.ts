/** What answers are made of. They are described by schemas of types in `shared/api.ts`; a test holds both together. */
import * as v from 'valibot'
import { STAGES } from '../../../shared/lead.ts'

export const said = <S extends v.GenericSchema>(schema: S, words: string) =>
  v.pipe(schema, v.description(words))

export const text = v.string()
export const texts = v.array(v.string())
export const time = v.pipe(v.string(), v.metadata({ format: 'date-time' }))
/** YYYY-MM-DD. */
export const day = v.pipe(v.string(), v.metadata({ format: 'date' }))
export const whole = v.pipe(v.number(), v.metadata({ type: 'integer' }))
export const number = v.number()
export const yes = v.boolean()
export const stage = v.picklist(STAGES)
export const anything = v.record(v.string(), v.unknown())
export const perStage = <S extends v.GenericSchema>(schema: S) =>
  v.object({
    visitor: schema,
    lead: schema,
    mql: schema,
    sql: schema,
    opportunity: schema,
    customer: schema,
    disqualified: schema,
  })

/** A page of a list; `next` is the cursor of the following one. */
export const pageOf = <S extends v.GenericSchema>(item: S) =>
  v.object({
    items: v.array(item),
    next: said(v.nullable(v.string()), 'Cursor of the next page; null on the last one.'),
  })
