import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { apiDocs, type Document } from '../../collector/dashboard/api-docs.tsx'
import { DOCUMENT } from '../openapi.ts'

const document = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as Document
const page = async () => {
  const answer = await apiDocs(document).request('https://go.example.com/docs')
  expect(answer.status).toBe(200)
  return { answer, html: await answer.text() }
}

it('shows every call with its example, and every type', async () => {
  const { html } = await page()
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, { operationId }] of Object.entries(methods)) {
      expect(html).toContain(`id="${operationId}"`)
      expect(html).toContain(`${method.toUpperCase()} ${path}`)
    }
  for (const name of Object.keys(document.components.schemas)) expect(html).toContain(`id="type-${name}"`)
  expect(html).toContain('https://go.example.com/v1/identify')
})

it('asks nobody else for anything, and leads nowhere that is not there', async () => {
  const { answer, html } = await page()
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(html).not.toMatch(/<script|style=|(?:src|href)="(?:https?:)?\/\//)
  const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
  for (const [, to] of html.matchAll(/href="#([^"]+)"/g)) expect(ids, to).toContain(to)
})
