import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Makes the state's one migration anew from its schema, until a first version is released; from then on a change
 * is a migration of its own. drizzle cannot express WITHOUT ROWID: the schema's comments say which tables are.
 */
const FOLDER = 'collector/store/sqlite/migrations'

rmSync(FOLDER, { recursive: true, force: true })
execFileSync('drizzle-kit', ['generate', '--config', 'test/drizzle.config.ts', '--name', 'first'], {
  stdio: 'inherit',
})

const schema = readFileSync('collector/store/sqlite/schema.ts', 'utf8')
const clustered = [...schema.matchAll(/WITHOUT ROWID\.\s*\*\/\s*export const \w+ = sqliteTable\(\s*'(\w+)'/g)]
const file = `${FOLDER}/${readdirSync(FOLDER).find((name) => name.endsWith('.sql'))}`
let sql = readFileSync(file, 'utf8')
for (const [, table] of clustered) {
  const made = sql.replace(new RegExp(`(CREATE TABLE \`${table}\` \\([^;]*\\));`), '$1 WITHOUT ROWID;')
  if (made === sql) throw new Error(`${file}: no table ${table}`)
  sql = made
}
writeFileSync(file, sql)
