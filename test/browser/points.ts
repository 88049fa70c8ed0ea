import type { LeadAnswer } from '../../shared/api.ts'

/** Adds up in hundredths, as the score does. */
export const sum = (points: number[]): number =>
  points.reduce((total, each) => total + Math.round(each * 100), 0) / 100

/** Points of each rule on the days themselves, before they faded. */
export const pointsByRule = ({ reasons }: LeadAnswer): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(reasons, ({ rule }) => rule)].map(([rule, lines]) => [
      rule,
      sum(lines.map(({ points, pointsThen }) => pointsThen ?? points)),
    ]),
  )
