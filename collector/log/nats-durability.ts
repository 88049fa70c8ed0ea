/** Servers older than this are refused: pulls of the reader and updates of a stream's bound need it. */
const OLDEST = [2, 9, 0] as const
/** From here on a server that is told to (`sync_interval: always`) has on disk what it acknowledges. */
const SYNCS = [2, 10, 23] as const

export interface Durability {
  /** Whether what was acknowledged is there after the power of all servers failed. A killed server loses nothing. */
  survivesPowerLoss: boolean
  /** A sentence for the operator: why. */
  why: string
}

/** Why a server of this version cannot hold the log; undefined where it can. */
export function refusedVersion(version: string): string | undefined {
  if (isAtLeast(version, OLDEST)) return undefined
  return `the NATS server is ${version}: the intake log needs ${OLDEST.join('.')} or newer`
}

/**
 * What a server of this version promises. `syncsAlways`: its configuration has `jetstream { sync_interval: always }`,
 * which the operator must say, since servers tell it to nobody.
 */
export function durabilityOf(version: string, syncsAlways: boolean): Durability {
  if (!isAtLeast(version, SYNCS))
    return {
      survivesPowerLoss: false,
      why: `NATS ${version} may lose to a power failure what it acknowledged in the last minutes: it needs ${SYNCS.join('.')} or newer, with sync_interval: always`,
    }
  if (!syncsAlways)
    return {
      survivesPowerLoss: false,
      why: `NATS ${version} may lose to a power failure what it acknowledged in the last minutes, unless its configuration says jetstream { sync_interval: always }`,
    }
  return { survivesPowerLoss: true, why: `NATS ${version} syncs to disk before it acknowledges` }
}

/** Of 'MAJOR.MINOR.PATCH', with or without what a pre-release adds. */
function isAtLeast(version: string, least: readonly number[]): boolean {
  const parts = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number)
  if (!parts) return false
  const differing = least.findIndex((part, i) => parts[i] !== part)
  return differing < 0 || parts[differing]! > least[differing]!
}
