import { expect, test } from 'vitest'
import { guide } from '../../collector/demo/guide.ts'
import { pdf } from '../../collector/demo/pdf.ts'

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

test('the guide is a PDF whose table of offsets holds', () => {
  const file = latin1(guide())
  expect(file.startsWith('%PDF-1.4\n')).toBe(true)
  expect(file.endsWith('%%EOF\n')).toBe(true)
  const xref = Number(/startxref\n(\d+)\n/.exec(file)![1])
  expect(file.slice(xref, xref + 5)).toBe('xref\n')
  const rows = file.slice(xref).match(/\d{10} \d{5} [fn] \n/g)!
  const size = Number(/\/Size (\d+)/.exec(file)![1])
  expect(rows).toHaveLength(size)
  for (const [number, row] of rows.entries()) {
    if (number === 0) continue
    const offset = Number(row.slice(0, 10))
    expect(file.slice(offset).startsWith(`${number} 0 obj\n`)).toBe(true)
  }
})

test('the guide has two pages of text, in streams of the length they say', () => {
  const file = latin1(guide())
  expect(file.match(/\/Type \/Page /g)).toHaveLength(2)
  const streams = [...file.matchAll(/<< \/Length (\d+) >>\nstream\n(.*?)\nendstream/gs)]
  expect(streams).toHaveLength(2)
  for (const [, length, stream] of streams) expect(stream).toHaveLength(Number(length))
  expect(file).toContain('(Hearing a bearing fail) Tj')
})

test('brackets and backslashes of a text do not end it', () => {
  const file = latin1(pdf('t', [[{ text: 'a (b) \\ c\u2192', size: 10 }]]))
  expect(file).toContain('(a \\(b\\) \\\\ c?) Tj')
})
