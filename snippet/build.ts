import { build } from 'esbuild'
import { type MinifyOptions, minify, type SimpleIdentifierMangler } from 'terser'

/** What can be composed into the core, in the order in which it stands there. */
export const PIECES = ['tcf', 'layer', 'identify', 'attributes', 'hash', 'shop', 'domains'] as const

/** What can be composed into the piece `layer`. */
export const LOOKS = ['ga4', 'google'] as const

/**
 * The order in which letters become names: of some thousand orders that were tried the one whose files pack best.
 * Any order is right; after a change to the source test/snippet/letters.ts finds one that is some bytes better.
 */
export const LETTERS = 'slwft$yxbOrgMeFohmvBTLHRXQJWYikIVSKAUDGNZaujcq_pCndPEz'

/** Where nobody names a site: the collector drops such beacons by this name, so the mistake shows. */
const NO_SITE = 'unknown-site'

const OPTIONS: MinifyOptions = {
  ecma: 2020,
  module: true,
  toplevel: true,
  compress: {
    passes: 3,
    unsafe_arrows: true,
    pure_getters: true,
    booleans_as_integers: true,
    keep_fargs: false,
  },
}

const path = (name: string) => new URL(name, import.meta.url).pathname

/**
 * Builds the script that sites load, in parts for `collector/script.ts`: the core, which holds the names
 * `__LEADWAKE_SITE__`, `__LEADWAKE_GIVEN__`, `__LEADWAKE_CREDENTIALS__` and `__LEADWAKE_WITH__`, then each piece behind a line `//NAME`.
 */
export async function buildSnippet(letters = LETTERS): Promise<string> {
  const source = await bundled('main.ts')
  const lent = /__LEADWAKE_WITH__\(([^)]+)\)/.exec(source)![1]!.match(/\w+/g)!
  // The last letters, so that the pieces' own names may be the letters that the core's are, which packs best.
  const short = new Map(lent.map((name, i) => [name, letters.at(-1 - i)!]))
  const names = namesOf(letters)
  const core = await minified(source, {
    mangle: { nth_identifier: names },
    nameCache: {
      vars: { props: Object.fromEntries([...short].map(([name, letter]) => [`$${name}`, letter])) },
    },
  })
  short.set('item', letters.at(-1 - lent.length)!)
  const parts = [
    // Whatever the host refuses while the script starts, the page does not see it.
    `try{${scoped(core).replace(/__LEADWAKE_WITH__\([^)]+\)/, '__LEADWAKE_WITH__')}}catch{}`,
  ]
  // Pieces are calls of functions whose errors stay in them, looks statements in the one of `layer`.
  for (const name of PIECES)
    parts.push(`//${name}`, `${short.get('safe')}(()=>{${await buildPiece(name, short, names)}})(),`)
  for (const name of LOOKS) parts.push(`//${name}`, `${await buildPiece(name, short, names)};`)
  parts.push('//site', `${short.get('dataset')}.site||"${NO_SITE}"`)
  parts.push('//debug', await minified(await bundled('debug-main.ts'), {}))
  return `${parts.join('\n')}\n`
}

async function minified(source: string, options: MinifyOptions): Promise<string> {
  const { code } = await minify(inlineConstants(source), { ...OPTIONS, ...options })
  // Each word for a kind of thing once: nothing here is declared twice, or compares what differs in type only.
  return code!
    .replace(/;$/, '')
    .replace(/\bconst(?=[ {[])/g, 'let')
    .replace(/([!=]=)=/g, '$1')
}

async function bundled(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path(name)],
    bundle: true,
    format: 'esm',
    target: 'es2021',
    // Modules are strict anyway; without this the file says so in 13 bytes.
    tsconfigRaw: {},
    write: false,
  })
  return outputFiles[0]!.text
}

/** Statements in which `$name` became the core's short name. */
async function buildPiece(
  name: string,
  short: Map<string, string>,
  names: SimpleIdentifierMangler,
): Promise<string> {
  const code = await minified(await bundled(`with/${name}.ts`), {
    mangle: { nth_identifier: names, reserved: [...short.values(), '$item'] },
  })
  const own = code.replace(
    /\$([a-z]\w+)/gi,
    (_, core: string) => short.get(core) ?? fail(`${name}: no $${core}`),
  )
  return scoped(own).replace(/__LEADWAKE_LOOKS__\(.\)/, '{__LEADWAKE_LOOKS__}')
}

/** `var` would reach beyond the block. */
const scoped = (code: string) => code.replace(/^var |(?<=[;}])var /g, 'let ')

/** Names in the order of the letters: `e`, `t`, ... `$`, `ee`, `te`, ... */
function namesOf(letters: string): SimpleIdentifierMangler {
  return {
    get(n) {
      const last = letters[n % letters.length]!
      return n < letters.length ? last : this.get(Math.floor(n / letters.length) - 1) + last
    },
  }
}

function fail(problem: string): never {
  throw new Error(problem)
}

/** The bundler makes variables of the modules' constants (in capitals, on one line), which no minifier inlines. */
function inlineConstants(bundle: string): string {
  const constants = new Map<string, string>()
  const rest = bundle.replace(
    /^var ([A-Z][A-Z_\d]+) = ([^{\n][^\n]*);\n/gm,
    (_, name: string, value: string) => {
      constants.set(name, value)
      return ''
    },
  )
  return rest.replace(/(?<!\.)\b[A-Z][A-Z_\d]+\b/g, (name) => constants.get(name) ?? name)
}
