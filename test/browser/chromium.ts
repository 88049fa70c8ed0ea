import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import packed from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'

/** The package's own arguments fit a cloud function: they switch the site isolation off that people have. */
export const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-quic',
  // Without it `navigator.webdriver` is set, and nobody who visits a site has that.
  '--disable-blink-features=AutomationControlled',
]

/** 'HeadlessChrome', which this browser would say of itself, is refused as a robot. */
export const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
export const CHROME_ON_ANDROID =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36'

/**
 * A real Chromium out of npm. It unpacks itself into the folder for temporary files under a fixed name, so it
 * gets a folder of its own: a second run at the same time would execute a file that is half there.
 */
export async function launchChromium(): Promise<{ browser: Browser; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'leadwake-chromium-'))
  const { TMPDIR } = process.env
  process.env.TMPDIR = folder
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const executablePath = await packed.executablePath()
    // Also for what a page sends while it ends: a context's own user agent is not said then any more.
    const args = [...ARGS, `--user-agent=${CHROME}`]
    const browser = await chromium.launch({ executablePath, args, env: { ...process.env } })
    return {
      browser,
      async close() {
        await browser.close()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
}
