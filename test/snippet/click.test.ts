import { beforeEach, describe, expect, it, vi } from 'vitest'
import { parse } from '../../collector/parse.ts'
import { NOW, visit } from './visit.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

const links: [title: string, html: string, kind: string, expected: unknown[] | null][] = [
  ['a PDF', '<a href="/guide.pdf">', 'd', ['https://shop.example/guide.pdf', false]],
  ['upper case', '<a href="/GUIDE.PDF">', 'd', ['https://shop.example/GUIDE.PDF', false]],
  ['a file with a query', '<a href="/a.zip?token=s3cret">', 'd', ['https://shop.example/a.zip', false]],
  ['a file elsewhere', '<a href="https://cdn.example/a.7z">', 'd', ['https://cdn.example/a.7z', false]],
  ['the download attribute', '<a href="/export" download>', 'd', ['https://shop.example/export', true]],
  ['a page', '<a href="/pricing">', 'd', null],
  ['the root', '<a href="/">', 'd', null],
  ...['html', 'htm', 'xhtml', 'shtml', 'php', 'asp', 'aspx', 'jsp', 'jspx', 'do', 'HTML'].map(
    (name): [string, string, string, null] => [`a page .${name}`, `<a href="/a.${name}">`, 'd', null],
  ),
  ['a dot in a folder', '<a href="/v1.2/notes">', 'd', null],
  ['another host', '<a href="https://other.example/x?q=1">', 'd', ['https://other.example/x', false]],
  ['the same host', '<a href="https://shop.example/x">', 'd', null],
  ['credentials in a link', '<a href="https://me:pw@other.example/x">', 'd', ['https://*/x', false]],
  ['mailto', '<a href="mailto:me@shop.example">', 'd', null],
  ['tel', '<a href="tel:+4912345">', 'd', null],
  ['javascript', '<a href="javascript:void 0">', 'd', null],
  ['no href', '<a>', 'd', null],
  ['switched off', '<a data-leadwake-off href="/guide.pdf">', 'd', null],
]

describe('links', () => {
  it.each(links)('%s', async (_title, html, kind, expected) => {
    const page = visit({ html })
    page.click('a')
    await page.pass(0)
    expect(page.told(kind)).toEqual(expected ? [expected] : [])
    expect(page.errors).toEqual([])
  })

  it('sends the click at once, for the current view', () => {
    const page = visit({ html: '<a href="/guide.pdf"><b>Guide</b></a>' })
    page.click('b')
    expect(page.requests).toHaveLength(2)
  })

  it('hears a middle click, and no right click', async () => {
    const page = visit({ html: '<a href="/guide.pdf">' })
    page.fire(page.document.querySelector('a'), 'auxclick', { button: 1 })
    page.fire(page.document.querySelector('a'), 'auxclick', { button: 2 })
    await page.pass(0)
    expect(page.told('d')).toHaveLength(1)
  })

  it('hears links that came later, and that hide their clicks', async () => {
    const page = visit()
    page.document.body.innerHTML = '<p><a href="/late.pdf"></p>'
    page.document
      .querySelector('p')
      .addEventListener('click', (event: Event) => event.stopImmediatePropagation())
    page.click('a')
    await page.pass(0)
    expect(page.told('d')).toHaveLength(1)
  })

  it('hears links inside open shadow roots', async () => {
    const page = visit({ html: '<div></div>' })
    const root = page.document.querySelector('div').attachShadow({ mode: 'open' })
    root.innerHTML = '<a href="/shadow.pdf">x</a>'
    page.fire(root.querySelector('a'), 'click', { button: 0 })
    await page.pass(0)
    expect(page.told('d')).toEqual([['https://shop.example/shadow.pdf', false]])
  })
})

const marks: [title: string, html: string, kind: string, expected: unknown[] | null][] = [
  [
    'a cart add with all it may say',
    '<button data-leadwake-cart="Pump 3000" data-leadwake-quantity="2" data-leadwake-price="19.90" data-leadwake-currency="EUR">',
    'c',
    [{ cart: 'Pump 3000', quantity: '2', price: '19.90', currency: 'EUR' }],
  ],
  ['a cart add with nothing else', '<button data-leadwake-cart="Pump">', 'c', [{ cart: 'Pump' }]],
  ['a cart add around the click', '<p data-leadwake-cart="Pump"><button>', 'c', [{ cart: 'Pump' }]],
  ['a cart add that is off', '<p data-leadwake-off><button data-leadwake-cart="Pump">', 'c', null],
  [
    'a cart form waits for its submission',
    '<form data-leadwake-cart="Pump"><button type="button">',
    'c',
    null,
  ],
  ['a custom event', '<button data-leadwake-event="video">', 'x', [{ event: 'video' }]],
  [
    'a custom event with properties',
    '<button data-leadwake-event="video" data-leadwake-title="Intro" data-leadwake-seconds="30" data-other="x">',
    'x',
    [{ event: 'video', title: 'Intro', seconds: '30' }],
  ],
]

describe('markup', () => {
  it.each(marks)('%s', async (_title, html, kind, expected) => {
    const page = visit({ html })
    page.click('button')
    await page.pass(0)
    expect(page.told(kind)).toEqual(expected ? [expected] : [])
  })

  it('is read by the collector as a call is', async () => {
    const page = visit({ html: '<button data-leadwake-event="video" data-leadwake-title="Intro">' })
    page.click('button')
    await page.pass(0)
    const parsed = parse(JSON.stringify(page.bodies.at(-1)))
    expect(parsed).toMatchObject({
      beacon: { events: [{ kind: 'custom', name: 'video', props: { title: 'Intro' } }] },
    })
    expect(parsed).not.toHaveProperty('beacon.events[0].props.event')
  })
})
