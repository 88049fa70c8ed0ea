import { exampleContract } from './contract.ts'
import { answerOf, formPost } from './http.ts'

exampleContract('docs/examples/hono.ts', {
  async serve() {
    const { app } = await import('../../docs/examples/hono.ts')
    return {
      send: async (fields, cookie) => answerOf(await app.request('/request-demo', formPost(fields, cookie))),
    }
  },
})
