import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: './collector/store/sqlite/schema.ts',
  out: './collector/store/sqlite/migrations',
})
