import { beforeEach, describe, expect, it, vi } from 'vitest'
import { NOW, visit } from './visit.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})

const FIELDS = '<input type="hidden" name="leadwake_visitor"><input type="hidden" name="leadwake_page">'
const SECRETS = '<input name="email" value="eve@private.example"><input name="password" value="hunter2">'
const value = (page: ReturnType<typeof visit>, name: string) =>
  page.document.querySelector(`[name=leadwake_${name}]`).value

const forms: [title: string, html: string, expected: unknown[] | null][] = [
  ['by name', `<form name="demo" action="/go">${SECRETS}</form>`, ['demo', 'https://shop.example/go']],
  ['by id', `<form id="demo" action="/go">${SECRETS}</form>`, ['demo', 'https://shop.example/go']],
  ['without either', `<form>${SECRETS}</form>`, ['', 'https://shop.example/page']],
  [
    'fields that hide the form’s own properties',
    '<form name="demo" action="/go"><input name="action"><input name="id"><input name="name"><input name="getAttributeNode"></form>',
    ['demo', 'https://shop.example/go'],
  ],
  [
    'secrets in the action',
    '<form name="a" action="https://other.example/u/eve@private.example?key=1"></form>',
    ['a', 'https://other.example/u/*'],
  ],
  ['switched off', `<form name="demo" data-leadwake-off>${SECRETS}</form>`, null],
]

describe('forms', () => {
  it.each(forms)('are told %s, never what was typed', async (_title, html, expected) => {
    const page = visit({ url: 'https://shop.example/page', html })
    page.fire(page.document.querySelector('form'), 'submit')
    await page.pass(0)
    expect(page.told('f')).toEqual(expected ? [expected] : [])
    expect(JSON.stringify(page.bodies)).not.toMatch(/eve|hunter2|private/)
    expect(page.errors).toEqual([])
  })

  it('may be cart adds and custom events by markup', async () => {
    const page = visit({ html: '<form data-leadwake-cart="Pump" data-leadwake-event="bought"></form>' })
    page.fire(page.document.querySelector('form'), 'submit')
    await page.pass(0)
    expect(page.told('c')).toHaveLength(1)
    expect(page.told('x')).toHaveLength(1)
    expect(page.told('f')).toHaveLength(1)
  })

  it('are handed the visitor and the page view, on load', async () => {
    const page = visit({ served: { consent: 'given' }, html: `<form>${FIELDS}</form>` })
    await page.pass(0)
    expect(value(page, 'visitor')).toBe(page.bodies[0]!.v)
    expect(value(page, 'page')).toBe(page.events('p')[0]![1])
  })

  it('are handed only the page view in measure mode', () => {
    const page = visit({ html: `<form>${FIELDS}</form>` })
    expect(value(page, 'visitor')).toBe('')
    expect(value(page, 'page')).toMatch(/^\d{22}$/)
  })

  it('are handed both before the page’s own handlers read them, when they came late', () => {
    const page = visit({ served: { consent: 'given' } })
    page.document.body.innerHTML = `<form>${FIELDS}</form>`
    let read = ''
    const form = page.document.querySelector('form')
    form.addEventListener('submit', (event: Event) => {
      event.preventDefault()
      read = value(page, 'visitor')
    })
    page.fire(form, 'submit')
    expect(read).toBe(page.window.leadwake.visitor())
  })

  it('follow the view and the consent', async () => {
    const page = visit({ html: `<form>${FIELDS}</form>` })
    page.route('/b')
    await page.pass(200)
    expect(value(page, 'page')).toBe(page.events('p')[1]![1])
    page.window.leadwake.consent(true)
    expect(value(page, 'visitor')).toBe(page.window.leadwake.visitor())
    page.window.leadwake.consent(false)
    expect(value(page, 'visitor')).toBe('')
  })
})
