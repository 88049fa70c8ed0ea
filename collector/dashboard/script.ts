import { createHash } from 'node:crypto'
import { chartValues } from './client/chart-values.ts'
import { copyButtons } from './client/copy.ts'
import { installCheck } from './client/install-check.ts'
import { lineNumbers } from './client/line-numbers.ts'
import { listKeys } from './client/list-keys.ts'
import { liveStrip } from './client/live-strip.ts'
import { menus } from './client/menus.ts'

/**
 * The one script of the pages: functions that need nothing but the page they are in, sent as their source. So there
 * is nothing to build, and TypeScript checks them with the rest. Each page works without it.
 */
const PARTS: (() => void)[] = [
  listKeys,
  lineNumbers,
  copyButtons,
  installCheck,
  chartValues,
  liveStrip,
  menus,
]

export const script = `'use strict'\n${PARTS.map((part) => `;(${part})()`).join('\n')}\n`

const hash = createHash('sha256').update(script).digest('base64url').slice(0, 12)
export const SCRIPT_TAG = `"${hash}"`
/** Another script has another address. */
export const SCRIPT_PATH = `/assets/pages.js?v=${hash}`
