/** Bytes of a file to its lines, with their numbers. Memory holds a chunk and one line, however long the file is. */
import { isUtf8 } from 'node:buffer'

export interface Line {
  /** From 1, as an editor counts. */
  no: number
  /** Without its end; null where it cannot be read, for the reason in `problem`. */
  text: string | null
  problem?: 'encoding' | 'too-long'
}

/** Longer lines are no person: an export that lost its line ends, or another kind of file. */
export const MAX_LINE_BYTES = 1_048_576

const LF = 0x0a
const CR = 0x0d

/**
 * The lines of a file, a block of them for each chunk that is read. A byte order mark says the encoding (UTF-8 or
 * UTF-16) and goes; without one it is `encoding`, any label of the WHATWG encoding standard. Throws a `RangeError`
 * on a label that is none.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  encoding = 'utf-8',
): AsyncGenerator<Line[]> {
  let no = 0
  let rest: Buffer = Buffer.alloc(0)
  let isTooLong = false
  let end: number | undefined

  function line(bytes: Buffer): Line {
    no++
    if (isTooLong || bytes.length > MAX_LINE_BYTES) {
      isTooLong = false
      return { no, text: null, problem: 'too-long' }
    }
    const last = end !== CR && bytes[bytes.length - 1] === CR
    const body = last ? bytes.subarray(0, -1) : bytes
    return isUtf8(body) ? { no, text: body.toString('utf8') } : { no, text: null, problem: 'encoding' }
  }

  for await (const chunk of asUtf8(chunks, encoding)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    // Old Excel for Mac ends lines with CR alone.
    end ??= endOf(bytes)
    const block: Line[] = []
    let from = 0
    for (let at = end === undefined ? -1 : bytes.indexOf(end); at >= 0; at = bytes.indexOf(end!, from)) {
      block.push(line(bytes.subarray(from, at)))
      from = at + 1
    }
    rest = bytes.subarray(from)
    if (rest.length > MAX_LINE_BYTES) {
      isTooLong = true
      rest = Buffer.alloc(0)
    }
    if (block.length > 0) yield block
  }
  if (rest.length > 0 || isTooLong) yield [line(rest)]
}

/** What ends the lines; undefined while that is not seen yet, as behind a CR that an LF may follow. */
function endOf(bytes: Buffer): number | undefined {
  if (bytes.includes(LF)) return LF
  const at = bytes.indexOf(CR)
  return at >= 0 && at < bytes.length - 1 ? CR : undefined
}

/** Chunks as UTF-8 without a mark; what is not UTF-8 already is decoded and encoded again. */
async function* asUtf8(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  encoding: string,
): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined | 'none'
  for await (const chunk of chunks) {
    let bytes: Buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (decoder === undefined) {
      const marked = markOf(bytes)
      if (marked) bytes = bytes.subarray(marked.length)
      const name = new TextDecoder(marked?.encoding ?? unmarked(bytes) ?? encoding).encoding
      decoder = name === 'utf-8' ? 'none' : new TextDecoder(name)
    }
    yield decoder === 'none' ? bytes : Buffer.from(decoder.decode(bytes, { stream: true }))
  }
}

/** https://encoding.spec.whatwg.org/#bom-sniff */
function markOf(bytes: Buffer): { encoding: string; length: number } | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { encoding: 'utf-8', length: 3 }
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16le', length: 2 }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16be', length: 2 }
  return undefined
}

/** UTF-16 without a mark: each other byte of a header in Latin letters is zero. */
function unmarked(bytes: Buffer): string | undefined {
  if (bytes.length < 4) return undefined
  if (bytes[1] === 0 && bytes[3] === 0) return 'utf-16le'
  if (bytes[0] === 0 && bytes[2] === 0) return 'utf-16be'
  return undefined
}
