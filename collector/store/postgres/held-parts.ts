/** The watermarks of the partitions that a store holds, as it saw them last: whoever else moves one, or writes to their visitors, is found out there. */
import type { Changes, Place, Touched, Watermark } from '../store.ts'
import { numberList } from './asker.ts'
import { givenOut, LAST_COLUMNS } from './given-out.ts'
import { TakenOver } from './leases.ts'
import { namedSince, TOUCH, TOUCHED, type TouchedRow, touching } from './touched.ts'
import { Overtaken } from './visitor-sets.ts'
import type { All, Read } from './writing.ts'

export interface HeldPartsOptions {
  /** Of `partitions`, from 0, in order. */
  held: readonly number[]
  partitions: number
  /** Under which each of them was taken. */
  epochs: readonly number[] | undefined
}

export interface EpochRow {
  part: number
  epoch: number | null
}

export function heldParts(all: All, { held, partitions, epochs }: HeldPartsOptions) {
  /** Last entry projected of each, as far as this store knows: nobody else may have moved it. */
  let seen: Map<number, number> | undefined
  /** How many of their visitors others had touched when this was looked at last. */
  let touchedSeen: Map<number, number> | undefined

  /** Throws unless all of these are still held under the epochs under which they were taken. */
  function mustBeHeld(rows: readonly EpochRow[]): void {
    if (!epochs) return
    for (const [i, part] of held.entries())
      if (rows.find((row) => row.part === part)?.epoch !== epochs[i]) throw new TakenOver(part)
  }

  async function place(): Promise<Place> {
    const rows = await all<Watermark & EpochRow>(
      'SELECT part, log_id AS "logId", seq, now, epoch FROM watermarks WHERE part = ANY ($1::text::bigint[])',
      numberList(held),
    )
    mustBeHeld(rows)
    const of = new Map(held.map((part) => [part, rows.find((row) => row.part === part)?.seq ?? 0]))
    seen = of
    const least = Math.min(...of.values())
    const logId = rows.find((row) => row.logId !== null)?.logId ?? null
    const now = rows.find(({ seq }) => seq === least)?.now ?? 0
    return { watermark: { logId, seq: least, now }, of }
  }

  return {
    mustBeHeld,
    place,
    isPlaced: (): boolean => seen !== undefined,
    async watermarks(): Promise<number[]> {
      const rows = await all<{ part: number; seq: number }>('SELECT part, seq FROM watermarks')
      return Array.from({ length: partitions }, (_, i) => rows.find(({ part }) => part === i)?.seq ?? 0)
    },
    /** Visitors of these whom others have touched since this was asked before; null where it may be any of them. */
    async touched(): Promise<number[] | null> {
      const rows = await all<TouchedRow>(TOUCHED, numberList(held))
      const before = touchedSeen
      touchedSeen = new Map(held.map((part) => [part, rows.find((row) => row.part === part)?.touched ?? 0]))
      const named = rows.map((row) => (before ? namedSince(row, before.get(row.part)!) : null))
      return named.some((some) => some === null) ? null : named.flatMap((some) => some!)
    },
    /**
     * Moves the watermarks from where they were seen last, and names whom of others the changes touch; throws where one is not
     * there any more, or not this store's to move, and where others have touched who is remembered here. In the order of the
     * partitions, in which all lock their rows.
     */
    async advance(read: Read, changes: Changes, others: Touched): Promise<void> {
      const { logId, seq, now } = changes.watermark
      const parts = [...held, ...others.keys()].sort((a, b) => a - b)
      const moved = await Promise.all(
        parts.map((part) =>
          others.has(part)
            ? read<{ touched: number }>(TOUCH, touching(part, others.get(part)!))
            : read<{ touched: number }>(MOVE, [
                part,
                logId,
                seq,
                now,
                seen!.get(part)!,
                epochs?.[held.indexOf(part)] ?? null,
                ...givenOut(changes, part),
              ]),
        ),
      )
      for (const part of held) {
        const [row] = moved[parts.indexOf(part)]!
        if (!row)
          throw new Error(`another projector has taken over partition ${part}: this one must start again`)
        if (touchedSeen && row.touched !== touchedSeen.get(part))
          throw new Overtaken('another projector has changed visitors of this one')
      }
    },
    /** They were, and are committed. */
    advanced(to: number): void {
      for (const [part, seq] of seen!) seen!.set(part, Math.max(seq, to))
    },
  }
}

const MOVE = `INSERT INTO watermarks (part, log_id, seq, now, ${LAST_COLUMNS}) VALUES ($1, $2, $3, $4, $7, $8, $9, $10)
   ON CONFLICT (part) DO UPDATE SET log_id = excluded.log_id, seq = greatest(watermarks.seq, excluded.seq),
     now = greatest(watermarks.now, excluded.now),
     ${LAST_COLUMNS.map((last) => `${last} = greatest(watermarks.${last}, excluded.${last})`)}
   WHERE watermarks.seq = $5 AND ($6::bigint IS NULL OR watermarks.epoch = $6)
   RETURNING coalesce(watermarks.touched, 0) AS touched`
