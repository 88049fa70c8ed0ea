import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Which of these names stand as bytes in which files of a folder: tables, free pages, write-ahead logs and all. */
export function tracesOf(folder: string, names: readonly string[]): string[] {
  const found: string[] = []
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, file)
    if (statSync(path).isDirectory()) continue
    const bytes = readFileSync(path)
    for (const name of names) {
      for (const encoding of ['utf8', 'utf16le'] as const)
        if (bytes.includes(Buffer.from(name, encoding))) found.push(`${file}: ${name}`)
    }
  }
  return found
}
