/** Samples of Prometheus' text form, by name and labels as they stand there. */
export function samplesOf(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  )
}

export interface Conservation {
  received: number
  pending: number
  stored: number
  duplicate: number
  'dead-lettered': number
  dropped: number
  rejected: number
  /** Received, less all that became of it: 0. */
  unaccounted: number
}

/** The conservation counts out of `/metrics`. */
export function conservationOf(text: string): Conservation {
  const samples = samplesOf(text)
  const outcome = (name: string) =>
    Object.entries(samples)
      .filter(([key]) => key.startsWith(`leadwake_events_total{outcome="${name}"`))
      .reduce((sum, [, n]) => sum + n, 0)
  const parts = {
    pending: samples.leadwake_pending_events!,
    stored: outcome('stored'),
    duplicate: outcome('duplicate'),
    'dead-lettered': outcome('dead-lettered'),
    dropped: outcome('dropped'),
    rejected: outcome('rejected'),
  }
  const received = samples.leadwake_received_events_total!
  const sum = Object.values(parts).reduce((total, n) => total + n, 0)
  return { received, ...parts, unaccounted: received - sum }
}

/** Asks a collector on this machine. */
export async function conservation(origin: string): Promise<Conservation> {
  return conservationOf(await (await fetch(`${origin}/metrics`)).text())
}
