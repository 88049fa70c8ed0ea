import type { Writable } from 'node:stream'

/** Width of the bar, in characters: the line fits into 80. */
const WIDTH = 30

/** A bar on a terminal; nothing at all where the stream is none, so that a log or a pipe holds no control characters. */
export function progress(
  stream: Writable & { isTTY?: boolean },
  what: string,
): { show(done: number, total: number): void; end(): void } {
  let shown = ''
  return {
    show(done, total) {
      const line = barOf(done, total, what)
      if (!stream.isTTY || line === shown) return
      shown = line
      stream.write(`\r\x1b[K${line}`)
    },
    end() {
      if (shown !== '') stream.write('\r\x1b[K')
      shown = ''
    },
  }
}

/** `[#########.....]  64 %  57,500 of 90,000 leads replayed`. */
export function barOf(done: number, total: number, what: string): string {
  const share = total > 0 ? Math.min(1, done / total) : 1
  const filled = Math.floor(share * WIDTH)
  const bar = '#'.repeat(filled) + '.'.repeat(WIDTH - filled)
  const number = (n: number) => n.toLocaleString('en')
  return `[${bar}] ${String(Math.floor(share * 100)).padStart(3)} %  ${number(done)} of ${number(total)} ${what}`
}
