import { exampleContract } from './contract.ts'
import { answerOf, formPost } from './http.ts'

exampleContract('docs/examples/next-route.ts', {
  async serve() {
    const { POST } = await import('../../docs/examples/next-route.ts')
    const url = 'https://www.example.com/request-demo/send'
    return {
      send: async (fields, cookie) => answerOf(await POST(new Request(url, formPost(fields, cookie)))),
    }
  },
})
