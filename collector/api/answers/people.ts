import * as v from 'valibot'
import { anything, number, said, stage, text, time, whole, yes } from './fields.ts'

export const IdentifyAnswer = v.object({
  id: said(text, "Contact id; a lead's id is its contact's."),
  stage,
  engagement: number,
  fit: number,
  created: yes,
})

export const WouldIdentifyAnswer = v.object({
  dryRun: v.literal(true),
  would: v.picklist(['create', 'update', 'merge']),
  contacts: v.array(v.object({ id: text, stage, engagement: number })),
})

export const EventAnswer = v.object({
  stored: said(yes, 'False where an event of that id was there already.'),
})

export const EventsAnswer = v.object({
  items: v.array(v.object({ status: whole, stored: v.exactOptional(yes), detail: v.exactOptional(text) })),
})

export const BatchAnswer = v.object({
  items: said(
    v.array(
      v.object({
        status: said(whole, "HTTP's: 200 and 201 taken, 202 not wanted, 409 and 422 refused."),
        stored: v.exactOptional(said(yes, 'False where a message of that id was there already.')),
        dropped: v.exactOptional(said(text, 'Why it is not wanted.')),
        visitor: v.exactOptional(said(v.literal('no-consent'), 'Its visitor was not linked.')),
        detail: v.exactOptional(text),
        ...v.partial(IdentifyAnswer).entries,
      }),
    ),
    'What became of each message, in its place.',
  ),
})

export const MailAnswer = v.object({
  stored: said(whole, 'Events that became signals.'),
  known: said(whole, 'Events that had come before.'),
  nobody: said(whole, 'Events of addresses that no contact has.'),
  left: said(v.record(v.string(), whole), 'Events that are of no use here, by name.'),
})

export const ContactsAnswer = v.object({
  created: whole,
  updated: whole,
  refused: said(
    v.array(v.object({ index: whole, detail: text })),
    'Those that were not taken, by their place in the list, from 0.',
  ),
})

export const AuditItem = v.object({
  at: time,
  by: said(text, "A key's id, or the account on the command line."),
  what: v.picklist(['export', 'erase', 'object', 'correct', 'opt-in']),
  site: text,
  subject: said(text, "Keyed hash of the lead's id: the same for one person, and telling nothing else."),
  detail: anything,
})

export const OutcomeAnswer = v.object({
  status: said(whole, "HTTP's."),
  body: anything,
  once: v.exactOptional(text),
})

/** Of a call whose outcome is not known within two seconds. */
export const PendingAnswer = v.object({ status: said(text, 'Where to ask for the outcome.') })
