import { auc, type Estimate, share } from './auc.ts'

/** How well scores tell who was won. */
export interface Figures {
  leads: number
  won: number
  /** The chance that one who was won is scored above one who was lost. */
  auc: Estimate | null
  /** Share of the best tenth that was won. */
  topDecile: Estimate | null
  /** That share over the share of all that was won. */
  lift: number | null
  /** Fifths by score, the lowest first: the mean score and how many were won. */
  calibration: { score: number; leads: number; won: Estimate | null }[]
}

const FIFTHS = 5

export function figures(scores: readonly number[], won: readonly boolean[]): Figures {
  const people = scores.map((score, i) => ({ score, won: won[i]! })).sort((a, b) => a.score - b.score)
  const of = (wanted: boolean) => people.filter((one) => one.won === wanted).map(({ score }) => score)
  const hits = of(true)
  const top = people.slice(people.length - Math.max(1, Math.round(people.length / 10)))
  const best = share(top.filter((one) => one.won).length, top.length)
  const rate = people.length === 0 ? 0 : hits.length / people.length
  return {
    leads: people.length,
    won: hits.length,
    auc: auc(hits, of(false)),
    topDecile: best,
    lift: best && rate > 0 ? best.value / rate : null,
    calibration: Array.from({ length: FIFTHS }, (_, i) => {
      const fifth = people.slice(
        Math.round((people.length * i) / FIFTHS),
        Math.round((people.length * (i + 1)) / FIFTHS),
      )
      const mean = fifth.reduce((sum, { score }) => sum + score, 0) / Math.max(1, fifth.length)
      return {
        score: mean,
        leads: fifth.length,
        won: share(fifth.filter((one) => one.won).length, fifth.length),
      }
    }),
  }
}
