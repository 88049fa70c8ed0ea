/** A line of text on a page. */
export interface PdfLine {
  text: string
  size: number
  bold?: boolean
  /** Points of space above. */
  above?: number
}

/** A4 in points. */
const WIDTH = 595
const HEIGHT = 842
const MARGIN = 64
/** Line pitch as a share of the size. */
const LEADING = 1.4

/** Strings of PDF in WinAnsi; what it cannot show becomes a question mark. Brackets and backslashes are escaped. */
const literal = (text: string): string =>
  `(${text.replace(/[^\x20-\x7e\xa0-\xff]/g, '?').replace(/[\\()]/g, '\\$&')})`

function content(lines: PdfLine[]): string {
  let y = HEIGHT - MARGIN
  const shown = lines.map(({ text, size, bold = false, above = 0 }) => {
    y -= above + size * LEADING
    return `/${bold ? 'B' : 'R'} ${size} Tf 1 0 0 1 ${MARGIN} ${y.toFixed(1)} Tm ${literal(text)} Tj`
  })
  return `BT\n${shown.join('\n')}\nET`
}

/**
 * A PDF 1.4 of text pages in Helvetica (ISO 32000-1, 7.5: objects, a table of their offsets, a trailer). Latin-1
 * throughout, so that an offset in characters is an offset in bytes.
 */
export function pdf(title: string, pages: PdfLine[][]): Uint8Array<ArrayBuffer> {
  const font = (name: string) =>
    `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`
  /* Objects 1 to 5 are fixed; each page adds itself and its content. */
  const pageNumber = (index: number) => 6 + 2 * index
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${pages.map((_, index) => `${pageNumber(index)} 0 R`).join(' ')}] /Count ${pages.length} >>`,
    font('Helvetica'),
    font('Helvetica-Bold'),
    `<< /Title ${literal(title)} >>`,
    ...pages.flatMap((lines, index) => {
      const stream = content(lines)
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${WIDTH} ${HEIGHT}] /Resources << /Font << /R 3 0 R /B 4 0 R >> >> /Contents ${pageNumber(index) + 1} 0 R >>`,
        `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
      ]
    }),
  ]

  let file = '%PDF-1.4\n%\xe2\xe3\xcf\xd3\n'
  const offsets = objects.map((object, index) => {
    const offset = file.length
    file += `${index + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const xref = file.length
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const size = objects.length + 1
  file += `xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${size} /Root 1 0 R /Info 5 0 R >>\nstartxref\n${xref}\n%%EOF\n`
  return Uint8Array.from(file, (character) => character.charCodeAt(0))
}
