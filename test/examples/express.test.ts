import { createServer } from 'node:http'
import { exampleContract } from './contract.ts'
import { listening } from './http.ts'

exampleContract('docs/examples/express.ts', {
  async serve() {
    const { app } = await import('../../docs/examples/express.ts')
    return listening(createServer(app), '/request-demo')
  },
})
