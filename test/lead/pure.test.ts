import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const folder = new URL('../../collector/lead/', import.meta.url).pathname
const files = globSync('**/*.ts', { cwd: folder })

it.each(files)('collector/lead/%s is synchronous and pure, and imports nothing but shared/', (file) => {
  const text = readFileSync(folder + file, 'utf8')
  expect(text).not.toMatch(/await|async|Date\.now|new Date\(\)|Math\.random|process\.|drizzle|hono|console/)
  const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, path]) => path)
  expect(
    imports.filter(
      (path) => !/^(\.\.?\/)(presets\/)?[a-z-]+\.(ts|json)$|^(\.\.\/)+shared\/[a-z]+\.ts$/.test(path!),
    ),
  ).toEqual([])
})
