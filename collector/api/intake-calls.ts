/** What the beacon's routes are, for the document; `collector/collect.ts` is their way in. */
import * as v from 'valibot'
import type { Call } from './endpoint.ts'

const Beacon = v.object({
  s: v.pipe(v.string(), v.description('Site id.')),
  v: v.optional(v.pipe(v.string(), v.description('Visitor id, where the visitor agreed to have one.'))),
  t: v.pipe(v.number(), v.description("When it is sent, ms, by the browser's clock.")),
  e: v.pipe(
    v.array(v.array(v.unknown())),
    v.description(
      'Events, each a list that begins with its kind: `p` page, `e` engaged time, `d` download...',
    ),
  ),
})

const DROPPED = '`x-leadwake-dropped` names why what was well-formed is not wanted (202): bot, opt-out, ...'

export const BEACON_CALL: Call = {
  id: 'sendBeacon',
  tag: 'Intake',
  summary: "Takes the script's beacons: answered once durable",
  description: `The wire form is the script's own and may change with it; servers use \`/v1/events\`. ${DROPPED}`,
  right: null,
  media: 'text/plain',
  body: Beacon,
  answers: { 202: null, 204: null },
  refuses: { 429: 'That client sends too much.', 503: 'It cannot be stored now; the script sends it again.' },
  example: {
    body: {
      s: 'main',
      t: 1_793_696_400_000,
      e: [['p', '1793696400000000000001', 1_793_696_400_000, '/', 'Home']],
    },
  },
}

const ImageQuery = v.looseObject({
  s: v.optional(v.pipe(v.string(), v.description('Site id.'))),
  u: v.optional(v.pipe(v.string(), v.description('Path of the page that shows the image.'))),
})

export const IMAGE_CALL: Call = {
  id: 'sendImage',
  tag: 'Intake',
  summary: 'The same as an image, for pages without scripts and for mails',
  description: `\`openImage\` of \`leadwake/server\` makes the address of a mail's image. ${DROPPED}`,
  right: null,
  query: ImageQuery,
  answers: { 200: 'image/gif', 202: 'image/gif' },
  example: { query: { s: 'main', u: '/' } },
}
