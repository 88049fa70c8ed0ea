import type { Context } from 'hono'

/**
 * A request's body as text, or 'too-large' past `max` bytes. A declared length is enough to know, since the
 * server's parser holds the sender to it; a body without one is counted as it comes.
 */
export async function readBody(c: Context, max: number): Promise<string | 'too-large'> {
  const declared = c.req.header('content-length')
  if (declared !== undefined) return Number(declared) > max ? 'too-large' : c.req.text()
  const stream = c.req.raw.body
  if (!stream) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.byteLength
    if (size > max) return 'too-large'
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
