/** One person: sparse features by their column, and how it ended. */
export interface Sample {
  /** In rising order of columns. */
  x: readonly (readonly [column: number, value: number])[]
  /** Added to the score as it is: what is known before anything is learned. */
  offset: number
  won: boolean
}

export interface Fitted {
  intercept: number
  weights: Float64Array
}

/** Newton's method is there after five to eight steps; more are a sign of separation, which the ridge keeps finite. */
const MAX_STEPS = 50
const CLOSE = 1e-9
/** Curvature that is left where the likelihood is flat. */
const FLAT = 1e-10
const LEAST_SHARE = 1e-12

export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z))

/** Mean negative log-likelihood of outcomes under scores; the smaller the better. */
export function logLoss(scores: readonly number[], won: readonly boolean[]): number {
  const each = scores.map((z, i) => Math.log1p(Math.exp(-Math.abs(z))) + Math.max(0, won[i] ? -z : z))
  return each.reduce((sum, one) => sum + one, 0) / each.length
}

/** Samples as rows of a sparse matrix, laid end to end: the loops below run over them thousands of times. */
interface Rows {
  /** Where each row begins; one more than there are rows. */
  begin: Int32Array
  column: Int32Array
  value: Float64Array
  offset: Float64Array
  won: Uint8Array
}

function rowsOf(samples: readonly Sample[]): Rows {
  const begin = new Int32Array(samples.length + 1)
  for (const [i, { x }] of samples.entries()) begin[i + 1] = begin[i]! + x.length
  const column = new Int32Array(begin[samples.length]!)
  const value = new Float64Array(begin[samples.length]!)
  let at = 0
  for (const { x } of samples) {
    for (const [where, much] of x) {
      column[at] = where
      value[at++] = much
    }
  }
  return {
    begin,
    column,
    value,
    offset: Float64Array.from(samples, ({ offset }) => offset),
    won: Uint8Array.from(samples, ({ won }) => Number(won)),
  }
}

/**
 * Logistic regression by Newton's method with a ridge of `lambda` on the weights and none on the intercept. `least` bounds
 * each weight from below: one that would fall under its bound is set to it and taken out, which for a few weights is
 * as good as a solver for bounds. Deterministic: sums run in the order of the samples. `start` saves steps.
 */
export function fitLogistic(
  samples: readonly Sample[],
  columns: number,
  lambda: number,
  least: Float64Array = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY),
  start: Fitted = { intercept: 0, weights: new Float64Array(columns) },
): Fitted {
  const rows = rowsOf(samples)
  const fixed = new Uint8Array(columns)
  let fitted = start
  for (;;) {
    fitted = newton(rows, columns, lambda, fixed, fitted)
    let clipped = false
    for (let i = 0; i < columns; i++) {
      if (fixed[i] || fitted.weights[i]! >= least[i]!) continue
      fitted.weights[i] = least[i]!
      fixed[i] = 1
      clipped = true
    }
    if (!clipped) return fitted
    // From where the old intercept left it, a bound can put all scores where the likelihood is flat.
    fitted = { intercept: levelled(rows, fitted.weights), weights: fitted.weights }
  }
}

/** The intercept that puts the mean score at the log-odds of the outcomes. */
function levelled({ begin, column, value, offset, won }: Rows, weights: Float64Array): number {
  let sum = 0
  let hits = 0
  for (let row = 0; row < won.length; row++) {
    sum += offset[row]!
    for (let k = begin[row]!; k < begin[row + 1]!; k++) sum += weights[column[k]!]! * value[k]!
    hits += won[row]!
  }
  return Math.log((hits + 1) / (won.length - hits + 1)) - sum / won.length
}

function newton(rows: Rows, columns: number, lambda: number, fixed: Uint8Array, start: Fitted): Fitted {
  let at = start
  let loss = penalised(rows, lambda, at)
  for (let step = 0; step < MAX_STEPS; step++) {
    const move = direction(rows, columns, lambda, fixed, at)
    // A whole step can overshoot where the likelihood is flat: half of it then, and half of that.
    let share = 1
    let next = moved(at, move, share, columns)
    let after = penalised(rows, lambda, next)
    while (after > loss && share > LEAST_SHARE) {
      share /= 2
      next = moved(at, move, share, columns)
      after = penalised(rows, lambda, next)
    }
    if (after >= loss) return at
    const gain = loss - after
    at = next
    loss = after
    if (gain < CLOSE * (1 + loss)) return at
  }
  return at
}

function moved({ intercept, weights }: Fitted, move: Float64Array, share: number, columns: number): Fitted {
  return {
    intercept: intercept - share * move[columns]!,
    weights: weights.map((weight, i) => weight - share * move[i]!),
  }
}

function penalised(rows: Rows, lambda: number, { intercept, weights }: Fitted): number {
  const { begin, column, value, offset, won } = rows
  let loss = 0
  for (let row = 0; row < won.length; row++) {
    let z = intercept + offset[row]!
    for (let k = begin[row]!; k < begin[row + 1]!; k++) z += weights[column[k]!]! * value[k]!
    loss += Math.log1p(Math.exp(-Math.abs(z))) + Math.max(0, won[row] === 1 ? -z : z)
  }
  for (const weight of weights) loss += (lambda / 2) * weight * weight
  return loss
}

/** The step that Newton's method takes downhill; nothing for weights that are fixed. */
function direction(
  { begin, column, value, offset, won }: Rows,
  columns: number,
  lambda: number,
  fixed: Uint8Array,
  { intercept, weights }: Fitted,
): Float64Array {
  const size = columns + 1
  const gradient = new Float64Array(size)
  const hessian = new Float64Array(size * size)
  for (let row = 0; row < won.length; row++) {
    const [from, to] = [begin[row]!, begin[row + 1]!]
    let z = intercept + offset[row]!
    for (let k = from; k < to; k++) z += weights[column[k]!]! * value[k]!
    const p = sigmoid(z)
    const residual = p - won[row]!
    const curve = Math.max(p * (1 - p), FLAT)
    gradient[columns]! += residual
    hessian[columns * size + columns]! += curve
    // Columns of a row rise, so that this fills the lower triangle.
    for (let k = from; k < to; k++) {
      const i = column[k]!
      if (fixed[i]) continue
      const much = value[k]!
      gradient[i]! += residual * much
      hessian[columns * size + i]! += curve * much
      for (let l = from; l <= k; l++)
        if (!fixed[column[l]!]) hessian[i * size + column[l]!]! += curve * much * value[l]!
    }
  }
  for (let i = 0; i < columns; i++) {
    if (!fixed[i]) gradient[i]! += lambda * weights[i]!
    hessian[i * size + i]! += fixed[i] ? 1 : lambda
  }
  hessian[columns * size + columns]! += FLAT
  return solve(hessian, gradient, size)
}

/** Solves A x = b for a symmetric positive A of which the lower triangle is given, by Cholesky's method; A is used up. */
function solve(a: Float64Array, b: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!
      a[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / a[j * n + j]!
    }
  }
  const x = b.slice()
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= a[i * n + k]! * x[k]!
    x[i]! /= a[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= a[k * n + i]! * x[k]!
    x[i]! /= a[i * n + i]!
  }
  return x
}
