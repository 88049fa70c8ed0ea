/** The floor: a server that reads the body and answers 204. */
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    Buffer.concat(chunks).toString('utf8')
    response.writeHead(204).end()
  })
})
server.listen(Number(process.argv[2]), '127.0.0.1')
