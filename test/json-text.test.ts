import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../collector/json-text.ts'

describe('what a JSON text says', () => {
  it.each([
    [String.raw`"a\u0000b"`, 'ab'],
    [String.raw`"\ud800"`, '\ufffd'],
    [String.raw`"\uDC00x"`, '\ufffdx'],
    [String.raw`"\ud83d\ude00"`, '😀'],
    [String.raw`"\uD83D\uD83D\uDE00\uDE00"`, '\ufffd😀\ufffd'],
    [String.raw`"\\u0000 \\ud800"`, String.raw`\u0000 \ud800`],
    [String.raw`"\\\u0000"`, '\\'],
    [String.raw`{"k\u0000": ["\udfff"]}`, { k: ['\ufffd'] }],
    [String.raw`"\u00e9\n\"\ud7ff\ue000"`, 'é\n"\ud7ff\ue000'],
  ])('%s can be stored', (text, said) => {
    expect(parseJson(text)).toEqual(said)
  })

  it('is as JSON.parse has it, but for NUL and halves of pairs', () => {
    const text = fc.string({ unit: 'binary' }).map((one) => one + (one.length % 3 === 0 ? '\0\ud800' : ''))
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const escaped = JSON.stringify(texts).replace(
          /[\u0080-\uffff]/g,
          (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
        )
        expect(parseJson(escaped)).toEqual(texts.map((one) => one.toWellFormed().replaceAll('\0', '')))
      }),
    )
  })

  it('is none where there is no JSON', () => {
    for (const text of ['', '{', String.raw`"\u00"`, String.raw`"\ud800`])
      expect(() => parseJson(text)).toThrow(SyntaxError)
  })
})
