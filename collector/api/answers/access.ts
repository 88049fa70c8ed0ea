import * as v from 'valibot'
import { RIGHTS, ROLES } from '../../../shared/access.ts'
import { said, text, time } from './fields.ts'

const timeOrNull = v.nullable(time)

export const KeyAnswer = v.object({
  id: text,
  name: text,
  rights: v.array(v.picklist(RIGHTS)),
  site: said(v.nullable(text), 'Null: every site.'),
  createdAt: time,
  expiresAt: said(timeOrNull, 'From when on it opens nothing; null: never.'),
  revokedAt: timeOrNull,
  usedAt: said(timeOrNull, 'To about an hour; null where it never was.'),
})

export const NewKeyAnswer = v.object({
  id: text,
  key: said(text, 'The key itself, shown this once.'),
  name: text,
  rights: v.array(v.picklist(RIGHTS)),
  site: v.nullable(text),
  expiresAt: timeOrNull,
})

export const RotatedKeyAnswer = v.object({
  ...NewKeyAnswer.entries,
  replaces: text,
  until: said(time, 'So long the replaced one goes on to open.'),
})

export const StaffAnswer = v.object({
  id: text,
  name: text,
  role: v.picklist(ROLES),
  site: said(v.nullable(text), 'The one site that the person sees; null: every site.'),
  createdAt: time,
})
