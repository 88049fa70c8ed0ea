import { readFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { composer } from '../../collector/script.ts'
import { buildSnippet } from '../../snippet/build.ts'

const ADAPTERS = ['ga4', 'woo', 'shopify', 'consent', 'domains']

/** Bytes after brotli 11, as served for a site called `main`. Lower them with the file; a byte more fails. */
const BUDGETS: [title: string, composed: string[], bytes: number][] = [
  ['the core', [], 1_569],
  ['the core with every adapter', ADAPTERS, 1_998],
]

describe('size', () => {
  it.each(BUDGETS)('of %s is within its budget', async (title, composed, bytes) => {
    const script = composer(await buildSnippet())({ site: 'main', given: true, composed })
    const gzip = gzipSync(script, { level: 9 }).length
    const brotli = brotliCompressSync(script, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length
    console.info(`${title}: ${Buffer.byteLength(script)} raw, ${gzip} gzip, ${brotli} brotli`)
    expect(() => new Function(script)).not.toThrow()
    expect(brotli).toBeLessThanOrEqual(bytes)
  })

  it.each(BUDGETS)('of %s is what the README says', (_title, _composed, bytes) => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    expect(readme).toContain(`${bytes.toLocaleString('en')} bytes`)
  })
})
