import type { Context } from 'hono'

/**
 * A request's body, or 'too-large' past `max` bytes. A declared length is enough to know, since the server's parser
 * holds the sender to it; a body without one is counted as it comes.
 */
export async function readBytes(c: Context, max: number): Promise<Buffer | 'too-large'> {
  const declared = c.req.header('content-length')
  if (declared !== undefined)
    return Number(declared) > max ? 'too-large' : Buffer.from(await c.req.arrayBuffer())
  const stream = c.req.raw.body
  if (!stream) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.byteLength
    if (size > max) return 'too-large'
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The same as text. */
export async function readBody(c: Context, max: number): Promise<string | 'too-large'> {
  const bytes = await readBytes(c, max)
  return bytes === 'too-large' ? bytes : bytes.toString('utf8')
}
