import { build, transform } from 'esbuild'

/**
 * Bundles and minifies the script that sites load. It holds the literal `"__LEADWAKE_SETTINGS__"` once, with
 * its quotes, which the collector replaces by an object literal.
 */
export async function buildSnippet(): Promise<string> {
  const target = 'es2020'
  const { outputFiles } = await build({
    entryPoints: [new URL('main.ts', import.meta.url).pathname],
    bundle: true,
    format: 'iife',
    target,
    // Modules are strict anyway; without this the file says so in 13 bytes.
    tsconfigRaw: {},
    write: false,
  })
  const { code } = await transform(inlineConstants(outputFiles[0]!.text), {
    minify: true,
    target,
    charset: 'utf8',
  })
  // Whatever the host refuses while the script starts, the page does not see it.
  return code.trim().replace(/^\(\(\)=>\{(.+)\}\)\(\);$/s, '(()=>{try{$1}catch{}})()')
}

/** The bundler makes variables of the modules' constants (in capitals, on one line), which no minifier inlines. */
function inlineConstants(bundle: string): string {
  const constants = new Map<string, string>()
  const rest = bundle.replace(/^ {2}var ([A-Z][A-Z_\d]+) = (.+);\n/gm, (_, name: string, value: string) => {
    constants.set(name, value)
    return ''
  })
  return rest.replace(/\b[A-Z][A-Z_\d]+\b/g, (name) => constants.get(name) ?? name)
}
