// `npm start`: checks Node, builds, serves; all in one process, so that a signal reaches it.
import { fileURLToPath } from 'node:url'

var major = Number(process.versions.node.split('.')[0])
if (major < 22) {
  console.error(
    'leadwake: needs Node 22 or newer, this is ' +
      process.versions.node +
      '; run `npm ci` first, which brings one',
  )
  process.exit(1)
}
import('./build.ts')
  .then((module) => module.buildAll())
  .then(() => {
    var program = fileURLToPath(new URL('../dist/leadwake.js', import.meta.url))
    process.argv.splice(1, 1, program, 'serve')
    return import(program)
  })
