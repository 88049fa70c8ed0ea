import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { buildSnippet } from '../../snippet/build.ts'

/** Bytes of `/l.js` after brotli 11. Lower it with the file; a byte more fails. */
const CORE_BUDGET = 2_099

describe('size', () => {
  it('of the core is within its budget', async () => {
    const script = await buildSnippet()
    const gzip = gzipSync(script, { level: 9 }).length
    const brotli = brotliCompressSync(script, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length
    console.info(`/l.js: ${Buffer.byteLength(script)} raw, ${gzip} gzip, ${brotli} brotli`)
    expect(brotli).toBeLessThanOrEqual(CORE_BUDGET)
  })

  it('leaves one place for the settings, which are an object when served', async () => {
    const script = await buildSnippet()
    expect(script.split('"__LEADWAKE_SETTINGS__"')).toHaveLength(2)
    expect(() => new Function(script.replace('"__LEADWAKE_SETTINGS__"', '{"consent":"given"}'))).not.toThrow()
  })
})
