import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { keyFor } from '../support/keys.ts'
import { expectLinked, type Fields, filled, leadOf, visitorReads } from './visit.ts'

/** An example's form handler as the tests see it: fields and cookies in, an answer out. */
export type Send = (fields: Fields, cookie?: string) => Promise<{ status: number; location: string | null }>

interface Options {
  /** Loads the example once LEADWAKE_ORIGIN and LEADWAKE_KEY are set, and serves it. */
  serve: () => Promise<{ send: Send; stop?: () => Promise<void> }>
  /** Whether it reads the cookie where the form has no field. */
  cookie?: boolean
}

/** What every example does, against a real collector. */
export function exampleContract(name: string, { serve, cookie = true }: Options): void {
  describe(name, () => {
    let lw: TestCollector
    let send: Send
    let stop: (() => Promise<void>) | undefined

    beforeAll(async () => {
      lw = await testCollector()
      const { key } = await keyFor(lw, ['link', 'events'], 'main')
      vi.stubEnv('LEADWAKE_ORIGIN', lw.origin)
      vi.stubEnv('LEADWAKE_KEY', key)
      const served = await serve()
      send = served.send
      stop = served.stop
    })
    afterAll(async () => {
      vi.unstubAllEnvs()
      await stop?.()
      await lw.remove()
    })

    it('links the visitor of the hidden field, and knows its stage', async () => {
      await visitorReads(lw, 'by-the-field')
      const answer = await send(filled('field@acme.org', 'by-the-field'))
      expect(answer).toMatchObject({ status: 303, location: expect.stringMatching(/\/thanks$/) })
      await expectLinked(lw, 'field@acme.org')
    })

    if (cookie) {
      it('links the visitor of the cookie where the field is empty', async () => {
        await visitorReads(lw, 'by-the-cookie')
        const cookies = 'theme=dark; leadwake_visitor=by-the-cookie; lang=en'
        expect((await send(filled('cookie@acme.org', ''), cookies)).status).toBe(303)
        await expectLinked(lw, 'cookie@acme.org')
      })
    }

    it('makes a lead without a visitor, where the script was blocked', async () => {
      expect((await send(filled('blocked@acme.org', ''))).status).toBe(303)
      const { lead, paths } = await leadOf(lw, 'blocked@acme.org')
      expect(lead).toMatchObject({ stage: 'sql', visits: 0 })
      expect(paths).toEqual([])
    })

    it('counts a form once that was sent twice', async () => {
      const fields = filled('twice@acme.org', '')
      await send(fields)
      const once = (await leadOf(lw, 'twice@acme.org')).lead
      await send(fields)
      expect((await leadOf(lw, 'twice@acme.org')).lead).toEqual(once)
    })

    it('asks again for an e-mail that is none, and makes no lead', async () => {
      expect((await send(filled('nobody', ''))).status).toBe(422)
      expect((await leadOf(lw, 'nobody')).lead).toBeUndefined()
    })

    it('thanks the person even where the collector is away', async () => {
      const error = vi.spyOn(console, 'error').mockImplementation(() => {})
      await lw.stop()
      expect((await send(filled('later@acme.org', ''))).status).toBe(303)
      expect(error).toHaveBeenCalledOnce()
      error.mockRestore()
    })
  })
}
