/**
 * What the main thread and the projector say to each other without a message: a message costs both of them 5 to
 * 20 us, and there is one to say with each commit.
 */
export interface Signal {
  /** [0] counts commits, [1] is 1 once the projector is to stop, [2] while somebody watches live, [3] counts entries that are waited for. */
  commits: Int32Array
  /**
   * [0] is the last sequence number projected, by all where there are several; [1] where the projector of this process stands, if
   * that is another: it died of something right behind.
   */
  projected: BigInt64Array
}

export function createSignal(): Signal {
  return {
    commits: new Int32Array(new SharedArrayBuffer(16)),
    projected: new BigInt64Array(new SharedArrayBuffer(16)),
  }
}

/** Main thread: the log has grown. */
export function ring({ commits }: Signal): void {
  Atomics.add(commits, 0, 1)
  Atomics.notify(commits, 0)
}

/** Main thread: the log has grown by what somebody waits for. */
export function hurry(signal: Signal): void {
  Atomics.add(signal.commits, 3, 1)
  Atomics.notify(signal.commits, 3)
  ring(signal)
}

/** Main thread: end the current batch and stop. */
export function ringToStop(signal: Signal): void {
  Atomics.store(signal.commits, 1, 1)
  Atomics.notify(signal.commits, 1)
  hurry(signal)
}

/** Main thread: whether somebody wants to know what is committed. */
export function watch({ commits }: Signal, isWatched: boolean): void {
  Atomics.store(commits, 2, Number(isWatched))
}

export const isWatched = ({ commits }: Signal): boolean => Atomics.load(commits, 2) === 1
export const isStopping = ({ commits }: Signal): boolean => Atomics.load(commits, 1) === 1
export const hurries = ({ commits }: Signal): number => Atomics.load(commits, 3)
export const heard = ({ commits }: Signal): number => Atomics.load(commits, 0)

/** Where the projector stood when it was last heard of. */
export const standingOf = ({ projected }: Signal): number =>
  Number(Atomics.load(projected, 1) || Atomics.load(projected, 0))

/** Projector: sleeps until the log has grown beyond what was `heard`, at most so long, ms. Blocks the thread. */
export function sleep({ commits }: Signal, since: number, ms: number): void {
  Atomics.wait(commits, 0, since, ms)
}

/** Projector: sleeps so long, ms, whatever happens to the log; a stop ends it. */
export function linger({ commits }: Signal, ms: number): void {
  Atomics.wait(commits, 1, 0, ms)
}

/** Projector: the same without blocking the thread; it ends early when somebody waits for more than there was at `hurried`. */
export async function lingered({ commits }: Signal, hurried: number, ms: number): Promise<void> {
  const waiting = Atomics.waitAsync(commits, 3, hurried, ms)
  if (waiting.async) await waiting.value
}
