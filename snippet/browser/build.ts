import { build, type Plugin } from 'esbuild'
import { LOOKS, PIECES } from '../build.ts'

const path = (name: string) => new URL(name, import.meta.url).pathname

/**
 * Builds `leadwake/browser` into a file: one ES module without a statement that does something, so that bundlers
 * drop what is not imported. Core and pieces are the script's own sources.
 */
export async function buildBrowser(outfile: string): Promise<void> {
  const built: Record<string, () => Promise<string>> = { core: coreModule, pieces: piecesModule }
  const plugin: Plugin = {
    name: 'leadwake',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^leadwake:/ }, ({ path: name }) => ({
        path: name.slice('leadwake:'.length),
        namespace: 'leadwake',
      }))
      onLoad({ filter: /./, namespace: 'leadwake' }, async ({ path: name }) => ({
        contents: await built[name]!(),
      }))
    },
  }
  await build({
    entryPoints: [path('browser.ts')],
    outfile,
    bundle: true,
    platform: 'neutral',
    format: 'esm',
    target: 'es2022',
    plugins: [plugin],
    logLevel: 'warning',
  })
}

/** The script as a function: what the tag and the collector would tell it are its arguments. */
async function coreModule(): Promise<string> {
  const source = await bundled('../main.ts', {
    'document.currentScript': 'tag',
    __LEADWAKE_SITE__: 'tag.dataset.site',
    __LEADWAKE_GIVEN__: 'tag.given',
    __LEADWAKE_CREDENTIALS__: '"omit"',
  })
  const call = /__LEADWAKE_WITH__\(([^)]+)\)/
  const names = call.exec(source)?.[1]?.match(/\w+/g)
  if (!names) throw new Error('main.ts composes nothing in')
  if (/document\.currentScript|__LEADWAKE_(?!WITH)/.test(source))
    throw new Error('main.ts reads what it should be told')
  const pieces = await piecesModule()
  // Where neither side assigns, the value itself will do.
  const changes = (name: string) => assigned(source, name) || assigned(pieces, `lent.${name}`)
  const lent = names.map((name) =>
    changes(name) ? `get ${name}() { return ${name} }, set ${name}(value) { ${name} = value }` : name,
  )
  const composed = source
    .replace(call, () => `compose({ ${lent.join(', ')} })`)
    // Bundlers would look for the file that explains; it lies at the collector.
    .replace(/\bimport\((?=new URL)/, 'import(/* webpackIgnore: true */ /* @vite-ignore */ ')
  return `export const core = (tag, compose) => {\n${composed}}\n`
}

/** Whether a name gets a value after its declaration; a local of the same name counts too, which does no harm. */
const assigned = (code: string, name: string): boolean =>
  new RegExp(`(?<!\\bvar )(?<![.\\w])${name.replace('.', '\\.')} =(?!=)`).test(code)

/** Each piece as a function of what the core lends; `layer` takes looks besides, and these the item that they see. */
async function piecesModule(): Promise<string> {
  const made = await Promise.all(
    [...PIECES, ...LOOKS].map(async (name) => {
      const code = (await bundled(`../with/${name}.ts`))
        .replaceAll('__LEADWAKE_LOOKS__($item)', 'looks.map((look) => look(lent, item))')
        .replaceAll('$item', 'item')
        .replace(/\$([a-z]\w+)/gi, 'lent.$1')
      return `export const ${name} = (lent, ${name === 'layer' ? 'looks' : 'item'}) => {\n${code}}\n`
    }),
  )
  return made.join('')
}

async function bundled(name: string, define: Record<string, string> = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path(name)],
    bundle: true,
    format: 'esm',
    target: 'es2021',
    tsconfigRaw: {},
    define,
    write: false,
  })
  return outputFiles[0]!.text
}
