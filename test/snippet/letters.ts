/**
 * Seeks the order of letters (see `LETTERS` in snippet/build.ts) whose files pack best, by annealing:
 * `node test/snippet/letters.ts [SECONDS] [WEIGHT]`. The weight (default 1) is what a byte of the file with all shop
 * and consent adapters counts against one of the core.
 */
import { brotliCompressSync, constants } from 'node:zlib'
import { composer } from '../../collector/script.ts'
import { buildSnippet, LETTERS } from '../../snippet/build.ts'

const seconds = Number(process.argv[2] ?? 60)
const weight = Number(process.argv[3] ?? 1)
/** Bytes by which a step may be worse at the beginning, roughly. */
const HEAT = 2.5

// Built once, with letters that occur nowhere else in the place of the names.
const FIRST = 0x4e00
const compose = composer(
  await buildSnippet([...LETTERS].map((_, i) => String.fromCharCode(FIRST + i)).join('')),
)
const texts = [[], ['ga4', 'woo', 'shopify', 'consent', 'domains']].map((composed) =>
  compose({ site: 'main', given: true, composed }),
)

function sizesOf(letters: string[]): [core: number, all: number] {
  const sizes = texts.map((text) => {
    const named = text.replace(/[\u4e00-\u4eff]/g, (mark) => letters[mark.charCodeAt(0) - FIRST]!)
    return brotliCompressSync(named, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length
  })
  return [sizes[0]!, sizes[1]!]
}

const costOf = ([core, all]: [number, number]) => core + weight * all
const pick = () => Math.floor(Math.random() * LETTERS.length)

let letters = [...LETTERS]
let cost = costOf(sizesOf(letters))
let best = letters
let bestCost = cost
const started = performance.now()
for (let left = 1; left > 0; left = 1 - (performance.now() - started) / (seconds * 1_000)) {
  const next = [...letters]
  const [a, b] = [pick(), pick()]
  if (Math.random() < 0.7) [next[a], next[b]] = [next[b]!, next[a]!]
  else next.splice(b, 0, ...next.splice(a, 1))
  const nextCost = costOf(sizesOf(next))
  if (nextCost > cost && Math.random() > Math.exp((cost - nextCost) / (HEAT * left))) continue
  letters = next
  cost = nextCost
  if (cost < bestCost) [best, bestCost] = [letters, cost]
}
console.info(sizesOf(best).join(' and '), 'bytes', best.join(''))
