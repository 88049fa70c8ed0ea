/**
 * Who was there, as a few bytes: the numbers of visitors, or, of more than `MOST_LISTED`, a sketch (HyperLogLog) that
 * tells how many there were, of several sets together too. A list is exact and can let go of a visitor; a sketch
 * cannot.
 */

/** Numbers kept one by one. They take three bytes each, so that a list is at most three times a sketch. */
export const MOST_LISTED = 4_096
const PRECISION = 12
const REGISTERS = 2 ** PRECISION
/** Greatest rank of a register: leading zeros of 32 bits, and one. */
const MAX_RANK = 33
/** Standard error of a sketch: 1.04 / sqrt(registers) (Flajolet et al., 2007). */
export const SKETCH_ERROR = 1.04 / Math.sqrt(REGISTERS)

const LIST = 0
const SKETCH = 1

export class VisitorSet {
  private listed: Set<number> | undefined = new Set()
  private registers: Uint8Array | undefined

  /** Of bytes that `encode` made; an empty set of none. */
  static decode(bytes: Uint8Array | undefined): VisitorSet {
    const set = new VisitorSet()
    if (!bytes) return set
    if (bytes[0] === SKETCH) {
      set.listed = undefined
      set.registers = bytes.slice(1)
    } else for (const no of numbersIn(bytes)) set.listed!.add(no)
    return set
  }

  /** Bytes that it takes in memory, about. */
  get weight(): number {
    return this.listed ? 100 + 40 * this.listed.size : 100 + REGISTERS
  }

  get isEmpty(): boolean {
    return this.listed?.size === 0
  }

  /** The numbers; undefined of a sketch. */
  members(): number[] | undefined {
    return this.listed && [...this.listed]
  }

  /** Returns whether that changed anything. */
  add(no: number): boolean {
    if (this.registers) return note(this.registers, no)
    if (this.listed!.has(no)) return false
    this.listed!.add(no)
    if (this.listed!.size > MOST_LISTED) {
      this.registers = sketchOf(this.listed!)
      this.listed = undefined
    }
    return true
  }

  /** Returns whether that changed anything; a sketch keeps whom it has seen. */
  delete(no: number): boolean {
    return this.listed?.delete(no) ?? false
  }

  encode(): Buffer {
    if (this.registers) return Buffer.concat([Buffer.of(SKETCH), this.registers])
    const bytes = Buffer.allocUnsafe(1 + 5 * this.listed!.size)
    let at = 0
    bytes[at++] = LIST
    for (let no of this.listed!) {
      while (no > 127) {
        bytes[at++] = (no & 127) | 128
        no >>>= 7
      }
      bytes[at++] = no
    }
    return bytes.subarray(0, at)
  }
}

/** Counts the different visitors of several sets. */
export class VisitorUnion {
  /** A bit a visitor: their numbers are given out from 1 without gaps. */
  private seen = new Uint8Array(1_024)
  private listed = 0
  private registers: Uint8Array | undefined

  /** Bytes that `VisitorSet.encode` made. */
  add(bytes: Uint8Array): this {
    if (bytes[0] === SKETCH) this.join(bytes)
    else this.list(bytes)
    return this
  }

  /** `error` is the standard error as a share; 0 where the count is exact. */
  count(): { count: number; error: number } {
    const { registers } = this
    if (!registers) return { count: this.listed, error: 0 }
    this.seen.forEach((bits, place) => {
      for (let bit = 0; bits >> bit; bit++) if ((bits >> bit) & 1) note(registers, place * 8 + bit)
    })
    return { count: Math.round(estimate(registers)), error: SKETCH_ERROR }
  }

  private join(bytes: Uint8Array): void {
    this.registers ??= new Uint8Array(REGISTERS)
    for (let i = 0; i < REGISTERS; i++) {
      const rank = bytes[i + 1]!
      if (rank > this.registers[i]!) this.registers[i] = rank
    }
  }

  /** `numbersIn`, written out: a year of a large site has millions of them, and a generator costs ten times as much. */
  private list(bytes: Uint8Array): void {
    for (let i = 1; i < bytes.length; ) {
      let no = 0
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[i++]!
        no |= (byte & 127) << shift
        if (byte < 128) break
      }
      const place = no >>> 3
      if (place >= this.seen.length) this.widen(place)
      const bit = 1 << (no & 7)
      if (this.seen[place]! & bit) continue
      this.seen[place]! |= bit
      this.listed++
    }
  }

  private widen(place: number): void {
    const wider = new Uint8Array(Math.max(place + 1, this.seen.length * 2))
    wider.set(this.seen)
    this.seen = wider
  }
}

/** How many visitors a set holds, of the bytes that `VisitorSet.encode` made. */
export function sizeOf(bytes: Uint8Array): number {
  if (bytes[0] === SKETCH) return Math.round(estimate(bytes.subarray(1)))
  let size = 0
  for (let i = 1; i < bytes.length; i++) if (bytes[i]! < 128) size++
  return size
}

function* numbersIn(list: Uint8Array): Generator<number> {
  for (let i = 1; i < list.length; ) {
    let no = 0
    for (let shift = 0; ; shift += 7) {
      const byte = list[i++]!
      no |= (byte & 127) << shift
      if (byte < 128) break
    }
    yield no >>> 0
  }
}

function sketchOf(numbers: Iterable<number>): Uint8Array {
  const registers = new Uint8Array(REGISTERS)
  for (const no of numbers) note(registers, no)
  return registers
}

function note(registers: Uint8Array, no: number): boolean {
  const place = mix(no) >>> (32 - PRECISION)
  const rank = Math.clz32(mix(no ^ 0x9e3779b9)) + 1
  if (rank <= registers[place]!) return false
  registers[place] = rank
  return true
}

/** The finaliser of MurmurHash3 (public domain). */
function mix(no: number): number {
  let hash = no
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Otmar Ertl's estimator ('New cardinality estimation algorithms for HyperLogLog sketches', 2017), without a bias at any size. */
function estimate(registers: Uint8Array): number {
  const counts = new Array<number>(MAX_RANK + 1).fill(0)
  for (const rank of registers) counts[rank]!++
  let z = REGISTERS * tau(1 - counts[MAX_RANK]! / REGISTERS)
  for (let rank = MAX_RANK - 1; rank >= 1; rank--) z = 0.5 * (z + counts[rank]!)
  z += REGISTERS * sigma(counts[0]! / REGISTERS)
  return (REGISTERS / (2 * Math.LN2)) * (REGISTERS / z)
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY
  let [x, y, z] = [share, 1, share]
  for (let before = -1; before !== z; ) {
    x *= x
    before = z
    z += x * y
    y += y
  }
  return z
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let [x, y, z] = [share, 1, 1 - share]
  for (let before = -1; before !== z; ) {
    x = Math.sqrt(x)
    before = z
    y *= 0.5
    z -= (1 - x) ** 2 * y
  }
  return z / 3
}
