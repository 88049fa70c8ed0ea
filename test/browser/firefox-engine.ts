import puppeteer, { type Page } from 'puppeteer-core'
import type { Engine, Tab, Visitor } from './engine.ts'
import { descendants, endAtOnce, find, ownFolder } from './processes.ts'

/** Firefox ESR, by WebDriver BiDi. */
export const firefoxEngine: Engine = {
  name: 'Firefox',
  bfcache: true,
  missing: () =>
    find('firefox-esr')
      ? undefined
      : 'Firefox ESR is missing: install it with `apt-get install firefox-esr`.',
  async launch() {
    const folder = ownFolder('firefox')
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: find('firefox-esr')!,
      userDataDir: folder.path,
      env: { ...process.env, TMPDIR: folder.path, HOME: folder.path },
    })
    const child = browser.process()!
    const gone = new Promise((resolve) => child.once('exit', resolve))
    return {
      version: await browser.version(),
      async open(url) {
        // The first tab has the focus in its address bar; a new one has it in the page.
        const page = await browser.newPage()
        await page.goto(url)
        return tabOf(page, child.pid!)
      },
      async kill() {
        for (const { pid } of descendants(child.pid!)) endAtOnce(pid)
        child.kill('SIGKILL')
        await gone
      },
      async quit() {
        if (child.exitCode === null && child.signalCode === null) await browser.close()
        await gone
        folder.remove()
      },
    } satisfies Visitor
  },
}

function tabOf(page: Page, browser: number): Tab {
  const browserOf = () => page.browser()
  let over: Page | undefined
  async function uncovered() {
    await page.bringToFront()
    await over?.close()
    over = undefined
  }
  // Not `page.goBack()`: it waits for a load, which does not come from the bfcache.
  const later = (what: string) => page.evaluate(`void setTimeout(() => ${what})`) as Promise<void>
  return {
    run: async (expression) => (await page.evaluate(expression)) as never,
    click: (selector) => page.click(selector),
    reload: () => later('location.reload()'),
    back: () => later('history.back()'),
    forward: () => later('history.forward()'),
    close: () => page.close(),
    async hide() {
      over = await browserOf().newPage()
    },
    show: uncovered,
    async blur() {
      over = await browserOf().newPage({ type: 'window' })
    },
    focus: uncovered,
    offline: (off) => page.setOfflineMode(off),
    async kill() {
      // All that show pages: which of them shows this one is not told.
      const closed = new Promise((resolve) => page.once('close', resolve))
      for (const { pid, command } of descendants(browser)) if (/ tab$/.test(command)) endAtOnce(pid)
      await Promise.race([closed, page.evaluate('1').catch(() => {})])
    },
  }
}
