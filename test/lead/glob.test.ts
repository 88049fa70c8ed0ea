import { describe, expect, it } from 'vitest'
import { compileGlob, globProblem } from '../../collector/lead/glob.ts'
import { standard } from './standard.ts'

describe('a page-path glob', () => {
  it.each([
    ['/pricing**', '/pricing', true],
    ['/pricing**', '/pricing/', true],
    ['/pricing**', '/pricing/teams', true],
    ['/pricing**', '/pricing-2', true],
    ['/pricing**', '/Pricing', true],
    ['/pricing**', '/en/pricing', true],
    ['/pricing**', '/de-at/pricing/teams', true],
    ['/pricing**', '/zh-hant/pricing', true],
    ['/pricing**', '/eng/pricing', false],
    ['/pricing**', '/en/de/pricing', false],
    ['/pricing**', '/blog/pricing', false],
    ['/pricing**', '/price', false],
    ['/services/**', '/services', true],
    ['/services/**', '/services/', true],
    ['/services/**', '/services/cloud/backup', true],
    ['/services/**', '/de-at/services', true],
    ['/services/**', '/services-2', false],
    ['/services/**', '/', false],
    ['/about', '/about', true],
    ['/about', '/about/', true],
    ['/about', '/about/team', false],
    ['/shop/*/buy', '/shop/pump/buy', true],
    ['/shop/*/buy', '/shop/pump/x/buy', false],
    ['/shop/p-*-x', '/shop/p-1-x', true],
    ['/shop/p-*-x', '/shop/p-x', false],
    ['/shop/*/b**', '/shop/pump/buy/now', true],
    ['/shop/*/**', '/shop/pump', true],
    ['/shop/*/**', '/shop', false],
    ['/', '/', true],
    ['/', '/en', true],
    ['/', '/english', false],
    ['/**', '/anything/at/all', true],
  ])('%s and %s: %s', (glob, path, matches) => {
    expect(globProblem(glob)).toBeNull()
    expect(compileGlob(glob)(path)).toBe(matches)
  })

  it.each([
    ['pricing', 'starts with "/"'],
    ['/**/pricing', '"**" may only stand at the end'],
    ['/a*b*c', 'at most one "*"'],
    [`/${'x'.repeat(200)}`, 'at most 200 characters'],
  ])('%s is refused', (glob, problem) => {
    expect(globProblem(glob)).toContain(problem)
  })

  it('takes time linear in the path, whatever the glob', () => {
    const slow = `/${'a*/'.repeat(49)}**`
    const path = `/${'aaaaaaaaa/'.repeat(20_000)}`
    const matches = compileGlob(slow)
    expect(globProblem(slow)).toBeNull()
    expect(matches(path)).toBe(true)
    expect(matches(`/${'a'.repeat(200_000)}`)).toBe(false)
  })
})

describe('the kind of a page', () => {
  const rules = standard()
  it.each([
    ['/services/cloud', undefined, 'service'],
    ['/product/pump', undefined, 'service'],
    ['/quote', undefined, 'pricing'],
    ['/checkout/step-2', undefined, 'checkout'],
    ['/articles/ten-tips', undefined, 'blog'],
    ['/jobs/engineer', undefined, 'careers'],
    ['/fr/case-studies/acme', undefined, 'company'],
    ['/', undefined, null],
    ['/costs', 'pricing', 'pricing'],
    ['/blog/what-it-costs', ' Pricing ', 'pricing'],
    ['/blog/what-it-costs', 'nonsense', 'blog'],
  ])('%s with meta %s is %s', (path, meta, kind) => {
    expect(rules.pageKind(path, meta)).toBe(kind)
  })
})
