import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

/** Makes garbage of which some lives for a while, as a server does, and tells the young generation's MiB. */
const CHURN = `
  import { getHeapSpaceStatistics } from 'node:v8'
  let kept = []
  for (let n = 0; n < 2e6; n++) {
    kept.push({ n, list: [n] })
    if (kept.length > 5e4) kept = []
  }
  const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size / 2 ** 20
  console.log(Math.round(young))
`

const heap = new URL('../collector/heap.ts', import.meta.url).href
const told = (setting: string, churn: string): number =>
  Number(
    execFileSync(process.execPath, ['--input-type=module', '-e', `${setting};${churn}`], {
      encoding: 'utf8',
    }),
  )

const inThread = `
  import { Worker } from 'node:worker_threads'
  new Worker(new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(CHURN)})))
`
const small = `import { keepHeapsSmall } from ${JSON.stringify(heap)}; keepHeapsSmall()`

describe('the young generation of a heap', () => {
  it.each([
    ['the main thread', CHURN, 8],
    ['a thread that starts later', inThread, 16],
  ])('stays small in %s', (_, churn, most) => {
    expect(told('', churn)).toBeGreaterThan(most)
    expect(told(small, churn)).toBeLessThanOrEqual(most)
  })

  it('has room for batches where a state is shared, but for threads that hold none', () => {
    const shared = small.replace('keepHeapsSmall()', 'keepHeapsSmall({ isShared: true })')
    const limited = inThread.replace(/\)\n *$/, ', { resourceLimits: heap.SMALL_YOUNG })')
    expect(told(shared, inThread)).toBeGreaterThan(16)
    expect(told(`${shared}; import * as heap from ${JSON.stringify(heap)}`, limited)).toBeLessThanOrEqual(16)
  })
})

describe('the old generation of a heap', () => {
  /** Keeps some 15 MiB, replaced by and by, and tells how often all of it was looked through. */
  const counted = `
    import { PerformanceObserver, constants } from 'node:perf_hooks'
    let times = 0
    new PerformanceObserver((list) => {
      times += list.getEntries().filter(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR).length
    }).observe({ entryTypes: ['gc'] })
    const kept = []
    for (let n = 0; n < 3e6; n++) kept[n % 2e5] = { n, list: [n] }
    setTimeout(() => console.log(times), 10)
  `

  it('is collected less often where a state is shared', () => {
    const shared = small.replace('keepHeapsSmall()', 'keepHeapsSmall({ isShared: true })')
    expect(told(shared, counted)).toBeLessThan(told(small, counted))
  })
})
