import * as v from 'valibot'
import { INTERVALS } from '../../read/intervals.ts'
import { day, number, perStage, said, stage, text, time, whole } from './fields.ts'

const kind = v.picklist(['direct', 'search', 'ai', 'social', 'mail', 'paid', 'campaign', 'referral'])

export const TopValue = v.object({ name: text, visits: whole, bounces: whole })

const frame = {
  site: text,
  from: said(time, 'First moment counted: days are whole ones of `timeZone`.'),
  to: said(time, 'Last moment counted.'),
  timeZone: said(text, "IANA name of the site's time zone."),
}

const sums = {
  visitors: whole,
  visitorsError: said(
    number,
    'Standard error of `visitors` as a share: 0 where the number is exact, 0.016 where it is estimated.',
  ),
  visits: whole,
  pageViews: whole,
  engagedMs: said(whole, 'Milliseconds.'),
  bounces: said(whole, 'Visits of one page view and nothing else.'),
}

const sample = said(
  number,
  'Share of the visitors that was looked at, of which the numbers are an estimate; 1 where they are exact.',
)

export const NumbersAnswer = v.object({ from: time, to: time, ...sums, sample })

const compare = v.exactOptional(
  said(NumbersAnswer, 'The span that it is compared with, where one was asked for.'),
)

export const SeriesItem = v.object({
  at: said(time, 'When the piece begins.'),
  visitors: whole,
  visits: whole,
  pageViews: whole,
  engagedMs: whole,
  bounces: whole,
  downloads: said(v.nullable(whole), 'Null under filters, as they are kept of all visits together.'),
  cartAdds: said(v.nullable(whole), 'The same.'),
})

export const SeriesAnswer = v.object({
  ...frame,
  interval: v.picklist(INTERVALS),
  sample,
  items: said(v.array(SeriesItem), 'All pieces of the span, the oldest first.'),
  compare: v.exactOptional(v.object({ from: time, to: time, items: v.array(SeriesItem) })),
})

export const TopItem = v.object({
  value: said(text, 'As filters take it; empty is what is not known.'),
  visits: whole,
  bounces: whole,
  pageViews: whole,
  engagedMs: whole,
  downloads: whole,
  cartAdds: whole,
})

export const StatsAnswer = v.object({
  ...frame,
  ...sums,
  downloads: whole,
  cartAdds: whole,
  cartValue: said(
    v.array(v.object({ currency: text, value: number })),
    'Price times quantity by currency; the name is empty where the shop told none.',
  ),
  stages: said(
    perStage(whole),
    'How many stand at each stage now; `visitor` are the anonymous ones of the range.',
  ),
  days: said(
    v.array(v.object({ day, visitors: whole, visits: whole, pageViews: whole })),
    'Days on which something happened, the oldest first.',
  ),
  topPages: v.array(v.object({ path: text, views: whole, engagedMs: whole })),
  entryPages: v.array(TopValue),
  exitPages: v.array(v.object({ name: text, visits: whole })),
  sources: said(
    v.array(v.object({ ...TopValue.entries, kind })),
    'Lists of at most 20, most visits first. An empty name is what is not known.',
  ),
  campaigns: v.array(TopValue),
  devices: v.array(TopValue),
  browsers: v.array(TopValue),
  systems: v.array(TopValue),
  languages: v.array(TopValue),
  screens: v.array(TopValue),
  countries: v.array(TopValue),
  topDownloads: v.array(v.object({ url: text, downloads: whole })),
  topProducts: v.array(v.object({ product: text, cartAdds: whole })),
  compare,
})

export const SliceAnswer = v.object({
  ...frame,
  ...sums,
  page: v.exactOptional(said(text, 'Of a page alone, `visits` and `bounces` are those that began on it.')),
  source: v.exactOptional(text),
  campaign: v.exactOptional(text),
  device: v.exactOptional(text),
  browser: v.exactOptional(text),
  system: v.exactOptional(text),
  country: v.exactOptional(text),
  entry: v.exactOptional(text),
  download: v.exactOptional(text),
  product: v.exactOptional(text),
  stage: v.exactOptional(v.array(stage)),
  sample,
  compare,
})

export const RefusalsAnswer = v.object({
  site: text,
  from: time,
  to: time,
  reasons: said(v.record(v.string(), whole), 'Events by reason: bot, webdriver, staff, ...'),
  days: v.array(v.object({ day, reason: text, events: whole })),
  elsewhere: v.exactOptional(
    said(
      v.record(v.string(), whole),
      'What names no known site or could not be read, by reason; for keys of every site alone.',
    ),
  ),
})
