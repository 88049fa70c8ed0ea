import * as v from 'valibot'
import { MAIL_PROVIDERS } from '../../project/sites.ts'
import { said, text, texts, whole } from './fields.ts'

export const SiteAnswer = v.object({
  id: text,
  name: text,
  consent: v.picklist(['required', 'given']),
  hosts: said(texts, 'Whose pages may send; empty allows all.'),
  with: said(texts, 'What its script takes on.'),
  rulesVersion: whole,
  retention: said(v.nullable(whole), 'Days; null keeps for good.'),
  timeZone: said(text, 'IANA name of the zone whose days its numbers are of.'),
  mail: said(v.array(v.picklist(MAIL_PROVIDERS)), 'Mail providers whose events it takes.'),
})

export const RebuiltAnswer = v.object({
  visitors: said(whole, 'Whose visits and page views were counted again.'),
})

export const TagAnswer = v.object({
  tag: text,
  versioned: v.object({ tag: text, src: text, integrity: text }),
})

export const Problem = v.object({
  type: text,
  title: text,
  status: whole,
  detail: said(text, 'Names the field and the mend; never repeats what was posted.'),
  errors: v.exactOptional(
    said(
      v.array(v.object({ pointer: said(text, 'JSON pointer (RFC 6901) to what is wrong.'), detail: text })),
      'One for each wrong field or parameter.',
    ),
  ),
})
