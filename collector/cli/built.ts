import { existsSync, readFileSync } from 'node:fs'
import { Sentence } from '../sentence.ts'

/** The built browser script, which lies beside the built program. Throws a `Sentence`. */
export function builtSnippet(): string {
  const path = new URL('./l.js', import.meta.url)
  if (!existsSync(path)) throw new Sentence('the browser script is not built; run `npm run build`')
  return readFileSync(path, 'utf8')
}
