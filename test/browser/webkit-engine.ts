import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Builder, By, Capabilities, type WebDriver } from 'selenium-webdriver'
import type { Engine, Tab, Visitor } from './engine.ts'
import { descendants, end, endAtOnce, find, freePort, ownFolder } from './processes.ts'

const INSTALL = 'install them with `apt-get install webkit2gtk-driver xvfb`.'

/** WebKitGTK's own small browser, by its WebDriver, on a screen that nobody sees. */
export const webkitEngine: Engine = {
  name: 'WebKitGTK',
  bfcache: true,
  missing() {
    const absent = [!find('WebKitWebDriver') && 'WebKitWebDriver', !miniBrowser() && 'its MiniBrowser 4.1']
      .concat(!find('Xvfb') && 'Xvfb')
      .filter(Boolean)
    return absent.length > 0 ? `WebKitGTK is missing (${absent.join(', ')}): ${INSTALL}` : undefined
  },
  async launch() {
    const folder = ownFolder('webkit')
    const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    const env = {
      ...process.env,
      DISPLAY: `:${await firstLine(screen.stdio[3] as NodeJS.ReadableStream)}`,
      GDK_BACKEND: 'x11',
      NO_AT_BRIDGE: '1',
      TMPDIR: folder.path,
      HOME: folder.path,
      XDG_RUNTIME_DIR: folder.path,
    }
    const port = await freePort()
    const driver = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], { env, stdio: 'ignore' })
    const server = `http://127.0.0.1:${port}`
    await answers(`${server}/status`, driver)
    const browser = await new Builder()
      .usingServer(server)
      .withCapabilities(
        new Capabilities({
          browserName: 'MiniBrowser',
          'webkitgtk:browserOptions': { binary: miniBrowser(), args: ['--automation'] },
        }),
      )
      .build()
    const killAll = () => {
      for (const { pid } of descendants(driver.pid!)) endAtOnce(pid)
    }
    return {
      version: (await browser.getCapabilities()).get('browserVersion') as string,
      async open(url) {
        // A window: a tab that the driver opens stays behind the others.
        await browser.switchTo().newWindow('window')
        await browser.get(url)
        return tabOf(browser, await browser.getWindowHandle())
      },
      async kill() {
        killAll()
        await end(driver, 'SIGKILL')
      },
      async quit() {
        // Asked of a driver that is gone, it waits for ever.
        if (driver.signalCode === null) await browser.quit()
        killAll()
        await end(driver, 'SIGKILL')
        await end(screen)
        folder.remove()
      },
    } satisfies Visitor
  },
}

/** Debian puts it beside the library, where no PATH leads. */
function miniBrowser(): string | undefined {
  if (!existsSync('/usr/lib')) return undefined
  const folders = ['/usr/lib', ...readdirSync('/usr/lib').map((name) => join('/usr/lib', name))]
  return folders.map((folder) => join(folder, 'webkit2gtk-4.1/MiniBrowser')).find(find)
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream) {
    text += chunk
    // The number comes first, its end of line by itself: who stops listening in between ends the server.
    if (text.endsWith('\n')) return text.trim()
  }
  throw new Error('Xvfb did not start')
}

async function answers(url: string, driver: ChildProcess): Promise<void> {
  while (driver.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
  }
  throw new Error('WebKitWebDriver did not start')
}

function tabOf(browser: WebDriver, handle: string): Tab {
  /** Speaks to this window, whichever another has spoken to. */
  const here = async () => browser.switchTo().window(handle)
  let beside: string | undefined
  const later = async (what: string) => {
    await here()
    await browser.executeScript(`setTimeout(() => ${what})`)
  }
  return {
    async run(expression) {
      await here()
      return browser.executeScript(`return ${expression}`)
    },
    async click(selector) {
      await here()
      await browser.findElement(By.css(selector)).click()
    },
    reload: () => later('location.reload()'),
    back: () => later('history.back()'),
    forward: () => later('history.forward()'),
    async close() {
      await here()
      await browser.close()
      await browser.switchTo().window((await browser.getAllWindowHandles())[0]!)
    },
    async hide() {
      await here()
      await browser.manage().window().minimize()
    },
    // Without a window manager nothing else brings it back.
    async show() {
      await here()
      await browser.manage().window().maximize()
    },
    async blur() {
      await browser.switchTo().newWindow('window')
      beside = await browser.getWindowHandle()
    },
    async focus() {
      await browser.switchTo().window(beside!)
      await browser.close()
      await here()
    },
  }
}
