/** HMAC-SHA256, hex. By Web Crypto, since `node:crypto` is missing at the edge; so it answers with a promise. */
export async function hmac(secret: string, said: string): Promise<string> {
  const text = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', text.encode(secret), algorithm, false, ['sign'])
  const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, text.encode(said)))
  return Array.from(signature, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
