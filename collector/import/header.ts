import type { Line } from './lines.ts'

/** The file as a whole cannot be read, for a reason that the message says. */
export class UnreadableFile extends Error {}

/** Looks at the first line that is not empty before the lines are read on from the beginning. */
export function withHeader(lines: AsyncIterable<Line[]>): {
  header: Promise<string | undefined>
  lines: AsyncIterable<Line[]>
} {
  const iterator = lines[Symbol.asyncIterator]()
  const seen: Line[][] = []
  async function look(): Promise<string | undefined> {
    for (;;) {
      const next = await iterator.next()
      if (next.done) return undefined
      seen.push(next.value)
      const first = next.value.find(({ text }) => text?.trim() !== '')
      if (first) return first.text ?? undefined
    }
  }
  async function* all(): AsyncGenerator<Line[]> {
    yield* seen
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
  }
  return { header: look(), lines: all() }
}
