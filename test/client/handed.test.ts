import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type Handed, pageFrom, visitorFrom } from '../../collector/client/handed.ts'

const ID = 'k3x9-Visitor_of_22_chr'
const COOKIE = `theme=dark; leadwake_visitor=${ID}; x=y`
const form = (entries: [string, string][]) => {
  const data = new FormData()
  for (const [name, value] of entries) data.append(name, value)
  return data
}
const fileForm = new FormData()
fileForm.append('leadwake_visitor', new File([ID], 'x'))
const url = 'https://www.acme.org/'

describe('visitorFrom', () => {
  const found: [where: string, ...Handed[]][] = [
    ['the cookie of a Fetch request', new Request(url, { headers: { cookie: COOKIE } })],
    ['the cookie of Headers', new Headers({ cookie: COOKIE })],
    ['the cookie of plain headers', { headers: { cookie: COOKIE } }],
    ['a cookie without spaces around', { headers: { cookie: `a=b;leadwake_visitor=${ID};c` } }],
    ['a cookie after one that was emptied', { headers: { cookie: `leadwake_visitor=; ${COOKIE}` } }],
    ['FormData', form([['leadwake_visitor', ID]])],
    ['URLSearchParams', new URLSearchParams({ leadwake_visitor: ID })],
    ['a parsed body', { leadwake_visitor: ID }],
    ['a parsed body without a prototype', Object.assign(Object.create(null), { leadwake_visitor: ID })],
    ['a field that came twice, once empty', { leadwake_visitor: ['', ID] }],
    [
      'the same of FormData',
      form([
        ['leadwake_visitor', ''],
        ['leadwake_visitor', ID],
      ]),
    ],
    ['the body of an Express request', { headers: {}, body: { leadwake_visitor: ID } }],
    ['its cookie where it has no body', { headers: { cookie: COOKIE }, body: undefined }],
    ['its cookie where the field is empty', { headers: { cookie: COOKIE }, body: { leadwake_visitor: '' } }],
    [
      'its field before its cookie',
      { headers: { cookie: 'leadwake_visitor=another' }, body: { leadwake_visitor: ID } },
    ],
    ['the second source', new URLSearchParams(), new Request(url, { headers: { cookie: COOKIE } })],
    ['the source after none', undefined, null, { leadwake_visitor: ID }],
  ]
  it.each(found)('finds it in %s', (_where, ...sources) => {
    expect(visitorFrom(...sources)).toBe(ID)
  })

  const none: [what: string, Handed][] = [
    ['nothing', undefined],
    ['null', null],
    ['a request without cookies', new Request(url)],
    [
      'a request whose body nobody read',
      new Request(url, { method: 'POST', body: `leadwake_visitor=${ID}` }),
    ],
    ['a cookie of another name', { headers: { cookie: `xleadwake_visitor=${ID}; leadwake_visitor2=${ID}` } }],
    ['markup', { leadwake_visitor: '<script>' }],
    ['an id of 65 characters', { leadwake_visitor: 'x'.repeat(65) }],
    ['a number', { leadwake_visitor: 7 }],
    ['a nested field', { leadwake_visitor: { $ne: null } }],
    ['an inherited field', Object.create({ leadwake_visitor: ID })],
    ['a file', fileForm],
    ['a body that is text', { headers: {}, body: `leadwake_visitor=${ID}` }],
    ['a form field called cookie', form([['cookie', COOKIE]])],
    ['a measured visitor', { leadwake_visitor: `~${ID}` }],
  ]
  it.each(none)('finds none in %s', (_what, source) => {
    expect(visitorFrom(source)).toBeUndefined()
  })

  it('finds the cookie of a Node request', async () => {
    const found = await new Promise((resolve) => {
      const server = createServer((incoming, response) => {
        response.end()
        server.close()
        resolve(visitorFrom(incoming))
      }).listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo
        request({ port, host: '127.0.0.1', headers: { cookie: COOKIE } }).end()
      })
    })
    expect(found).toBe(ID)
  })
})

describe('pageFrom', () => {
  it.each<[string, Handed]>([
    ['FormData', form([['leadwake_page', ID]])],
    ['URLSearchParams', new URLSearchParams({ leadwake_page: ID })],
    ['a parsed body', { leadwake_page: ID }],
    ['an Express request', { headers: {}, body: { leadwake_page: ID } }],
  ])('finds the page view in %s', (_where, source) => {
    expect(pageFrom(source)).toBe(ID)
  })

  it('finds none in a cookie', () => {
    expect(pageFrom({ headers: { cookie: `leadwake_page=${ID}` } })).toBeUndefined()
  })
})
