import * as v from 'valibot'
import { number, said, stage, text, time, whole } from './fields.ts'
import { Transition } from './leads.ts'

export const TransitionItem = v.object({ lead: said(text, 'Lead id.'), ...Transition.entries })

export const SegmentItem = v.object({
  name: text,
  stages: said(v.array(stage), 'At which the rules name it.'),
  leads: said(whole, 'How many stand at one of them now.'),
})

export const KnownContact = v.object({ id: text, stage, engagement: number })

export const DeadLetterItem = v.object({
  seq: said(whole, 'Its number.'),
  at: time,
  kind: said(text, 'Of what it is: `beacon`, `identify`, ...'),
  site: v.nullable(text),
  reason: text,
})

export const ReplayedAnswer = v.object({
  replayed: v.array(whole),
  failed: said(v.array(v.object({ seq: whole, reason: text })), 'They stay, with the reason of this time.'),
  unknown: v.array(whole),
})

export const CountsAnswer = v.object({
  counts: said(
    v.record(v.string(), whole),
    'Events by what became of them: `received` is the sum of `stored`, `duplicate`, `dead`, `dropped:REASON` and `rejected:REASON`.',
  ),
  watermark: said(whole, 'Number of the last log entry that is projected.'),
})
