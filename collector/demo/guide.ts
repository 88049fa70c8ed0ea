import type { PdfLine } from './pdf.ts'
import { pdf } from './pdf.ts'

const TITLE = 'Hearing a bearing fail: a guide in two pages'

const head = (text: string): PdfLine => ({ text, size: 22, bold: true })
const part = (text: string): PdfLine => ({ text, size: 13, bold: true, above: 18 })
const body = (...lines: string[]): PdfLine[] =>
  lines.map((text, index) => ({ text, size: 10, above: index ? 1 : 4 }))

/** The guide that the shop offers for download. */
export const guide = (): Uint8Array<ArrayBuffer> =>
  pdf(TITLE, [
    [
      head('Hearing a bearing fail'),
      ...body('A guide in two pages by Nordlicht Sensors (a made-up company of the Leadwake demo)'),
      part('1. What fails, and how long it takes'),
      ...body(
        'A rolling bearing seldom breaks overnight. From the first crack below the raceway to a seized',
        'shaft there are usually weeks. In that time the machine tells you four things, in this order:',
        'ultrasound, then vibration at the bearing frequencies, then noise, then heat. Who waits for',
        'heat has days; who listens for vibration has weeks.',
      ),
      part('2. Where to put a sensor'),
      ...body(
        'On the bearing housing, in the load zone, with metal between the sensor and the race. A',
        'cover plate is a drum: it tells you about itself. One sensor a bearing is best, one a',
        'shaft end is good, one a machine is better than a walk once a month.',
      ),
      part('3. How often to look'),
      ...body(
        'A reading of one second every hour finds nine in ten slow faults. Continuous listening is',
        'for machines that stop a line, and for gears under changing load.',
      ),
    ],
    [
      head('From a number to a work order'),
      part('4. Three thresholds that work'),
      ...body(
        'Absolute: the velocity limits of ISO 20816 for your class of machine.',
        "Relative: twice the median of the machine's own last thirty days.",
        'Trend: a slope that reaches the absolute limit before the next planned stop.',
      ),
      part('5. Keep alarms worth reading'),
      ...body(
        'An alarm needs a machine, a cause and a next step. If more than one in five alarms leads',
        'to no work order, raise the threshold. If a bearing failed without one, look at where the',
        'sensor sits before you lower it.',
      ),
      part('6. A first month'),
      ...body(
        'Week 1: choose four machines, two of which have failed before.',
        'Week 2: mount, and note speed and bearing type. Without them no frequency has a name.',
        'Week 3: learn what normal looks like. Do not set alarms yet.',
        'Week 4: set the three thresholds, and write down who gets the call.',
      ),
    ],
  ])
