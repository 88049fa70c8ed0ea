/** What is left of 1 after so many days: 2^(-days / half-life); null never decays. */
export const decay = (days: number, halfLife: number | null): number =>
  halfLife === null || days === 0 ? 1 : 2 ** (-days / halfLife)
