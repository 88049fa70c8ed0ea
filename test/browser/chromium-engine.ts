import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import packed from '@sparticuz/chromium'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { ARGS, CHROME } from './chromium.ts'
import type { Engine, Tab, Visitor } from './engine.ts'
import { end, ownFolder } from './processes.ts'

/**
 * Chromium as it comes: playwright's own way of starting it switches the bfcache off and keeps every page visible
 * and focused, which is what is to be measured. Hence a process of ours, to which playwright connects.
 */
export const chromiumEngine: Engine = {
  name: 'Chromium',
  // The headless shell refuses, with BackForwardCacheDisabledForDelegate.
  bfcache: false,
  missing: () => undefined,
  async launch() {
    const folder = ownFolder('chromium')
    const env = { ...process.env, TMPDIR: folder.path, HOME: folder.path }
    const child = spawn(
      await unpacked(folder.path),
      [
        ...ARGS,
        '--headless',
        `--user-agent=${CHROME}`,
        '--remote-debugging-port=0',
        '--hide-scrollbars',
      ].concat(`--user-data-dir=${join(folder.path, 'profile')}`, 'about:blank'),
      { env, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const browser = await chromium.connectOverCDP(await debugger_(child.stderr), { noDefaults: true })
    const context = browser.contexts()[0]!
    return {
      version: browser.version(),
      async open(url) {
        const page = await context.newPage()
        await page.goto(url)
        return tabOf(context, page)
      },
      kill: () => end(child, 'SIGKILL'),
      async quit() {
        await browser.close()
        await end(child, 'SIGKILL')
        folder.remove()
      },
    } satisfies Visitor
  },
}

/** It unpacks itself into the folder for temporary files, under a fixed name. */
async function unpacked(folder: string): Promise<string> {
  const { TMPDIR } = process.env
  process.env.TMPDIR = folder
  try {
    return await packed.executablePath()
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
}

/** The address that it prints when it is ready. */
async function debugger_(lines: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of lines) {
    text += chunk
    const address = /DevTools listening on (ws:\S+)/.exec(text)?.[1]
    if (address) {
      lines.resume()
      return address
    }
  }
  throw new Error(`Chromium did not start: ${text}`)
}

async function tabOf(context: BrowserContext, page: Page): Promise<Tab> {
  const session = await context.newCDPSession(page)
  // There is no other tab in front in a headless shell: each has a window of its own, which can be minimized.
  async function window_(windowState: 'minimized' | 'normal') {
    const { windowId } = await session.send('Browser.getWindowForTarget')
    await session.send('Browser.setWindowBounds', { windowId, bounds: { windowState } })
  }
  return {
    run: (expression) => page.evaluate(expression),
    click: (selector) => page.click(selector, { noWaitAfter: true }),
    reload: async () => void (await page.reload({ waitUntil: 'commit' })),
    back: async () => page.evaluate('void setTimeout(() => history.back())'),
    forward: async () => page.evaluate('void setTimeout(() => history.forward())'),
    close: () => page.close({ runBeforeUnload: true }),
    hide: () => window_('minimized'),
    show: () => window_('normal'),
    offline: (off) => context.setOffline(off),
    async kill() {
      const crashed = page.waitForEvent('crash')
      // Never answered: who should is gone.
      session.send('Page.crash').catch(() => {})
      await crashed
      await page.close()
      await sleep(0)
    },
  }
}
