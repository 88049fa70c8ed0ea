/** Which of so many partitions a visitor's entries are in, from 0. What divides `partitions` divides them the same way. */
export function visitorPartition(visitor: { site: string; visitor: string }, partitions: number): number {
  return visitorHash(visitor) % partitions
}

/** FNV-1a (public domain) of a visitor's site and key, as a number from 0 below 2^32. */
export function visitorHash({ site, visitor }: { site: string; visitor: string }): number {
  const text = `${site} ${visitor}`
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
