import { build } from 'esbuild'
import { type MinifyOptions, minify } from 'terser'

/** What can be composed into the core, in the order in which it stands there. */
export const PIECES = ['layer', 'once', 'consent', 'identify', 'domains', 'hash', 'ga4', 'shop'] as const

const OPTIONS: MinifyOptions = {
  ecma: 2020,
  module: true,
  toplevel: true,
  compress: { passes: 3, unsafe_arrows: true, pure_getters: true, keep_fargs: false },
}

const path = (name: string) => new URL(name, import.meta.url).pathname

/**
 * Builds the script that sites load, in parts for `collector/script.ts`: the core, which holds the names
 * `__LEADWAKE_SITE__`, `__LEADWAKE_GIVEN__` and `__LEADWAKE_WITH__`, then each piece behind a line `//NAME`.
 */
export async function buildSnippet(): Promise<string> {
  const whole = await buildCore()
  const [call, values] = /__LEADWAKE_WITH__\(([^)]+)\),/.exec(whole)!
  const source = await bundled()
  const names = /__LEADWAKE_WITH__\(([^)]+)\)/.exec(source)![1]!.split(/,\s*/)
  const short = new Map(names.map((name, i) => [name.trim(), values!.split(',')[i]!]))
  // Two letters that the core does not use, for what one piece makes for others.
  short.set('layer', LAYER)
  const parts = [whole.replace(call, () => '__LEADWAKE_WITH__,')]
  for (const name of PIECES) parts.push(`//${name}`, await buildPiece(name, short))
  return `${parts.join('\n')}\n`
}

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path('main.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2020',
    // Modules are strict anyway; without this the file says so in 13 bytes.
    tsconfigRaw: {},
    write: false,
  })
  return outputFiles[0]!.text
}

async function buildCore(): Promise<string> {
  const { code } = await minify(inlineConstants(await bundled()), OPTIONS)
  // Whatever the host refuses while the script starts, the page does not see it.
  return `(()=>{try{${code!.replace(/;$/, '')}}catch{}})()`
}

/** What one piece makes for others; collector/script.ts declares it. */
const LAYER = 'l$'

/** A block of its own, whose errors stay in it, in which `$name` became the core's short name. */
async function buildPiece(name: string, short: Map<string, string>): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path(`with/${name}.ts`)],
    bundle: true,
    format: 'esm',
    target: 'es2020',
    tsconfigRaw: {},
    write: false,
  })
  const { code } = await minify(inlineConstants(outputFiles[0]!.text), {
    ...OPTIONS,
    mangle: { reserved: [...short.values()] },
  })
  const own = code!.replace(/\$(\w+)/g, (_, core: string) => short.get(core) ?? fail(`${name}: no $${core}`))
  // `var` would reach beyond the block.
  return `try{${own.replace(/;$/, '').replace(/^var |(?<=[;}])var /g, 'let ')}}catch{}`
}

function fail(problem: string): never {
  throw new Error(problem)
}

/** The bundler makes variables of the modules' constants (in capitals, on one line), which no minifier inlines. */
function inlineConstants(bundle: string): string {
  const constants = new Map<string, string>()
  const rest = bundle.replace(/^var ([A-Z][A-Z_\d]+) = ([^{\n]+);\n/gm, (_, name: string, value: string) => {
    constants.set(name, value)
    return ''
  })
  return rest.replace(/(?<!\.)\b[A-Z][A-Z_\d]+\b/g, (name) => constants.get(name) ?? name)
}
