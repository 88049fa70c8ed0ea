import { readFileSync } from 'node:fs'
import { parseRules } from './lead/parse-rules.ts'
import { Sentence } from './sentence.ts'

/** What stands in a file of rules, comments and all; its errors name the line. Throws a `Sentence` where there is no file to read. */
export function readRules(path: string): ReturnType<typeof parseRules> {
  try {
    return parseRules(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Sentence(
      `the rules in ${path} cannot be read: ${error instanceof Error ? error.message : error}`,
    )
  }
}

/** The document in a file of rules. Throws a `Sentence` where they do not hold. */
export function rulesInFile(path: string): unknown {
  const result = readRules(path)
  if (!result.ok) throw new Sentence(`the rules in ${path} do not hold: ${result.errors.join('; ')}`)
  return result.document
}
